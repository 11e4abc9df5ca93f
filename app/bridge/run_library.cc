// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/bridge/run_library.h"

#include "engine/analyses/kinds.h"
#include "engine/runs/known_importance.h"

#include <algorithm>
#include <utility>

namespace steploom {
namespace {

constexpr int kLookInterval = 1'000; ///< ms

bool sameAnalyses(const AnalysesByKind& first, const AnalysesByKind& second) {
    const auto same = [](const StoredAnalysis& a, const StoredAnalysis& b) {
        return a.created == b.created && a.settings == b.settings && a.result == b.result;
    };
    return std::ranges::equal(first, second, [&](const auto& a, const auto& b) {
        return a.first == b.first && std::ranges::equal(a.second, b.second, same);
    });
}

} // namespace

RunLibrary::RunLibrary(std::filesystem::path file, QObject* parent)
    : QObject(parent), m_file(std::move(file)) {
    connect(&m_timer, &QTimer::timeout, this, &RunLibrary::look);
    m_timer.start(kLookInterval);
}

template <class Work>
bool RunLibrary::perform(Work work) {
    try {
        if (!m_store)
            m_store.emplace(m_file);
        work(*m_store);
        m_complained = false;
        return true;
    } catch (const Error& error) {
        if (!std::exchange(m_complained, true))
            emit failed(error.parts());
    } catch (const std::exception& error) {
        if (!std::exchange(m_complained, true))
            emit failed({"cannot read the runs", m_file.string(), error.what(), "look at the file"});
    }
    return false;
}

void RunLibrary::look() {
    bool changed = false, trained = false, scheduled = false, queued = false, analysed = false;
    const bool worked = perform([&](RunStore& store) {
        const std::int64_t counter = store.changeCounter();
        if (m_seen == counter)
            return;
        m_runs = store.list(kNewest);
        m_count = store.count();
        m_binned = store.binCount();
        std::vector<TrainingSummary> trainings = store.listTrainings();
        trained = trainings != m_trainings;
        m_trainings = std::move(trainings);
        std::vector<NamedSchedule> schedules = store.listSchedules();
        scheduled = schedules != m_schedules;
        m_schedules = std::move(schedules);
        std::vector<QueuedGeneration> queue = store.listQueue();
        queued = !std::ranges::equal(queue, m_queue, &QueuedGeneration::sameAs);
        m_queue = std::move(queue);
        AnalysesByKind analyses = listAnalyses(store);
        analysed = !sameAnalyses(analyses, m_analyses);
        m_analyses = std::move(analyses);
        m_seen = counter;
        changed = true;
    });
    if (worked && changed)
        emit runsChanged();
    if (worked && trained)
        emit trainingsChanged();
    if (worked && scheduled)
        emit schedulesChanged();
    if (worked && queued)
        emit queueChanged();
    if (worked && analysed)
        emit analysesChanged();
}

/// A kind that cannot be read is told of once and left out: runs and the other charts do not depend on it.
AnalysesByKind RunLibrary::listAnalyses(const RunStore& store) {
    AnalysesByKind analyses;
    for (const char* kind : {kImportanceKind, kSearchKind, kFrontierKind, kCorrelationKind, kAnchorsKind,
                             kBrierStudyKind, kAutoencoderKind}) {
        try {
            analyses[kind] = store.listAnalyses(kind);
            m_damagedKinds.erase(kind);
        } catch (const Error& error) {
            if (m_damagedKinds.insert(kind).second)
                emit failed(error.parts());
        }
    }
    return analyses;
}

void RunLibrary::refresh() { look(); }

std::optional<Run> RunLibrary::load(qint64 run) {
    std::optional<Run> loaded;
    m_complained = false; // somebody asked: the answer may not be silence
    perform([&](RunStore& store) { loaded = store.load(run); });
    return loaded;
}

std::optional<RunSummary> RunLibrary::summary(qint64 run) {
    // Of what is wrong with the file itself, look() tells.
    const std::int64_t id = run;
    const std::vector<RunSummary> found = summaries(std::span(&id, 1)).value;
    return found.empty() || !found.front().binned.empty() ? std::nullopt : std::optional(found.front());
}

std::optional<TrainingRun> RunLibrary::loadTraining(qint64 training) {
    std::optional<TrainingRun> loaded;
    perform([&](RunStore& store) {
        const std::vector<TrainingSummary> trainings = store.listTrainings();
        if (std::ranges::find(trainings, training, &TrainingSummary::id) != trainings.end())
            loaded = store.loadTraining(training);
    });
    return loaded;
}

std::optional<Error::Parts> RunLibrary::change(const std::function<void(RunStore&)>& work) {
    try {
        if (!m_store)
            m_store.emplace(m_file);
        work(*m_store);
    } catch (const Error& error) {
        return error.parts();
    } catch (const std::exception& error) {
        return Error::Parts{"cannot write to the run store", m_file.string(), error.what(),
                            "look at the file"};
    }
    m_seen.reset();
    look();
    return std::nullopt;
}

std::optional<Error::Parts> RunLibrary::saveSchedule(const QString& name, const StepSchedule& schedule) {
    return change([&](RunStore& store) { store.saveSchedule(name.toStdString(), schedule); });
}

std::optional<Error::Parts> RunLibrary::restoreSchedule(const NamedSchedule& schedule) {
    return change([&](RunStore& store) { store.restoreSchedule(schedule); });
}

std::optional<Error::Parts> RunLibrary::changeSchedule(qint64 id, const StepSchedule& schedule) {
    return change([&](RunStore& store) { store.changeSchedule(id, schedule); });
}

std::optional<Error::Parts> RunLibrary::renameSchedule(qint64 id, const QString& name) {
    return change([&](RunStore& store) { store.renameSchedule(id, name.toStdString()); });
}

std::optional<Error::Parts> RunLibrary::removeSchedule(qint64 id) {
    return change([&](RunStore& store) { store.removeSchedule(id); });
}

template <class Value, class Question>
Answer<Value> RunLibrary::ask(Question question) {
    try {
        if (!m_store)
            m_store.emplace(m_file);
        return {question(*m_store), std::nullopt};
    } catch (const Error& error) {
        return {Value(), error.parts()};
    } catch (const std::exception& error) {
        return {Value(),
                Error::Parts{"cannot read the runs", m_file.string(), error.what(), "look at the file"}};
    }
}

Answer<std::vector<std::int64_t>> RunLibrary::findRuns(const RunQuery& query) {
    return ask<std::vector<std::int64_t>>([&](RunStore& store) { return store.findRuns(query); });
}

Answer<std::vector<RunSummary>> RunLibrary::summaries(std::span<const std::int64_t> runs) {
    return ask<std::vector<RunSummary>>([&](RunStore& store) { return store.summaries(runs); });
}

Answer<std::vector<RunGroup>> RunLibrary::groupRuns(const RunQuery& query, RunGrouping grouping) {
    return ask<std::vector<RunGroup>>([&](RunStore& store) { return store.groupRuns(query, grouping); });
}

Answer<std::vector<std::pair<std::string, int>>> RunLibrary::tags() {
    return ask<std::vector<std::pair<std::string, int>>>([](RunStore& store) { return store.listTags(); });
}

std::optional<Error::Parts> RunLibrary::setNote(qint64 run, const QString& note) {
    return change([&](RunStore& store) { store.setNote(run, note.toStdString()); });
}

std::optional<Error::Parts> RunLibrary::setStarred(std::span<const std::int64_t> runs, bool starred) {
    return change([&](RunStore& store) { store.setStarred(runs, starred); });
}

std::optional<Error::Parts> RunLibrary::changeTags(std::span<const std::int64_t> runs, const QStringList& add,
                                                   const QStringList& remove) {
    return change([&](RunStore& store) {
        for (const QString& tag : add)
            store.addTag(runs, tag.toStdString());
        for (const QString& tag : remove)
            store.removeTag(runs, tag.toStdString());
    });
}

std::optional<Error::Parts> RunLibrary::moveToBin(std::span<const std::int64_t> runs) {
    return change([&](RunStore& store) { store.moveToBin(runs); });
}

std::optional<Error::Parts> RunLibrary::restoreFromBin(std::span<const std::int64_t> runs) {
    return change([&](RunStore& store) { store.restoreFromBin(runs); });
}

Answer<int> RunLibrary::emptyBin() {
    Answer<int> gone;
    gone.error = change([&](RunStore& store) { gone.value = store.emptyBin(); });
    return gone;
}

} // namespace steploom
