// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/bridge/report_thread.h"
#include "app/bridge/session.h"

#include <QAction>
#include <QTimer>
#include <QWidget>

#include <functional>
#include <optional>

class QLabel;
class QStackedWidget;

namespace steploom {

class FlatButton;
class InlineMessage;
class PagePreview;
class PillButton;
class PrimaryButton;
class ReportForm;
class ReportSaved;

/// Choose runs and sections, see the pages as they will be, save them. Remembers what was chosen.
class ReportPage : public QWidget {
    Q_OBJECT
public:
    /// `store`: what reports are made of, read in a thread of the page's own.
    ReportPage(Session* session, const std::filesystem::path& store, QWidget* parent = nullptr);
    ~ReportPage() override;

    /// What is stored, newest first; for what there is to add, and to follow what is in the report.
    void setRuns(const std::vector<RunSummary>& runs);
    /// In this order, in place of what was chosen.
    void chooseRuns(const std::vector<qint64>& runs);
    void chooseNewestRuns();
    ReportChoice choice() const;

    /// Asks where, then saves.
    void saveAs(ReportFormat format);
    void save(ReportFormat format, const QString& file);

    QList<QAction*> commands() const { return m_commands; }
    PagePreview& preview() noexcept { return *m_preview; }
    ReportSaved& saved() noexcept { return *m_saved; }

    /// Asks for a file to save to; empty: none. Replaced by tests.
    using FileChooser = std::function<QString(const QString& suggested, const QString& filter)>;
    void setFileChooser(FileChooser chooser) { m_chooseFile = std::move(chooser); }

protected:
    void showEvent(QShowEvent* event) override;

private:
    struct Writing {
        ReportChoice choice;
        ReportFormat format;
    };
    QWidget* makeHeader();
    QWidget* makePreview();
    QWidget* makeEmpty();
    QWidget* makeViewBar();
    void makeCommands();
    void joinThread();
    void layLater(bool soon);
    void layNow();
    void showLaid(const LaidReport& report);
    void endWriting();
    void refresh();
    void refreshView();
    void remember() const;
    void restore();

    std::filesystem::path m_store;
    ReportThread m_thread;
    FileChooser m_chooseFile;
    QTimer m_layTimer;
    std::optional<ReportChoice> m_laid; ///< what was asked for last
    std::string m_seen;                 ///< what is known of the chosen runs
    std::vector<RunSummary> m_runs;
    std::optional<Writing> m_writing;

    QList<QAction*> m_commands;
    ReportForm* m_form;
    PagePreview* m_preview;
    QStackedWidget* m_stack;
    QLabel* m_facts;
    QLabel* m_emptyText;
    QAbstractButton* m_newest;
    std::vector<QAbstractButton*> m_exports;
    InlineMessage* m_message;
    ReportSaved* m_saved;
    QLabel* m_pageText;
    QLabel* m_zoomText;
    std::vector<QAbstractButton*> m_viewTools;
    int m_pages = 0;
    bool m_laying = false;
};

} // namespace steploom
