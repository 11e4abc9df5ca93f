// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>

class QHBoxLayout;
class QLabel;
class QProgressBar;
class QPushButton;

namespace steploom {

/// A line at the foot of a page that says what was done, is going on, or is to be confirmed, with the buttons
/// that go with it. Hidden until it has something to say.
class RunNotice : public QFrame {
    Q_OBJECT
public:
    /// The label's object name is `name` with "Text" behind it.
    explicit RunNotice(const QString& name, QWidget* parent = nullptr);

    QPushButton* addButton(const QString& name, const QString& text, const QString& tip);
    void say(const QString& text);
    /// The same, with a bar.
    void showProgress(const QString& text, double share);
    QString text() const;

private:
    QHBoxLayout* m_row;
    QLabel* m_text;
    QProgressBar* m_bar;
};

} // namespace steploom
