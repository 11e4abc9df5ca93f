// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/run_store.h"

#include "engine/runs/migrations.h"
#include "engine/runs/process_identity.h"
#include "engine/runs/run_json.h"
#include "engine/runs/store_analyses.h"
#include "engine/runs/store_database.h"
#include "engine/runs/store_error.h"
#include "engine/runs/store_facts.h"
#include "engine/runs/store_queue.h"
#include "engine/runs/store_reading.h"
#include "engine/runs/store_schedules.h"
#include "engine/runs/store_trainings.h"
#include "engine/runs/store_writing.h"
#include "engine/runs/trace_blob.h"
#include "engine/runs/utc_now.h"

#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <thread>

namespace steploom {

namespace {

using Clock = std::chrono::steady_clock;

} // namespace

RunStore::Database::Database(const std::filesystem::path& path, const RunStoreOptions& options)
    : file(path), sqlite(path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE,
                         static_cast<int>(options.lockTimeout.count())) {
    // Looks before it touches: a file that is another program's, newer or damaged stays as it is.
    requireOwnStore(sqlite, file, storeMigrations());
    requireWritable();
    sqlite.exec("PRAGMA foreign_keys = ON");
    switchToWal(options.lockTimeout);
    // A commit is on the disk when it returns, so a power cut loses no finished sample either.
    sqlite.exec("PRAGMA synchronous = FULL");
    sqlite.exec("PRAGMA cache_size = -32768"); // 32 MB: the narrow rows of 100,000 runs stay in memory
    if (options.maximumBytes > 0) {
        const std::int64_t page = sqlite.execAndGet("PRAGMA page_size").getInt64();
        sqlite.execAndGet(fmt::format("PRAGMA max_page_count = {}",
                                      std::max<std::int64_t>(1, options.maximumBytes / page)));
    }
    migrate(sqlite, file, storeMigrations());
    markCutOff("runs");
    markCutOff("training_runs");
    steploom::releaseAbandonedQueue(source());
}

void RunStore::Database::requireWritable() {
    // SQLite falls back to reading where it may not write, and would tell at the first sample only.
    if (sqlite3_db_readonly(sqlite.getHandle(), "main") == 1)
        throw Error(ErrorKind::Store, {"cannot open the run store", file.string(), "the file is read-only",
                                       "Allow writing to it, or choose another file"});
}

void RunStore::Database::switchToWal(std::chrono::milliseconds timeout) {
    // The switch needs the file for itself, and SQLite does not wait for that: two programs that open a new
    // store at the same moment would get in each other's way.
    const auto deadline = Clock::now() + timeout;
    while (true) {
        try {
            // One statement each: the switch is refused while the asking one is still open.
            const std::string mode = sqlite.execAndGet("PRAGMA journal_mode").getString();
            if (mode != "wal")
                sqlite.execAndGet("PRAGMA journal_mode = WAL");
            // File systems without shared memory keep the rollback journal: slower, as safe.
            return;
        } catch (const SQLite::Exception& cause) {
            if ((cause.getErrorCode() & 0xFF) != SQLITE_BUSY || Clock::now() >= deadline)
                throw;
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
    }
}

void RunStore::Database::markCutOff(const std::string& table) {
    struct Row {
        std::int64_t id;
        ProcessIdentity writer;
    };
    std::vector<Row> gone;
    SQLite::Statement running(sqlite, "SELECT id, process_id, process_start, boot_id FROM " + table +
                                          " WHERE state = 'running'");
    while (running.executeStep()) {
        Row row{running.getColumn(0).getInt64(),
                {running.getColumn(1).getInt64(), running.getColumn(2).getInt64(),
                 running.getColumn(3).getString()}};
        if (!isRunning(row.writer))
            gone.push_back(std::move(row));
    }
    running.reset();
    if (gone.empty())
        return; // nothing to write: opening does not need the lock
    SQLite::Transaction transaction(sqlite, SQLite::TransactionBehavior::IMMEDIATE);
    // Of that writer still: a training may have been resumed by another process meanwhile.
    SQLite::Statement mark(sqlite, "UPDATE " + table +
                                       " SET state = 'cut off' WHERE id = ? AND state = 'running' AND "
                                       "process_id = ? AND process_start = ? AND boot_id = ?");
    for (const auto& [id, writer] : gone) {
        mark.bind(1, id);
        mark.bind(2, writer.pid);
        mark.bind(3, writer.startTicks);
        mark.bind(4, writer.boot);
        mark.exec();
        mark.reset();
    }
    transaction.commit();
}

RunStore::RunStore(const std::filesystem::path& file, const RunStoreOptions& options)
    : m_database(guarded("cannot open the run store", file,
                         [&] { return std::make_unique<Database>(file, options); })) {}
RunStore::~RunStore() = default;
RunStore::RunStore(RunStore&&) noexcept = default;
RunStore& RunStore::operator=(RunStore&&) noexcept = default;

const std::filesystem::path& RunStore::file() const noexcept { return m_database->file; }

std::int64_t RunStore::begin(const GenerationRequest& request, const Provenance& provenance,
                             const ScheduleCost& cost, std::int64_t queued) {
    return guarded("cannot write a new run", file(), [&] {
        const ProcessIdentity writer = thisProcess();
        SQLite::Transaction transaction(m_database->sqlite, SQLite::TransactionBehavior::IMMEDIATE);
        SQLite::Statement insert(
            m_database->sqlite,
            "INSERT INTO runs (state, started, process_id, process_start, boot_id, schedule, "
            "request, cost, provenance, parent_run, parent_sample, parent_step) "
            "VALUES ('running', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
        insert.bind(1, utcNow());
        insert.bind(2, writer.pid);
        insert.bind(3, writer.startTicks);
        insert.bind(4, writer.boot);
        insert.bind(5, printSchedule(request.schedule));
        insert.bind(6, jsonText(request));
        insert.bind(7, jsonText(cost));
        insert.bind(8, jsonText(provenance));
        if (request.branch) { // unbound is NULL
            insert.bind(9, request.branch->parent);
            insert.bind(10, request.branch->sample);
            insert.bind(11, request.branch->step);
        }
        insert.exec();
        const std::int64_t run = m_database->sqlite.getLastInsertRowid();
        Statements statements(m_database->source());
        writeFacts(statements, run, factsOf(request, cost));
        if (queued != 0)
            linkQueued(m_database->source(), queued, run);
        transaction.commit();
        m_database->began[run] = Clock::now();
        return run;
    });
}

void RunStore::resume(std::int64_t run) {
    guarded(fmt::format("cannot continue run {}", run), file(), [&] {
        const double before = summary(run).seconds;
        const ProcessIdentity writer = thisProcess();
        SQLite::Transaction transaction(m_database->sqlite, SQLite::TransactionBehavior::IMMEDIATE);
        // It will be another run than the one that was imported.
        SQLite::Statement forget(m_database->sqlite, "DELETE FROM run_identities WHERE run = ?");
        forget.bind(1, run);
        forget.exec();
        SQLite::Statement update(m_database->sqlite, "UPDATE runs SET state = 'running', process_id = ?, "
                                                     "process_start = ?, boot_id = ? WHERE id = ?");
        update.bind(1, writer.pid);
        update.bind(2, writer.startTicks);
        update.bind(3, writer.boot);
        update.bind(4, run);
        m_database->requireChanged(update.exec(), run);
        transaction.commit();
        m_database->began[run] =
            Clock::now() - std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(before));
    });
}

void RunStore::addSample(std::int64_t run, const RunSample& sample, const RunWork& work) {
    const SampleTrace& trace = sample.trace;
    const std::vector<std::byte> blob = traceToCompactBlob(trace);
    guarded(fmt::format("cannot store sample {} of run {}", trace.index, run), file(), [&] {
        SQLite::Database& sqlite = m_database->sqlite;
        SQLite::Transaction transaction(sqlite, SQLite::TransactionBehavior::IMMEDIATE);
        const auto began = m_database->began.find(run);
        const double elapsed = began == m_database->began.end()
                                   ? 0
                                   : std::chrono::duration<double>(Clock::now() - began->second).count();
        SQLite::Statement total(
            sqlite, "UPDATE runs SET finished_samples = finished_samples + 1, "
                    "executed_flops = executed_flops + ?, seconds = max(seconds, ?) WHERE id = ?");
        total.bind(1, trace.flops);
        total.bind(2, elapsed);
        total.bind(3, run);
        m_database->requireChanged(total.exec(), run);

        Statements statements(m_database->source());
        writeSample(statements, run, sample, blob);

        SQLite::Statement count(sqlite,
                                "INSERT INTO run_calls (run, letter, calls) VALUES (?, ?, ?) "
                                "ON CONFLICT (run, letter) DO UPDATE SET calls = calls + excluded.calls");
        for (const auto& [letter, calls] : trace.calls) {
            count.bind(1, run);
            count.bind(2, std::string(1, letter));
            count.bind(3, calls);
            count.exec();
            count.reset();
        }
        writeWork(statements, run, work);
        transaction.commit();
    });
}

void RunStore::finish(std::int64_t run, RunState state, double seconds, const RunWork& work) {
    guarded(fmt::format("cannot end run {}", run), file(), [&] {
        SQLite::Transaction transaction(m_database->sqlite, SQLite::TransactionBehavior::IMMEDIATE);
        SQLite::Statement update(m_database->sqlite, "UPDATE runs SET state = ?, seconds = ? WHERE id = ?");
        update.bind(1, std::string(runStateName(state)));
        update.bind(2, seconds);
        update.bind(3, run);
        m_database->requireChanged(update.exec(), run);
        Statements statements(m_database->source());
        writeWork(statements, run, work);
        transaction.commit();
        m_database->began.erase(run);
    });
}

void RunStore::addMeasure(std::int64_t run, const Measure& measure) {
    guarded(fmt::format("cannot store the measure {} of run {}", measure.name, run), file(), [&] {
        SQLite::Transaction transaction(m_database->sqlite, SQLite::TransactionBehavior::IMMEDIATE);
        SQLite::Statement known(m_database->sqlite, "SELECT 1 FROM runs WHERE id = ?");
        known.bind(1, run);
        m_database->requireChanged(known.executeStep() ? 1 : 0, run);
        Statements statements(m_database->source());
        writeMeasure(statements, run, measure);
        transaction.commit();
    });
}

void RunStore::setScores(std::int64_t run, std::span<const RunSample> samples) {
    guarded(fmt::format("cannot store the scores of run {}", run), file(), [&] {
        SQLite::Transaction transaction(m_database->sqlite, SQLite::TransactionBehavior::IMMEDIATE);
        Statements statements(m_database->source());
        writeScores(statements, run, samples);
        transaction.commit();
    });
}

std::vector<std::int64_t> RunStore::addRuns(std::span<const Run> runs,
                                            std::span<const std::string> identities) {
    return guarded("cannot add runs", file(), [&] {
        SQLite::Transaction transaction(m_database->sqlite, SQLite::TransactionBehavior::IMMEDIATE);
        Statements statements(m_database->source());
        std::vector<std::int64_t> ids = steploom::addRuns(statements, runs, identities);
        transaction.commit();
        return ids;
    });
}

void RunStore::setNote(std::int64_t run, const std::string& note) {
    guarded(fmt::format("cannot keep the note of run {}", run), file(), [&] {
        SQLite::Statement update(m_database->sqlite, "UPDATE runs SET note = ? WHERE id = ?");
        update.bind(1, note);
        update.bind(2, run);
        m_database->requireChanged(update.exec(), run);
    });
}

void RunStore::remove(std::int64_t run) {
    guarded(fmt::format("cannot remove run {}", run), file(), [&] {
        SQLite::Statement erase(m_database->sqlite, "DELETE FROM runs WHERE id = ?");
        erase.bind(1, run);
        m_database->requireChanged(erase.exec(), run);
        m_database->began.erase(run);
    });
}

std::vector<RunSummary> RunStore::list(int limit) const {
    return guarded("cannot list the runs", file(), [&] {
        SQLite::Transaction snapshot(m_database->sqlite);
        return readSummaries(m_database->source(), limit);
    });
}

RunSummary RunStore::summary(std::int64_t run) const {
    return guarded(fmt::format("cannot read run {}", run), file(), [&] {
        SQLite::Transaction snapshot(m_database->sqlite);
        return readSummary(m_database->source(), run);
    });
}

Run RunStore::load(std::int64_t run) const {
    return guarded(fmt::format("cannot read run {}", run), file(), [&] {
        SQLite::Transaction snapshot(m_database->sqlite);
        const StoreSource source = m_database->source();
        return Run{readSummary(source, run), readProvenance(source, run), readSamples(source, run)};
    });
}

int RunStore::count() const {
    return guarded("cannot count the runs", file(), [&] {
        return m_database->sqlite.execAndGet("SELECT count(*) FROM run_facts WHERE binned IS NULL").getInt();
    });
}

std::vector<std::int64_t> RunStore::branchesOf(std::int64_t run) const {
    return guarded(fmt::format("cannot list the branches of run {}", run), file(), [&] {
        SQLite::Statement rows(m_database->sqlite,
                               "SELECT id FROM runs WHERE parent_run = ? AND id NOT IN "
                               "(SELECT run FROM run_facts WHERE binned IS NOT NULL) ORDER BY id");
        rows.bind(1, run);
        std::vector<std::int64_t> branches;
        while (rows.executeStep())
            branches.push_back(rows.getColumn(0).getInt64());
        return branches;
    });
}

std::int64_t RunStore::beginTraining(const TrainingRun& description, std::int64_t fromStep) {
    return guarded("cannot write a training run", file(),
                   [&] { return steploom::beginTraining(m_database->source(), description, fromStep); });
}

void RunStore::addTrainingPoints(std::int64_t training, std::span<const TrainingPoint> points) {
    guarded(fmt::format("cannot store the curve of training run {}", training), file(),
            [&] { steploom::addTrainingPoints(m_database->source(), training, points); });
}

void RunStore::finishTraining(std::int64_t training, TrainingState state) {
    guarded(fmt::format("cannot end training run {}", training), file(),
            [&] { steploom::finishTraining(m_database->source(), training, state); });
}

void RunStore::removeTraining(std::int64_t training) {
    guarded(fmt::format("cannot remove training run {}", training), file(),
            [&] { steploom::removeTraining(m_database->source(), training); });
}

std::vector<TrainingSummary> RunStore::listTrainings() const {
    return guarded("cannot list the training runs", file(), [&] {
        SQLite::Transaction snapshot(m_database->sqlite);
        return readTrainings(m_database->source());
    });
}

TrainingRun RunStore::loadTraining(std::int64_t training) const {
    return guarded(fmt::format("cannot read training run {}", training), file(), [&] {
        SQLite::Transaction snapshot(m_database->sqlite);
        return readTraining(m_database->source(), training);
    });
}

NamedSchedule RunStore::saveSchedule(const std::string& name, const StepSchedule& schedule) {
    return guarded("cannot keep the schedule", file(),
                   [&] { return steploom::saveSchedule(m_database->source(), name, schedule); });
}

void RunStore::restoreSchedule(const NamedSchedule& schedule) {
    guarded("cannot put the schedule back", file(),
            [&] { steploom::restoreSchedule(m_database->source(), schedule); });
}

void RunStore::changeSchedule(std::int64_t id, const StepSchedule& schedule) {
    guarded("cannot change the schedule", file(),
            [&] { steploom::changeSchedule(m_database->source(), id, schedule); });
}

void RunStore::renameSchedule(std::int64_t id, const std::string& name) {
    guarded("cannot rename the schedule", file(),
            [&] { steploom::renameSchedule(m_database->source(), id, name); });
}

void RunStore::removeSchedule(std::int64_t id) {
    guarded("cannot remove the schedule", file(),
            [&] { steploom::removeSchedule(m_database->source(), id); });
}

std::vector<NamedSchedule> RunStore::listSchedules() const {
    return guarded("cannot list the schedules", file(), [&] { return readSchedules(m_database->source()); });
}

NamedSchedule RunStore::findSchedule(const std::string& name) const {
    return guarded("cannot read the schedule", file(),
                   [&] { return steploom::findSchedule(m_database->source(), name); });
}

void RunStore::keepAnalysis(const StoredAnalysis& analysis) {
    guarded("cannot keep the analysis", file(),
            [&] { steploom::keepAnalysis(m_database->source(), analysis); });
}

std::optional<StoredAnalysis> RunStore::findAnalysis(const std::string& kind,
                                                     const nlohmann::json& settings) const {
    return guarded("cannot read the analysis", file(),
                   [&] { return steploom::findAnalysis(m_database->source(), kind, settings); });
}

std::vector<StoredAnalysis> RunStore::listAnalyses(const std::string& kind) const {
    return guarded("cannot read the analyses", file(),
                   [&] { return steploom::listAnalyses(m_database->source(), kind); });
}

std::vector<std::int64_t> RunStore::addToQueue(std::span<const WantedGeneration> wanted) {
    return guarded("cannot add to the queue", file(),
                   [&] { return steploom::addToQueue(m_database->source(), wanted); });
}

std::vector<QueuedGeneration> RunStore::listQueue() const {
    return guarded("cannot list the queue", file(), [&] { return readQueue(m_database->source()); });
}

void RunStore::moveInQueue(std::span<const std::int64_t> items, std::int64_t before) {
    guarded("cannot reorder the queue", file(),
            [&] { steploom::moveInQueue(m_database->source(), items, before); });
}

std::vector<QueuedGeneration> RunStore::removeFromQueue(std::span<const std::int64_t> items) {
    return guarded("cannot cancel queued generations", file(),
                   [&] { return steploom::removeFromQueue(m_database->source(), items); });
}

void RunStore::restoreToQueue(std::span<const QueuedGeneration> items) {
    guarded("cannot put back queued generations", file(),
            [&] { steploom::restoreToQueue(m_database->source(), items); });
}

std::optional<QueuedGeneration> RunStore::claimQueued() {
    return guarded("cannot take the next of the queue", file(),
                   [&] { return steploom::claimQueued(m_database->source()); });
}

void RunStore::releaseQueued(std::int64_t item) {
    guarded("cannot give back a queued generation", file(),
            [&] { steploom::releaseQueued(m_database->source(), item); });
}

void RunStore::releaseAbandonedQueue() {
    guarded("cannot look through the queue", file(),
            [&] { steploom::releaseAbandonedQueue(m_database->source()); });
}

void RunStore::failQueued(std::int64_t item, const Error::Parts& error) {
    guarded("cannot mark a queued generation as failed", file(),
            [&] { steploom::failQueued(m_database->source(), item, error); });
}

void RunStore::retryQueued(std::int64_t item) {
    guarded("cannot try a queued generation again", file(),
            [&] { steploom::retryQueued(m_database->source(), item); });
}

void RunStore::finishQueued(std::int64_t item) {
    guarded("cannot take a finished generation out of the queue", file(),
            [&] { steploom::finishQueued(m_database->source(), item); });
}

std::int64_t RunStore::changeCounter() const {
    return guarded("cannot look for changes", file(), [&] {
        // data_version tells of commits through other connections only, total changes of this one's.
        Database& database = *m_database;
        const std::int64_t dataVersion = database.sqlite.execAndGet("PRAGMA data_version").getInt64();
        const int ownChanges = database.sqlite.getTotalChanges();
        if (dataVersion != database.dataVersion || ownChanges != database.ownChanges)
            ++database.changes;
        database.dataVersion = dataVersion;
        database.ownChanges = ownChanges;
        return database.changes;
    });
}

} // namespace steploom
