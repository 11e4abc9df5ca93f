// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/bridge/report_worker.h"

#include <QThread>

namespace steploom {

/// The window's side of reports: all calls return at once, answers come as queued signals. Of layouts and of
/// drawings only the newest is answered.
class ReportThread : public QObject {
    Q_OBJECT
public:
    explicit ReportThread(const std::filesystem::path& store, QObject* parent = nullptr);
    /// Waits for what is being made.
    ~ReportThread() override;

    /// Answered by laid() or notLaid(). What was asked of the report before is dropped.
    void lay(const ReportChoice& choice);
    /// Pages of the report that was laid last, `scale` device pixels a point; one drawn() for each. What was
    /// asked before and is not drawn yet is dropped.
    void draw(std::vector<int> pages, double scale);
    /// The same bytes as the command line writes; answered by written() or notWritten(), each time.
    void write(const ReportChoice& choice, ReportFormat format, const QString& file);

signals:
    void laid(const steploom::LaidReport& report);
    void notLaid(const steploom::Error::Parts& error);
    void drawn(int page, const QImage& image);
    void written(const QString& file);
    void notWritten(const steploom::Error::Parts& error);

private:
    QThread m_thread;
    ReportWorker* m_worker;
};

} // namespace steploom
