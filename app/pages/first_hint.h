// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>

class QAction;
class QLabel;

namespace steploom {

/// Three steps for who starts the program for the first time. It lies in the page, asks nothing, and goes for
/// good when it is put away or has been followed.
class FirstHint : public QFrame {
    Q_OBJECT
public:
    /// `generate`: whose shortcut the second step names. Shown when nothing is in the settings yet, or when
    /// it was not done with at the last start.
    explicit FirstHint(QAction* generate, QWidget* parent = nullptr);

    /// As at the first start.
    void showAgain();
    /// Goes, and does not come by itself again.
    void finish();

private:
    void refresh();

    QAction* m_generate;
    QLabel* m_second;
};

} // namespace steploom
