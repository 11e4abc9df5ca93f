// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/bridge/generation_queue.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace steploom {
namespace {

constexpr int kLookAfterOthers = 5'000; ///< ms
constexpr int kTellInterval = 200;      ///< ms

} // namespace

GenerationQueue::GenerationQueue(RunLibrary& library, EngineThread& engine, Session& session, QObject* parent)
    : QObject(parent), m_library(library), m_engine(engine), m_session(session) {
    connect(&library, &RunLibrary::queueChanged, this, [this] {
        emit changed();
        proceed();
    });
    connect(&library, &RunLibrary::runsChanged, this, [this] {
        m_times.learnRuns(m_library.runs());
        forgetTimes();
    });
    connect(&session, &Session::poolChanged, this, &GenerationQueue::forgetTimes);
    connect(&engine, &EngineThread::calibrated, this,
            [this](int length, const std::vector<CallSeconds>& seconds) {
                m_times.learnPool(m_session.pool(), length, seconds);
                forgetTimes();
            });
    connect(&engine, &EngineThread::queuedBegun, this, &GenerationQueue::begin);
    connect(&engine, &EngineThread::queuedEnded, this, &GenerationQueue::end);
    connect(&engine, &EngineThread::advanced, this, [this](const LiveState& state) {
        if (m_running == 0)
            return;
        // Told by the second, though states come thirty times in one.
        const bool told = std::lround(m_runningLeft) == std::lround(state.secondsLeft);
        m_runningLeft = state.secondsLeft;
        if (!told)
            emit timesChanged();
    });
    connect(&engine, &EngineThread::analysisAdvanced, this, &GenerationQueue::follow);
    // Charts show what is there by now, not only what will be there in the end.
    connect(&engine, &EngineThread::analysisKept, &library, &RunLibrary::refresh);
    m_tellTimes.setSingleShot(true);
    m_tellTimes.setInterval(kTellInterval);
    connect(&m_tellTimes, &QTimer::timeout, this, &GenerationQueue::timesChanged);
    connect(&engine, &EngineThread::busyChanged, this, [this](bool busy) {
        if (!busy)
            proceed();
    });
    connect(&m_lookAfterOthers, &QTimer::timeout, this, [this] {
        const auto elsewhere = [](const QueuedGeneration& item) {
            return item.state == QueueState::Running && !item.here;
        };
        if (std::ranges::any_of(items(), elsewhere))
            (void)m_library.change([](RunStore& store) { store.releaseAbandonedQueue(); });
    });
    m_lookAfterOthers.start(kLookAfterOthers);
}

GenerationQueue::~GenerationQueue() {
    // The engine is gone, and with it what it had still to say.
    disconnect(&m_library, nullptr, this, nullptr);
    if (m_running != 0)
        (void)m_library.change([this](RunStore& store) { store.releaseQueued(m_running); });
}

int GenerationQueue::waiting() const {
    return static_cast<int>(std::ranges::count(items(), QueueState::Waiting, &QueuedGeneration::state));
}

void GenerationQueue::setPaused(bool paused) {
    if (m_paused == paused)
        return;
    m_paused = paused;
    emit pausedChanged(paused);
    emit changed();
    proceed();
}

void GenerationQueue::stop() {
    setPaused(true);
    if (m_running != 0)
        m_engine.stop();
}

/// Takes the next item if there is one and nothing stands against it.
void GenerationQueue::proceed() {
    if (m_paused || m_asked || m_engine.busy() || waiting() == 0)
        return;
    m_asked = true;
    m_engine.runNextQueued();
}

void GenerationQueue::begin(qint64 item) {
    m_running = item;
    m_runningLeft = 0;
    m_progress.reset();
    m_rate = {};
    m_begun.start();
    if (std::ranges::find(m_cancelled, item, &QueuedGeneration::id) != m_cancelled.end()) {
        // Cancelled between its being taken and this news of it.
        m_cancelling = true;
        m_engine.stop();
    }
    m_library.refresh();
    emit changed();
}

void GenerationQueue::follow(qint64 item, double share, const QString& doing) {
    if (item != m_running)
        return;
    m_progress = {std::clamp(share, 0.0, 1.0), doing};
    m_rate.report(m_progress->share, static_cast<double>(m_begun.elapsed()) / 1000);
    m_runningLeft = m_rate.secondsLeft().value_or(0);
    if (!m_tellTimes.isActive())
        m_tellTimes.start();
}

std::optional<AnalysisProgress> GenerationQueue::progressOf(const QueuedGeneration& item) const {
    return item.id == m_running ? m_progress : std::nullopt;
}

void GenerationQueue::end(qint64 item, QueuedEnding ending) {
    m_asked = false;
    m_running = 0;
    m_progress.reset();
    m_tellTimes.stop();
    const bool cancelled = std::exchange(m_cancelling, false);
    bool stuck = false;
    if (item != 0) {
        // Where even the store failed the item is still this process's: it waits, and the queue does not try
        // it over and over.
        (void)m_library.change([&](RunStore& store) { store.releaseQueued(item); });
        stuck =
            ending == QueuedEnding::Failed && std::ranges::any_of(items(), [&](const QueuedGeneration& each) {
                return each.id == item && each.state != QueueState::Failed;
            });
    } else if (ending == QueuedEnding::Failed) {
        stuck = true;
    }
    if ((ending == QueuedEnding::Stopped && !cancelled) || stuck)
        setPaused(true);
    m_library.refresh();
    emit changed();
}

std::optional<Error::Parts> GenerationQueue::add(std::span<const WantedGeneration> wanted) {
    return m_library.change([&](RunStore& store) { store.addToQueue(wanted); });
}

std::optional<Error::Parts> GenerationQueue::move(std::span<const std::int64_t> moved, qint64 before) {
    return m_library.change([&](RunStore& store) { store.moveInQueue(moved, before); });
}

std::optional<Error::Parts> GenerationQueue::cancel(std::span<const std::int64_t> wanted) {
    std::vector<QueuedGeneration> removed;
    const bool stops = m_running != 0 && std::ranges::find(wanted, m_running) != wanted.end();
    // Before the change is told, so that no item is taken in between.
    if (stops)
        m_cancelling = true;
    const auto error = m_library.change([&](RunStore& store) { removed = store.removeFromQueue(wanted); });
    if (error) {
        m_cancelling = false;
        return error;
    }
    if (stops)
        m_engine.stop();
    m_cancelled = std::move(removed);
    emit changed();
    return std::nullopt;
}

std::optional<Error::Parts> GenerationQueue::undoCancel() {
    const auto error = m_library.change([&](RunStore& store) { store.restoreToQueue(m_cancelled); });
    if (!error) {
        m_cancelled.clear();
        emit changed();
    }
    return error;
}

std::optional<Error::Parts> GenerationQueue::retry(std::span<const std::int64_t> wanted) {
    return m_library.change([&](RunStore& store) {
        for (const std::int64_t item : wanted)
            store.retryQueued(item);
    });
}

void GenerationQueue::forgetTimes() {
    m_perSample.clear();
    emit timesChanged();
}

/// Of a sample, or of the whole analysis.
std::optional<double> GenerationQueue::secondsOfItem(const QueuedGeneration& item) const {
    if (!item.isAnalysis())
        return m_times.secondsPerSample(item.request, m_session.pool());
    try {
        return workOf(item.request, orderOf(item.analysis)).seconds;
    } catch (const std::exception&) {
        return std::nullopt; // running it will say what is wrong
    }
}

std::optional<double> GenerationQueue::secondsLeft(const QueuedGeneration& item) const {
    if (item.state == QueueState::Failed)
        return std::nullopt;
    if (item.id == m_running && m_runningLeft > 0)
        return m_runningLeft;
    auto known = m_perSample.find(item.id);
    if (known == m_perSample.end())
        known = m_perSample.emplace(item.id, secondsOfItem(item)).first;
    if (!known->second)
        return std::nullopt;
    if (item.isAnalysis())
        return *known->second * (1 - (item.id == m_running && m_progress ? m_progress->share : 0));
    return *known->second * std::max(0, item.request.samples - item.finishedSamples);
}

GenerationQueue::Total GenerationQueue::secondsLeft() const {
    Total total;
    for (const QueuedGeneration& item : items()) {
        if (item.state == QueueState::Failed)
            continue;
        const std::optional<double> left = secondsLeft(item);
        total.seconds += left.value_or(0);
        total.known = total.known && left;
    }
    return total;
}

std::optional<double> GenerationQueue::secondsOf(const GenerationRequest& request) const {
    const std::optional<double> each = m_times.secondsPerSample(request, m_session.pool());
    return each ? std::optional(*each * request.samples) : std::nullopt;
}

AnalysisWork GenerationQueue::workOf(const GenerationRequest& request, const AnalysisOrder& order) const {
    return steploom::workOf(request, order, m_session.pool(), m_times);
}

} // namespace steploom
