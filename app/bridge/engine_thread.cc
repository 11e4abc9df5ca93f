// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/bridge/engine_thread.h"

#include <algorithm>
#include <utility>

namespace steploom {
namespace {

std::filesystem::path pathOf(const QString& text) { return std::filesystem::path(text.toStdString()); }

EngineOptions optionsFor(const QString& storeFile, int threads) {
    EngineOptions options;
    options.storeFile = pathOf(storeFile);
    options.threads = threads;
    return options;
}

void registerSignalTypes() {
    qRegisterMetaType<PoolFacts>();
    qRegisterMetaType<EvaluatorFacts>();
    qRegisterMetaType<GenerationRequest>();
    qRegisterMetaType<PlannedWork>();
    qRegisterMetaType<LiveState>();
    qRegisterMetaType<RunSample>();
    qRegisterMetaType<RunSummary>();
    qRegisterMetaType<RerunResult>();
    qRegisterMetaType<EngineJob>();
    qRegisterMetaType<ImportanceProfile>();
    qRegisterMetaType<QueuedEnding>();
    qRegisterMetaType<StoredAnalysis>();
    qRegisterMetaType<Error::Parts>();
    qRegisterMetaType<std::vector<CallSeconds>>();
    qRegisterMetaType<std::vector<TextScore>>();
}

} // namespace

EngineThread::EngineThread(const QString& storeFile, int threads, QObject* parent)
    : EngineThread(optionsFor(storeFile, threads), parent) {}

EngineThread::EngineThread(EngineOptions options, QObject* parent)
    : QObject(parent), m_worker(new EngineWorker(std::move(options))) {
    registerSignalTypes();
    m_thread.setObjectName("engine");
    m_worker->moveToThread(&m_thread);
    // The models are freed where they were made.
    connect(&m_thread, &QThread::finished, m_worker, &QObject::deleteLater);

    connect(m_worker, &EngineWorker::poolLoaded, this, &EngineThread::poolLoaded);
    connect(m_worker, &EngineWorker::evaluatorLoaded, this, &EngineThread::evaluatorLoaded);
    connect(m_worker, &EngineWorker::calibrated, this, &EngineThread::calibrated);
    connect(m_worker, &EngineWorker::anchorsKept, this, &EngineThread::anchorsKept);
    connect(m_worker, &EngineWorker::sampleFinished, this, &EngineThread::sampleFinished);
    connect(m_worker, &EngineWorker::measuring, this, [this](qint64 run, double share) {
        flushAdvance();
        emit measuring(run, share);
    });
    connect(m_worker, &EngineWorker::samplesScored, this, &EngineThread::samplesScored);
    connect(m_worker, &EngineWorker::runBegun, this, &EngineThread::runBegun);
    connect(m_worker, &EngineWorker::liveChanged, this, &EngineThread::scheduleAdvance);
    connect(m_worker, &EngineWorker::runEnded, this, [this](const RunSummary& summary) {
        flushAdvance();
        emit runEnded(summary);
    });
    connect(m_worker, &EngineWorker::queuedBegun, this, &EngineThread::queuedBegun);
    connect(m_worker, &EngineWorker::queuedEnded, this, &EngineThread::queuedEnded);
    connect(m_worker, &EngineWorker::analysisBegun, this, &EngineThread::analysisBegun);
    connect(m_worker, &EngineWorker::analysisAdvanced, this, &EngineThread::analysisAdvanced);
    connect(m_worker, &EngineWorker::analysisKept, this, &EngineThread::analysisKept);
    connect(m_worker, &EngineWorker::rerunEnded, this,
            [this](qint64 run, const RerunResult& result, bool stopped) {
                flushAdvance();
                emit rerunEnded(run, result, stopped);
            });
    connect(m_worker, &EngineWorker::judging, this, &EngineThread::judging);
    connect(m_worker, &EngineWorker::judgingEnded, this, &EngineThread::judgingEnded);
    connect(m_worker, &EngineWorker::importanceKnown, this, &EngineThread::importanceKnown);
    connect(m_worker, &EngineWorker::importanceAdvanced, this, &EngineThread::importanceAdvanced);
    connect(m_worker, &EngineWorker::importanceEnded, this, &EngineThread::importanceEnded);
    connect(m_worker, &EngineWorker::failed, this, [this](const Error::Parts& error, EngineJob job) {
        flushAdvance();
        emit failed(error, job);
    });
    connect(m_worker, &EngineWorker::jobDone, this, [this] {
        m_live = false;
        if (--m_jobs == 0)
            emit busyChanged(false);
    });

    m_advanceTimer.setSingleShot(true);
    connect(&m_advanceTimer, &QTimer::timeout, this, &EngineThread::emitAdvance);
    m_thread.start();
}

EngineThread::~EngineThread() {
    m_stop.request_stop();
    m_thread.quit(); // jobs that were not begun are dropped with the event loop
    m_thread.wait();
}

template <class Job>
void EngineThread::post(Job job, bool counts) {
    if (counts && ++m_jobs == 1)
        emit busyChanged(true);
    QMetaObject::invokeMethod(m_worker, std::move(job), Qt::QueuedConnection);
}

void EngineThread::loadPool(const std::vector<PoolMemberSpec>& members, const QString& tokenizer) {
    post([worker = m_worker, members, path = pathOf(tokenizer)] { worker->loadPool(members, path); });
}

void EngineThread::loadEvaluator(const QString& folder) {
    post([worker = m_worker, path = pathOf(folder)] { worker->loadEvaluator(path); });
}

void EngineThread::generate(const GenerationRequest& request) {
    ++m_worker->waitingRequests;
    post([worker = m_worker, request, stop = m_stop.get_token()] { worker->generate(request, stop); });
}

void EngineThread::runNextQueued() {
    ++m_worker->waitingRequests;
    post([worker = m_worker, stop = m_stop.get_token()] { worker->runNextQueued(stop); });
}

void EngineThread::rerun(qint64 run) {
    ++m_worker->waitingRequests;
    post([worker = m_worker, run, stop = m_stop.get_token()] { worker->rerun(run, stop); });
}

void EngineThread::judge(const std::vector<qint64>& runs) {
    ++m_worker->waitingRequests;
    post([worker = m_worker, runs, stop = m_stop.get_token()] { worker->judge(runs, stop); });
}

void EngineThread::findImportance(const QString& text, const ImportanceSettings& settings) {
    post([worker = m_worker, path = pathOf(text), settings] { worker->findImportance(path, settings); },
         false);
}

void EngineThread::measureImportance(const QString& text, const ImportanceSettings& settings) {
    ++m_worker->waitingRequests;
    post([worker = m_worker, path = pathOf(text), settings, stop = m_stop.get_token()] {
        worker->measureImportance(path, settings, stop);
    });
}

void EngineThread::stop() {
    m_stop.request_stop();
    m_stop = std::stop_source();
}

void EngineThread::watch(int sample) {
    m_watched = sample;
    if (m_live)
        emitAdvance();
}

void EngineThread::measureAnchors(const QString& text, int length) {
    post([worker = m_worker, path = pathOf(text), length] { worker->measureAnchors(path, length); }, false);
}

void EngineThread::calibrate(const GenerationRequest& request) {
    const int ticket = ++m_worker->calibrationTicket;
    post([worker = m_worker, request, ticket] { worker->calibrate(request, ticket); }, false);
}

void EngineThread::scheduleAdvance() {
    m_live = true;
    const qint64 since = m_sinceAdvance.isValid() ? m_sinceAdvance.elapsed() : kAdvanceInterval;
    if (since >= kAdvanceInterval)
        emitAdvance();
    else if (!m_advanceTimer.isActive())
        m_advanceTimer.start(static_cast<int>(kAdvanceInterval - since));
}

void EngineThread::emitAdvance() {
    m_advanceTimer.stop();
    m_sinceAdvance.start();
    m_worker->live.acknowledge(); // before the snapshot: a change after it is announced anew
    emit advanced(m_worker->live.snapshot(m_watched));
}

void EngineThread::flushAdvance() {
    if (m_live && m_advanceTimer.isActive())
        emitAdvance();
}

} // namespace steploom
