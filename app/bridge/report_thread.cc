// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/bridge/report_thread.h"

#include <utility>

namespace steploom {

ReportThread::ReportThread(const std::filesystem::path& store, QObject* parent)
    : QObject(parent), m_worker(new ReportWorker(store)) {
    qRegisterMetaType<LaidReport>();
    qRegisterMetaType<Error::Parts>();
    m_thread.setObjectName("report");
    m_worker->moveToThread(&m_thread);
    connect(&m_thread, &QThread::finished, m_worker, &QObject::deleteLater);
    connect(m_worker, &ReportWorker::laid, this, [this](quint64 number, const LaidReport& report) {
        if (number == m_worker->newestLayout)
            emit laid(report);
    });
    connect(m_worker, &ReportWorker::notLaid, this, [this](quint64 number, const Error::Parts& error) {
        if (number == m_worker->newestLayout)
            emit notLaid(error);
    });
    connect(m_worker, &ReportWorker::drawn, this, [this](quint64 number, int page, const QImage& image) {
        if (number == m_worker->newestDrawing)
            emit drawn(page, image);
    });
    connect(m_worker, &ReportWorker::written, this, &ReportThread::written);
    connect(m_worker, &ReportWorker::notWritten, this, &ReportThread::notWritten);
    m_thread.start();
}

ReportThread::~ReportThread() {
    ++m_worker->newestLayout;
    ++m_worker->newestDrawing;
    m_thread.quit();
    m_thread.wait();
}

void ReportThread::lay(const ReportChoice& choice) {
    ++m_worker->newestDrawing; // of the report before
    const quint64 number = ++m_worker->newestLayout;
    QMetaObject::invokeMethod(
        m_worker, [worker = m_worker, choice, number] { worker->lay(choice, number); }, Qt::QueuedConnection);
}

void ReportThread::draw(std::vector<int> pages, double scale) {
    const quint64 number = ++m_worker->newestDrawing;
    QMetaObject::invokeMethod(
        m_worker,
        [worker = m_worker, pages = std::move(pages), scale, number] { worker->draw(pages, scale, number); },
        Qt::QueuedConnection);
}

void ReportThread::write(const ReportChoice& choice, ReportFormat format, const QString& file) {
    QMetaObject::invokeMethod(
        m_worker, [worker = m_worker, choice, format, file] { worker->write(choice, format, file); },
        Qt::QueuedConnection);
}

} // namespace steploom
