// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runs/named_schedule.h"
#include "engine/runs/queued_generation.h"
#include "engine/runs/run.h"
#include "engine/runs/run_query.h"
#include "engine/runs/store_query.h"
#include "engine/runs/stored_analysis.h"
#include "engine/runs/training_run.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace steploom {

struct RunStoreOptions {
    /// How long a call waits for another program's lock before it gives up.
    std::chrono::milliseconds lockTimeout{5000};
    /// The file may grow to this size, 0: as the disk allows. Beyond it the store is full, as a full disk.
    std::int64_t maximumBytes = 0;
};

/// Every run, every training run, the library of schedules, the queue of generations and analyses in one
/// SQLite file (WAL, foreign keys, schema number in user_version). All writing goes through here. A store
/// object belongs to one thread; several objects, also in several processes, may share a file. Every failure
/// is an Error(Store): locked, read-only, corrupt, newer, disk full: what was committed before stays.
class RunStore {
public:
    /// Opens or creates the file. Older schemas are upgraded, each step in its own transaction, after a
    /// backup copy "FILE.v<N>.bak"; newer ones are refused. What ran in a process that is gone is marked as
    /// cut off; what it ran of the queue waits again.
    explicit RunStore(const std::filesystem::path& file, const RunStoreOptions& options = {});
    ~RunStore();
    RunStore(RunStore&&) noexcept;
    RunStore& operator=(RunStore&&) noexcept;

    const std::filesystem::path& file() const noexcept;
    static constexpr int kSchemaVersion = 10;

    /// Writes the run as running, before its first call. The request carries the checkpoints' SHA-256.
    /// `queued`: the item of the queue that it is the run of, which keeps the run's id from then on.
    std::int64_t begin(const GenerationRequest& request, const Provenance& provenance,
                       const ScheduleCost& cost, std::int64_t queued = 0);
    /// A run that was stopped or cut off is running again, in this process; its samples and seconds stay.
    void resume(std::int64_t run);
    /// Adds a finished sample, in a transaction of its own. Each index once. `work`: of the whole run up to
    /// here; it replaces what was known (unless it is empty), so that a run cut off keeps what it had done.
    void addSample(std::int64_t run, const RunSample& sample, const RunWork& work = {});
    /// Ends a run: state, wall time, and its work as above.
    void finish(std::int64_t run, RunState state, double seconds, const RunWork& work = {});
    /// Adds or replaces the measure of that name.
    void addMeasure(std::int64_t run, const Measure& measure);
    /// Keeps the scores of these samples, which are in the store; one without a score loses what it had.
    void setScores(std::int64_t run, std::span<const RunSample> samples);
    /// Adds runs that were made elsewhere, all or none, and returns their ids, which are newly given. Times,
    /// samples, scores, measures, work and note stay as they are; a branch's parent is a run of this store or
    /// 0. Throws when one of them is running. `identities`: none, or what each run is called everywhere; a
    /// run that the store has under its identity is not added again, and its id is that of the one there.
    std::vector<std::int64_t> addRuns(std::span<const Run> runs,
                                      std::span<const std::string> identities = {});
    /// The run that was added under this identity.
    std::optional<std::int64_t> findIdentity(const std::string& identity) const;
    /// The ended runs that were started then and have no identity, newest first; in the bin too.
    std::vector<std::int64_t> unidentifiedRuns(const std::string& started) const;
    void setNote(std::int64_t run, const std::string& note);
    void remove(std::int64_t run);

    // What people put on runs, all of them or none. They throw when one is not there.
    void setStarred(std::span<const std::int64_t> runs, bool starred);
    /// Tags count without surrounding blanks and, for ASCII, without case. Throws when the tag is empty,
    /// longer than kLongestTag, or has a quote or a control character.
    void addTag(std::span<const std::int64_t> runs, const std::string& tag);
    void removeTag(std::span<const std::int64_t> runs, const std::string& tag);
    /// Every tag and how many runs have it, by name; without the bin's.
    std::vector<std::pair<std::string, int>> listTags() const;
    /// What is in the bin is left out of lists, counts and searches, and can be read by its number.
    void moveToBin(std::span<const std::int64_t> runs);
    void restoreFromBin(std::span<const std::int64_t> runs);
    /// Removes what is in the bin, but for what is running; how many runs.
    int emptyBin();
    int binCount() const;

    /// Newest first.
    std::vector<RunSummary> list(int limit = -1) const;
    /// Numbers of the runs that a query means, in its order. Throws
    /// Error(Request) for a query that cannot be read.
    std::vector<std::int64_t> findRuns(const RunQuery& query) const;
    /// In this order; without those that are not there.
    std::vector<RunSummary> summaries(std::span<const std::int64_t> runs) const;
    /// The runs that a query means in groups, by the first of each.
    std::vector<RunGroup> groupRuns(const RunQuery& query, RunGrouping grouping) const;
    /// Of all measures of runs, sorted.
    std::vector<std::string> listMeasureNames() const;
    /// Throws Error(Store) when there is no such run.
    RunSummary summary(std::int64_t run) const;
    Run load(std::int64_t run) const;
    int count() const;
    /// The runs that were branched from this one (which may be gone: ids are never given twice), oldest
    /// first.
    std::vector<std::int64_t> branchesOf(std::int64_t run) const;

    /// Writes a training run as running: key, name, kind, folder, validation, planned steps, note, config and
    /// provenance are taken from `description`. Where the store has that key it goes on with the same row,
    /// whose id, start and (unless a new one is given) note stay and whose points after `fromStep` are
    /// dropped: they will be trained again. Throws when another process is writing it, when the key is empty,
    /// and when config or provenance is not JSON.
    std::int64_t beginTraining(const TrainingRun& description, std::int64_t fromStep = 0);
    /// All in one transaction; a point of a step that is there replaces it. Throws when there is no such
    /// training run (any more).
    void addTrainingPoints(std::int64_t training, std::span<const TrainingPoint> points);
    void finishTraining(std::int64_t training, TrainingState state);
    void removeTraining(std::int64_t training);
    /// Newest first.
    std::vector<TrainingSummary> listTrainings() const;
    /// With its points.
    TrainingRun loadTraining(std::int64_t training) const;

    /// Adds a schedule to the library and returns it with id and time. Names count without surrounding blanks
    /// and, for ASCII, without case. Throws when the name is empty, longer than kLongestScheduleName, or
    /// taken, naming the schedule that has it.
    NamedSchedule saveSchedule(const std::string& name, const StepSchedule& schedule);
    /// Puts back what was removed: same id, name and time. Throws as above, and when the id is there.
    void restoreSchedule(const NamedSchedule& schedule);
    /// Replaces the schedule kept under a name.
    void changeSchedule(std::int64_t id, const StepSchedule& schedule);
    void renameSchedule(std::int64_t id, const std::string& name);
    void removeSchedule(std::int64_t id);
    /// By name.
    std::vector<NamedSchedule> listSchedules() const;
    /// Throws when there is none of that name, naming those that come close.
    NamedSchedule findSchedule(const std::string& name) const;

    /// Adds generations at the end of the queue, all or none; their ids.
    std::vector<std::int64_t> addToQueue(std::span<const WantedGeneration> wanted);
    /// In the order in which they are run.
    std::vector<QueuedGeneration> listQueue() const;
    /// Puts items, in this order, before the item `before`; 0: at the end. Throws when one is not there.
    void moveInQueue(std::span<const std::int64_t> items, std::int64_t before);
    /// Takes items out and says which (one may have been finished meanwhile). Throws, and removes none, when
    /// another living process runs one of them. Whoever removes what this process runs has to stop it.
    std::vector<QueuedGeneration> removeFromQueue(std::span<const std::int64_t> items);
    /// Puts back what was removed: same ids and places. What was running waits.
    void restoreToQueue(std::span<const QueuedGeneration> items);

    /// The first one that waits is now run by this process; nothing when none does.
    std::optional<QueuedGeneration> claimQueued();
    /// An item that this process runs waits again. Nothing happens when it does not run it, here and below.
    void releaseQueued(std::int64_t item);
    /// Items run by processes that are gone wait again. (Opening a store and claiming do that too.)
    void releaseAbandonedQueue();
    void failQueued(std::int64_t item, const Error::Parts& error);
    /// A failed item waits again.
    void retryQueued(std::int64_t item);
    /// The item is done and leaves the queue.
    void finishQueued(std::int64_t item);

    /// Keeps an analysis in place of what there was under the same kind and settings.
    void keepAnalysis(const StoredAnalysis& analysis);
    /// Nothing when it was not made yet.
    std::optional<StoredAnalysis> findAnalysis(const std::string& kind, const nlohmann::json& settings) const;
    /// All of a kind, newest first.
    std::vector<StoredAnalysis> listAnalyses(const std::string& kind) const;

    /// What is wrong with the file, a sentence each; empty: nothing. Reads all of it.
    std::vector<std::string> checkIntegrity() const;
    /// Writes a copy of all that is committed, in whose place it appears when it is whole; what stood there
    /// is replaced. Others may write meanwhile.
    void backUp(const std::filesystem::path& copy) const;

    /// A number of this object that grows when any process has committed to the file; cheap.
    std::int64_t changeCounter() const;

private:
    struct Database;
    std::unique_ptr<Database> m_database;
};

/// The store of this user: $XDG_DATA_HOME/steploom/runs.sqlite (or ~/.local/share/…). Creates the folder.
std::filesystem::path defaultStoreFile();

} // namespace steploom
