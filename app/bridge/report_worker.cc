// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/bridge/report_worker.h"

#include "engine/core/file_beside.h"
#include "engine/reports/make_report.h"

#include <cairo.h>

#include <algorithm>
#include <cmath>
#include <memory>

namespace steploom {
namespace {

/// Device pixels a point from which letters are drawn well as they are. Below, a page is drawn at twice the
/// size and made smaller: Cairo puts letters on whole pixels, and lines of text would look uneven.
constexpr double kFine = 3;
constexpr int kMostPixels = 12'000; ///< of a side

QImage imageOf(const ReportPages& pages, int page, double scale) {
    const int width = std::clamp(static_cast<int>(std::lround(pages.width() * scale)), 1, kMostPixels);
    const int height = std::clamp(static_cast<int>(std::lround(pages.height() * scale)), 1, kMostPixels);
    const int times = scale < kFine ? 2 : 1;
    QImage image(width * times, height * times, QImage::Format_RGB32);
    image.fill(Qt::white);
    const std::unique_ptr<cairo_surface_t, decltype(&cairo_surface_destroy)> surface(
        cairo_image_surface_create_for_data(image.bits(), CAIRO_FORMAT_RGB24, image.width(), image.height(),
                                            static_cast<int>(image.bytesPerLine())),
        &cairo_surface_destroy);
    const std::unique_ptr<cairo_t, decltype(&cairo_destroy)> cairo(cairo_create(surface.get()),
                                                                   &cairo_destroy);
    cairo_scale(cairo.get(), image.width() / pages.width(), image.height() / pages.height());
    pages.draw(page, cairo.get());
    cairo_surface_flush(surface.get());
    return times == 1 ? image : image.scaled(width, height, Qt::IgnoreAspectRatio, Qt::SmoothTransformation);
}

Error::Parts partsOf(const std::exception& error, const char* what) {
    if (const auto* known = dynamic_cast<const Error*>(&error))
        return known->parts();
    return {what, "", error.what(), "Choose fewer runs, or leave sections out"};
}

} // namespace

RunStore& ReportWorker::store() {
    if (!m_store)
        m_store.emplace(m_file);
    return *m_store;
}

const std::vector<Run>& ReportWorker::runsOf(const ReportChoice& choice) {
    const std::int64_t now = store().changeCounter();
    if (m_seen != now || m_ids != choice.runs) {
        m_seen.reset();
        m_runs = runsOfReport(store(), choice);
        m_ids = choice.runs;
        m_seen = now;
    }
    return m_runs;
}

void ReportWorker::lay(const ReportChoice& wanted, quint64 number) {
    if (number != newestLayout)
        return;
    try {
        LaidReport laidReport;
        ReportChoice choice = wanted;
        choice.runs.clear();
        for (RunSummary& run : store().summaries(wanted.runs)) {
            choice.runs.push_back(run.id);
            laidReport.runs.push_back(std::move(run));
        }
        for (const std::int64_t run : wanted.runs)
            if (std::ranges::find(choice.runs, run) == choice.runs.end())
                laidReport.gone.push_back(run);
        m_pages.reset();
        if (!choice.runs.empty()) {
            m_pages.emplace(makeReport(store(), choice, runsOf(choice)));
            laidReport.pages = m_pages->count();
            laidReport.pageSize = {m_pages->width(), m_pages->height()};
        }
        emit laid(number, laidReport);
    } catch (const std::exception& error) {
        m_store.reset(); // it may have been replaced or repaired when it is asked for again
        m_seen.reset();
        emit notLaid(number, partsOf(error, "cannot make the report"));
    }
}

void ReportWorker::draw(const std::vector<int>& pages, double scale, quint64 number) {
    for (const int page : pages) {
        if (number != newestDrawing || !m_pages)
            return;
        if (page >= m_pages->count()) // asked for while a longer report was seen
            continue;
        try {
            emit drawn(number, page, imageOf(*m_pages, page, scale));
        } catch (const std::exception& error) {
            emit notLaid(newestLayout, partsOf(error, "cannot draw the report"));
            return;
        }
    }
}

void ReportWorker::write(const ReportChoice& choice, ReportFormat format, const QString& path) {
    try {
        const std::string bytes = reportBytes(store(), choice, format);
        // A report that was there stays until the new one is whole.
        FileBeside file(path.toStdString(), "cannot write the report");
        file.write(bytes);
        file.moveIntoPlace();
        emit written(path);
    } catch (const std::exception& error) {
        emit notWritten(partsOf(error, "cannot write the report"));
    }
}

} // namespace steploom
