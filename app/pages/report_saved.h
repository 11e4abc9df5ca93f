// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>
#include <QUrl>

#include <functional>

class QLabel;

namespace steploom {

/// "Saved to report.pdf": opens it, shows its folder, copies the command that makes it again. Hidden until a
/// file was saved.
class ReportSaved : public QFrame {
    Q_OBJECT
public:
    explicit ReportSaved(QWidget* parent = nullptr);
    void showFile(const QString& file, const QString& command);
    QString file() const { return m_file; }

    /// Opens a file or folder with the program that is meant for it. Replaced by tests.
    using Opener = std::function<bool(const QUrl&)>;
    void setOpener(Opener opener) { m_open = std::move(opener); }

private:
    Opener m_open;
    QString m_file, m_command;
    QLabel* m_text;
};

} // namespace steploom
