// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/store_trainings.h"

#include "engine/core/json_text.h"
#include "engine/runs/process_identity.h"
#include "engine/runs/store_columns.h"
#include "engine/runs/utc_now.h"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>

#include <array>

namespace steploom {

namespace {

Error noSuchTraining(const StoreSource& source, std::int64_t training) {
    return Error(ErrorKind::Store, {"there is no such training run", source.file.string(),
                                    fmt::format("the store holds no training run {}", training),
                                    "List the training runs to see which there are"});
}

void requireChanged(int changed, const StoreSource& source, std::int64_t training) {
    if (changed == 0)
        throw noSuchTraining(source, training);
}

TrainingState stateOf(const std::string& name) {
    constexpr std::array kEnded{TrainingState::Running, TrainingState::Finished, TrainingState::Stopped,
                                TrainingState::Failed};
    for (const TrainingState state : kEnded)
        if (trainingStateName(state) == name)
            return state;
    return TrainingState::CutOff; // the table's CHECK allows these five only
}

/// Before it is written: whoever reads the row later must be able to.
void requireSound(const TrainingRun& description, const StoreSource& source) {
    Error::Parts parts{"cannot begin a training run", source.file.string(), "its key is empty",
                       "Give it a key of its own"};
    if (description.summary.key.empty())
        throw Error(ErrorKind::Store, std::move(parts));
    for (const auto& [name, text] :
         {std::pair{"config", &description.config}, std::pair{"provenance", &description.provenance}}) {
        parts.where =
            fmt::format("{}, training run \"{}\", {}", source.file.string(), description.summary.key, name);
        parts.remedy = "Write it as JSON";
        parseJson(*text, ErrorKind::Store, parts);
    }
}

/// The row of that key, 0: none. Throws Error(Store) when another process is at it.
std::int64_t findTraining(const StoreSource& source, const std::string& key) {
    SQLite::Statement row(source.database, "SELECT id, state, process_id, process_start, boot_id "
                                           "FROM training_runs WHERE key = ?");
    row.bind(1, key);
    if (!row.executeStep())
        return 0;
    const std::int64_t id = row.getColumn(0).getInt64();
    const ProcessIdentity writer{row.getColumn(2).getInt64(), row.getColumn(3).getInt64(),
                                 row.getColumn(4).getString()};
    const bool running = stateOf(row.getColumn(1).getString()) == TrainingState::Running;
    if (running && writer != thisProcess() && isRunning(writer))
        throw Error(ErrorKind::Store, {"cannot go on with a training run", source.file.string(),
                                       fmt::format("process {} is writing training run {}", writer.pid, id),
                                       "Wait until it ends, or stop it"});
    return id;
}

constexpr const char* kPointColumns =
    "p.step, p.tokens, p.seconds, p.flops, p.learning_rate, p.loss, p.validation";

TrainingPoint pointAt(SQLite::Statement& row, int first) {
    TrainingPoint point;
    point.step = row.getColumn(first).getInt64();
    point.tokens = row.getColumn(first + 1).getInt64();
    point.seconds = row.getColumn(first + 2).getDouble();
    point.flops = row.getColumn(first + 3).getDouble();
    point.learningRate = row.getColumn(first + 4).getDouble();
    point.loss = numberOrNaN(row.getColumn(first + 5));
    if (!row.getColumn(first + 6).isNull())
        point.validation = row.getColumn(first + 6).getDouble();
    return point;
}

/// The columns of a summary, for `selection`; each last point costs a look at the end of its key range.
std::string summaryQuery(const char* selection) {
    return fmt::format("SELECT r.id, r.key, r.name, r.kind, r.folder, r.validation, r.planned_steps, r.note, "
                       "r.state, r.started, (SELECT validation FROM training_points WHERE training = r.id "
                       "AND validation IS NOT NULL ORDER BY step DESC LIMIT 1), {} "
                       "FROM training_runs r LEFT JOIN training_points p ON p.training = r.id AND p.step = "
                       "(SELECT max(step) FROM training_points WHERE training = r.id) {}",
                       kPointColumns, selection);
}

TrainingSummary summaryAt(SQLite::Statement& row) {
    TrainingSummary summary;
    summary.id = row.getColumn(0).getInt64();
    summary.key = row.getColumn(1).getString();
    summary.name = row.getColumn(2).getString();
    summary.kind = row.getColumn(3).getString();
    summary.folder = row.getColumn(4).getString();
    summary.validation = row.getColumn(5).getString();
    summary.plannedSteps = row.getColumn(6).getInt64();
    summary.note = row.getColumn(7).getString();
    summary.state = stateOf(row.getColumn(8).getString());
    summary.started = row.getColumn(9).getString();
    if (!row.getColumn(10).isNull())
        summary.lastValidation = row.getColumn(10).getDouble();
    if (!row.getColumn(11).isNull())
        summary.last = pointAt(row, 11);
    return summary;
}

} // namespace

std::int64_t beginTraining(const StoreSource& source, const TrainingRun& description, std::int64_t fromStep) {
    requireSound(description, source);
    const TrainingSummary& summary = description.summary;
    const ProcessIdentity writer = thisProcess();
    SQLite::Transaction transaction(source.database, SQLite::TransactionBehavior::IMMEDIATE);
    const std::int64_t known = findTraining(source, summary.key);
    // One statement for both: what the description says holds from here on; id and start stay.
    SQLite::Statement write(
        source.database,
        "INSERT INTO training_runs (key, name, kind, folder, validation, planned_steps, note, state, "
        "started, "
        "process_id, process_start, boot_id, config, provenance) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, 'running', ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET "
        "name = excluded.name, kind = excluded.kind, folder = excluded.folder, "
        "validation = excluded.validation, planned_steps = excluded.planned_steps, "
        "note = CASE excluded.note WHEN '' THEN note ELSE excluded.note END, state = excluded.state, "
        "process_id = excluded.process_id, process_start = excluded.process_start, "
        "boot_id = excluded.boot_id, config = excluded.config, provenance = excluded.provenance");
    write.bind(1, summary.key);
    write.bind(2, summary.name);
    write.bind(3, summary.kind);
    write.bind(4, summary.folder);
    write.bind(5, summary.validation);
    write.bind(6, summary.plannedSteps);
    write.bind(7, summary.note);
    write.bind(8, utcNow());
    write.bind(9, writer.pid);
    write.bind(10, writer.startTicks);
    write.bind(11, writer.boot);
    write.bind(12, description.config);
    write.bind(13, description.provenance);
    write.exec();
    const std::int64_t training = known ? known : source.database.getLastInsertRowid();
    SQLite::Statement drop(source.database, "DELETE FROM training_points WHERE training = ? AND step > ?");
    drop.bind(1, training);
    drop.bind(2, fromStep);
    drop.exec();
    transaction.commit();
    return training;
}

void addTrainingPoints(const StoreSource& source, std::int64_t training,
                       std::span<const TrainingPoint> points) {
    SQLite::Transaction transaction(source.database, SQLite::TransactionBehavior::IMMEDIATE);
    SQLite::Statement known(source.database, "SELECT 1 FROM training_runs WHERE id = ?");
    known.bind(1, training);
    requireChanged(known.executeStep() ? 1 : 0, source, training);
    SQLite::Statement insert(source.database,
                             "INSERT OR REPLACE INTO training_points "
                             "(training, step, tokens, seconds, flops, learning_rate, loss, validation) "
                             "VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    for (const TrainingPoint& point : points) {
        insert.bind(1, training);
        insert.bind(2, point.step);
        insert.bind(3, point.tokens);
        insert.bind(4, point.seconds);
        insert.bind(5, point.flops);
        insert.bind(6, point.learningRate);
        bindNumber(insert, 7, point.loss);
        if (point.validation)
            bindNumber(insert, 8, *point.validation);
        else
            insert.bind(8);
        insert.exec();
        insert.reset();
    }
    transaction.commit();
}

void finishTraining(const StoreSource& source, std::int64_t training, TrainingState state) {
    SQLite::Statement update(source.database, "UPDATE training_runs SET state = ? WHERE id = ?");
    update.bind(1, std::string(trainingStateName(state)));
    update.bind(2, training);
    requireChanged(update.exec(), source, training);
}

void removeTraining(const StoreSource& source, std::int64_t training) {
    SQLite::Statement erase(source.database, "DELETE FROM training_runs WHERE id = ?");
    erase.bind(1, training);
    requireChanged(erase.exec(), source, training);
}

std::vector<TrainingSummary> readTrainings(const StoreSource& source) {
    std::vector<TrainingSummary> trainings;
    SQLite::Statement rows(source.database, summaryQuery("ORDER BY r.id DESC"));
    while (rows.executeStep())
        trainings.push_back(summaryAt(rows));
    return trainings;
}

TrainingRun readTraining(const StoreSource& source, std::int64_t training) {
    TrainingRun run;
    SQLite::Statement summary(source.database, summaryQuery("WHERE r.id = ?"));
    summary.bind(1, training);
    if (!summary.executeStep())
        throw noSuchTraining(source, training);
    run.summary = summaryAt(summary);
    SQLite::Statement texts(source.database, "SELECT config, provenance FROM training_runs WHERE id = ?");
    texts.bind(1, training);
    if (texts.executeStep()) {
        run.config = texts.getColumn(0).getString();
        run.provenance = texts.getColumn(1).getString();
    }
    SQLite::Statement points(source.database, fmt::format("SELECT {} FROM training_points p "
                                                          "WHERE p.training = ? ORDER BY p.step",
                                                          kPointColumns));
    points.bind(1, training);
    while (points.executeStep())
        run.points.push_back(pointAt(points, 0));
    return run;
}

} // namespace steploom
