// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/error.h"
#include "engine/runs/run_store.h"

#include <QObject>
#include <QTimer>

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace steploom {

using AnalysesByKind = std::map<std::string, std::vector<StoredAnalysis>>;

/// The window's view of the stored runs: a store object of the window's own thread that looks, about once a
/// second, whether anybody (the engine thread, the command line) has written to the file.
class RunLibrary : public QObject {
    Q_OBJECT
public:
    explicit RunLibrary(std::filesystem::path file, QObject* parent = nullptr);

    /// Of the store.
    const std::filesystem::path& file() const noexcept { return m_file; }
    /// Newest first.
    const std::vector<RunSummary>& runs() const noexcept { return m_runs; }
    /// Newest first.
    const std::vector<TrainingSummary>& trainings() const noexcept { return m_trainings; }
    /// Nothing when it cannot be read: failed() says why.
    std::optional<Run> load(qint64 run);
    /// Nothing, in silence, when there is no such run (any more).
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
    void setNote(qint64 run, const QString& note);
    void remove(qint64 run);
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
    void look();
    AnalysesByKind listAnalyses(const RunStore& store);

    std::filesystem::path m_file;
    std::optional<RunStore> m_store;
    std::optional<std::int64_t> m_seen; ///< change counter at the last listing
    std::vector<RunSummary> m_runs;
    std::vector<TrainingSummary> m_trainings;
    std::vector<NamedSchedule> m_schedules;
    std::vector<QueuedGeneration> m_queue;
    AnalysesByKind m_analyses;
    std::set<std::string> m_damagedKinds; ///< that somebody was told of
    QTimer m_timer;
    bool m_complained = false;
};

} // namespace steploom
