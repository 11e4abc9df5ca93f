// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/error.h"
#include "engine/reports/pdf_report.h"
#include "engine/reports/write_report.h"
#include "engine/runs/run_store.h"

#include <QImage>
#include <QObject>
#include <QSizeF>
#include <QString>

#include <atomic>
#include <filesystem>
#include <optional>
#include <vector>

namespace steploom {

/// What a report that was laid out is like.
struct LaidReport {
    int pages = 0;
    QSizeF pageSize;                ///< points
    std::vector<RunSummary> runs;   ///< those it is of, in its order
    std::vector<std::int64_t> gone; ///< that were asked for and are not in the store (any more)
};

/// Makes reports in a thread of its own, over a store object of its own. Jobs are numbered: one that is no
/// longer the newest of its kind is passed over.
class ReportWorker : public QObject {
    Q_OBJECT
public:
    explicit ReportWorker(std::filesystem::path store) : m_file(std::move(store)) {}

    // Set by whoever asks, in any thread.
    std::atomic<quint64> newestLayout = 0;
    std::atomic<quint64> newestDrawing = 0;

    void lay(const ReportChoice& choice, quint64 number);
    /// Of the report laid last; `scale` device pixels a point.
    void draw(const std::vector<int>& pages, double scale, quint64 number);
    void write(const ReportChoice& choice, ReportFormat format, const QString& file);

signals:
    void laid(quint64 number, const steploom::LaidReport& report);
    void notLaid(quint64 number, const steploom::Error::Parts& error);
    void drawn(quint64 number, int page, const QImage& image);
    void written(const QString& file);
    void notWritten(const steploom::Error::Parts& error);

private:
    RunStore& store();
    const std::vector<Run>& runsOf(const ReportChoice& choice);

    std::filesystem::path m_file;
    std::optional<RunStore> m_store;
    std::optional<ReportPages> m_pages;
    // What was read last: a title that is being typed reads nothing.
    std::vector<Run> m_runs;
    std::vector<std::int64_t> m_ids;
    std::optional<std::int64_t> m_seen; ///< change counter when it was read
};

} // namespace steploom
