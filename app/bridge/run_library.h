// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/error.h"
#include "engine/runs/run_query.h"
#include "engine/runs/run_store.h"

#include <QObject>
#include <QTimer>

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace steploom {

using AnalysesByKind = std::map<std::string, std::vector<StoredAnalysis>>;

/// What the store said, or why it could not: then `value` is empty.
template <class Value>
struct Answer {
    Value value{};
    std::optional<Error::Parts> error;
};

/// The window's view of the stored runs: a store object of the window's own thread that looks, about once a
/// second, whether anybody (the engine thread, the command line) has written to the file.
class RunLibrary : public QObject {
    Q_OBJECT
public:
    explicit RunLibrary(std::filesystem::path file, QObject* parent = nullptr);

    /// As many runs as runs() holds at most: what lists of the latest and charts are made of. The table of
    /// all runs asks findRuns() and summaries().
    static constexpr int kNewest = 1000;
    /// The newest, newest first.
    const std::vector<RunSummary>& runs() const noexcept { return m_runs; }
    /// Of all that are not in the bin.
    int runCount() const noexcept { return m_count; }
    /// Of the store.
    const std::filesystem::path& file() const noexcept { return m_file; }
    /// Newest first.
    const std::vector<TrainingSummary>& trainings() const noexcept { return m_trainings; }
    /// Nothing when it cannot be read: failed() says why.
    std::optional<Run> load(qint64 run);
    /// Nothing, in silence, when there is no such run (any more), or when it is in the bin.
    std::optional<RunSummary> summary(qint64 run);
    /// With its curve; nothing when it cannot be read, and silently so when it was removed meanwhile.
    std::optional<TrainingRun> loadTraining(qint64 training);
    /// The library of schedules, by name.
    const std::vector<NamedSchedule>& schedules() const noexcept { return m_schedules; }
    // Changes of the library. They answer what went wrong, nothing when all went well; schedulesChanged()
    // has been emitted then.
    std::optional<Error::Parts> saveSchedule(const QString& name, const StepSchedule& schedule);
    std::optional<Error::Parts> restoreSchedule(const NamedSchedule& schedule);
    std::optional<Error::Parts> changeSchedule(qint64 id, const StepSchedule& schedule);
    std::optional<Error::Parts> renameSchedule(qint64 id, const QString& name);
    std::optional<Error::Parts> removeSchedule(qint64 id);
    /// The queue of generations, in its order.
    const std::vector<QueuedGeneration>& queue() const noexcept { return m_queue; }
    /// The stored analyses that charts are made of, by kind (kSearchKind, kImportanceKind, ...), newest
    /// first.
    const AnalysesByKind& analyses() const noexcept { return m_analyses; }
    /// Writes to the store and looks at it again: what changed has been told when it returns. Answers what
    /// went wrong, nothing when all went well.
    std::optional<Error::Parts> change(const std::function<void(RunStore&)>& work);
    /// Ids in the order asked for. An Error(Request) says what is wrong with the query.
    Answer<std::vector<std::int64_t>> findRuns(const RunQuery& query);
    /// In the order of the ids; runs that are gone are left out.
    Answer<std::vector<RunSummary>> summaries(std::span<const std::int64_t> runs);
    Answer<std::vector<RunGroup>> groupRuns(const RunQuery& query, RunGrouping grouping);
    /// Every tag with the number of its runs, by name.
    Answer<std::vector<std::pair<std::string, int>>> tags();
    int binCount() const noexcept { return m_binned; }
    // Changes of runs, with answers as those of the library of schedules; runsChanged() has been emitted
    // then.
    std::optional<Error::Parts> setNote(qint64 run, const QString& note);
    std::optional<Error::Parts> setStarred(std::span<const std::int64_t> runs, bool starred);
    /// Adds and removes tags of all these runs.
    std::optional<Error::Parts> changeTags(std::span<const std::int64_t> runs, const QStringList& add,
                                           const QStringList& remove);
    std::optional<Error::Parts> moveToBin(std::span<const std::int64_t> runs);
    std::optional<Error::Parts> restoreFromBin(std::span<const std::int64_t> runs);
    /// How many runs are gone for good.
    Answer<int> emptyBin();
    /// Looks at once.
    void refresh();

signals:
    void runsChanged();
    void trainingsChanged();
    void schedulesChanged();
    void queueChanged();
    void analysesChanged();
    /// Told once, until the store works again.
    void failed(const steploom::Error::Parts& error);

private:
    template <class Work>
    bool perform(Work work);
    template <class Value, class Question>
    Answer<Value> ask(Question question);
    void look();
    AnalysesByKind listAnalyses(const RunStore& store);

    std::filesystem::path m_file;
    std::optional<RunStore> m_store;
    std::optional<std::int64_t> m_seen; ///< change counter at the last listing
    std::vector<RunSummary> m_runs;
    int m_count = 0;
    int m_binned = 0;
    std::vector<TrainingSummary> m_trainings;
    std::vector<NamedSchedule> m_schedules;
    std::vector<QueuedGeneration> m_queue;
    AnalysesByKind m_analyses;
    std::set<std::string> m_damagedKinds; ///< that somebody was told of
    QTimer m_timer;
    bool m_complained = false;
};

} // namespace steploom
