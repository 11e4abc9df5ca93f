// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/error.h"

#include <QAbstractButton>
#include <QTimer>
#include <QWidget>

#include <optional>
#include <vector>

class QHBoxLayout;
class QLabel;
class QLineEdit;

namespace steploom {

class PillButton;
class RunQueryCompleter;

/// A term of the query, with a cross: a click, Return or Del takes it away.
class TermChip : public QAbstractButton {
    Q_OBJECT
public:
    explicit TermChip(const QString& text, QWidget* parent = nullptr);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
};

/// What the runs are searched by: a line in the language of RunQuery, completed while it is typed; under it
/// what is wrong with it, or chips, of the searches that are made most and of each term of the line.
class RunQueryBar : public QWidget {
    Q_OBJECT
public:
    /// How long after the last key the search begins.
    static constexpr int kPause = 150; ///< ms

    explicit RunQueryBar(QWidget* parent = nullptr);

    QString text() const;
    void setText(const QString& text);
    bool bin() const;
    void setBin(bool bin);
    QLineEdit* line() const noexcept { return m_line; }
    /// Beside the line.
    QHBoxLayout* row() const noexcept { return m_row; }
    void setTags(const QStringList& tags);
    void setBinCount(int runs);
    /// Nothing: the query was understood.
    void showError(const std::optional<Error::Parts>& error);
    /// The group of runs that is looked at, as a chip; empty: none.
    void setGroup(const QString& label);
    /// Searches at once.
    void apply();

signals:
    void changed();
    void groupClosed();

private:
    void buildQuickChips();
    void toggleTerm(const QString& term, bool on);
    void makeChips();
    PillButton* addQuick(const char* name, const QString& text, const QString& tip);

    struct Quick {
        PillButton* button;
        QString term;
    };

    QLineEdit* m_line;
    QHBoxLayout* m_row;
    QLabel* m_error;
    RunQueryCompleter* m_completer;
    QHBoxLayout* m_quickRow;
    QHBoxLayout* m_chipRow;
    PillButton* m_bin;
    std::vector<Quick> m_quick;
    std::vector<QWidget*> m_chips;
    QString m_group;
    QTimer m_pause;
};

} // namespace steploom
