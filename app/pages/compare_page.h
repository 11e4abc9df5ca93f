// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/bridge/run_library.h"
#include "app/bridge/session.h"
#include "app/bridge/tokenizer_shelf.h"
#include "app/pages/compared_runs.h"

#include <QWidget>

#include <functional>
#include <set>

class QAction;
class QComboBox;
class QHBoxLayout;
class QLabel;
class QStackedWidget;

namespace steploom {

class CanvasLegend;
class CanvasTransport;
class CompareColumn;
class CompareDetails;
class FlatButton;
class InlineMessage;
class PillButton;
class PrimaryButton;

/// Two to four runs side by side: the texts of one sample index in one row, what differs framed, one scrubber
/// for all; below, differences of measures and settings. Which runs they are is remembered.
class ComparePage : public QWidget {
    Q_OBJECT
public:
    ComparePage(Session& session, RunLibrary& library, QWidget* parent = nullptr);

    /// Shows these, in this order; what is not there is told of, and what is beyond kMostCompared left out.
    void setRuns(const std::vector<qint64>& ids);
    std::vector<qint64> runs() const;
    std::size_t baseline() const noexcept { return m_baseline; }
    int sample() const noexcept { return m_sample; }
    /// For palette and shortcuts.
    QList<QAction*> commands() const { return m_commands; }

    /// Asks for runs to add; replaced by tests.
    using Chooser = std::function<std::vector<qint64>()>;
    void setChooser(Chooser chooser) { m_choose = std::move(chooser); }

signals:
    /// Somebody elsewhere asked for the page's runs or commands: it belongs before everybody's eyes.
    void shown();

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    QWidget* makeHeader();
    QWidget* makeColumns();
    QWidget* makePlayer();
    QWidget* makeEmpty();
    void makeCommands();
    CompareColumn* makeColumn(int place);
    void addRuns();
    void remove(std::size_t place);
    void move(std::size_t place, int direction);
    void setBaseline(std::size_t place);
    void restore();
    void remember() const;
    void look();
    void refresh();
    void refreshTokenizers();
    void refreshDifferences();
    void refreshEmpty();
    void showSample(int index);
    void stepSample(int direction);
    void showTick(int tick);
    void scrollFrom(std::size_t column);
    int longest() const;
    TextDifference difference() const;

    Session& m_session;
    RunLibrary& m_library;
    TokenizerShelf m_shelf;
    Chooser m_choose;
    std::vector<Run> m_runs;
    std::vector<std::shared_ptr<const Tokenizer>> m_tokenizers; ///< of m_runs
    std::set<qint64> m_gone;                                    ///< of m_runs, not in the store any more
    std::size_t m_baseline = 0;
    int m_sample = 0;
    int m_tick = -1; ///< step of the longest run that is shown
    bool m_restored = false;
    bool m_scrolling = false; ///< the page itself moves scroll bars

    QLabel* m_summary = nullptr;
    CanvasLegend* m_legend = nullptr;
    QComboBox* m_difference = nullptr;
    QComboBox* m_coloring = nullptr;
    PillButton* m_together = nullptr;
    PillButton* m_add = nullptr;
    PrimaryButton* m_report = nullptr;
    QStackedWidget* m_stack = nullptr;
    InlineMessage* m_message = nullptr;
    std::vector<CompareColumn*> m_columns; ///< kMostCompared, those without a run hidden
    QLabel* m_sampleText = nullptr;
    FlatButton* m_previous = nullptr;
    FlatButton* m_next = nullptr;
    CanvasTransport* m_transport = nullptr;
    CompareDetails* m_details = nullptr;
    QLabel* m_emptyText = nullptr;
    PrimaryButton* m_newest = nullptr;
    PillButton* m_chooseEmpty = nullptr;
    std::vector<qint64> m_newestRuns;
    QList<QAction*> m_commands;
};

} // namespace steploom
