// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/store_queue.h"

#include "engine/core/utf8.h"
#include "engine/runs/process_identity.h"
#include "engine/runs/run_json.h"
#include "engine/runs/utc_now.h"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>

#include <algorithm>

namespace steploom {

std::string_view queueStateName(QueueState state) noexcept {
    switch (state) {
    case QueueState::Waiting:
        return "waiting";
    case QueueState::Running:
        return "running";
    case QueueState::Failed:
        break;
    }
    return "failed";
}

namespace {

constexpr const char* kQuery =
    "SELECT q.id, q.position, q.state, q.process_id, q.process_start, q.boot_id, q.added, q.name, r.id, "
    "r.finished_samples, q.error, q.request, q.analysis FROM queue q LEFT JOIN runs r ON r.id = q.run ";

struct Row {
    QueuedGeneration item;
    ProcessIdentity runner; ///< of a running one
};

std::string errorText(const Error::Parts& error) {
    return jsonText(
        {{"what", error.what}, {"where", error.where}, {"why", error.why}, {"remedy", error.remedy}});
}

Error::Parts errorOf(const std::string& text) {
    if (text.empty())
        return {};
    const nlohmann::json json = nlohmann::json::parse(text);
    return {json.at("what"), json.at("where"), json.at("why"), json.at("remedy")};
}

std::string analysisText(const nlohmann::json& analysis) {
    return analysis.is_null() ? std::string() : jsonText(analysis);
}

Row rowAt(SQLite::Statement& row, const StoreSource& source) {
    Row read;
    QueuedGeneration& item = read.item;
    item.id = row.getColumn(0).getInt64();
    item.position = row.getColumn(1).getInt64();
    const std::string state = row.getColumn(2).getString();
    item.state = state == queueStateName(QueueState::Running)  ? QueueState::Running
                 : state == queueStateName(QueueState::Failed) ? QueueState::Failed
                                                               : QueueState::Waiting;
    read.runner = {row.getColumn(3).getInt64(), row.getColumn(4).getInt64(), row.getColumn(5).getString()};
    item.added = row.getColumn(6).getString();
    item.name = row.getColumn(7).getString();
    item.run = row.getColumn(8).getInt64(); // NULL reads as 0
    item.finishedSamples = row.getColumn(9).getInt();
    try {
        item.error = errorOf(row.getColumn(10).getString());
        item.request = nlohmann::json::parse(row.getColumn(11).getString()).get<GenerationRequest>();
        if (const std::string analysis = row.getColumn(12).getString(); !analysis.empty())
            item.analysis = nlohmann::json::parse(analysis);
    } catch (const std::exception& cause) {
        // One damaged item must not hide the others: it is shown, can be cancelled, and is never run.
        item.state = QueueState::Failed;
        item.error = {"cannot read a queued generation",
                      fmt::format("{}, item {}", source.file.string(), item.id), cause.what(),
                      "Cancel it, or restore the file from a copy"};
    }
    return read;
}

/// In their order.
std::vector<Row> readRows(const StoreSource& source) {
    std::vector<Row> rows;
    SQLite::Statement query(source.database, std::string(kQuery) + "ORDER BY q.position, q.id");
    const ProcessIdentity here = thisProcess();
    while (query.executeStep()) {
        rows.push_back(rowAt(query, source));
        Row& row = rows.back();
        row.item.here = row.item.state == QueueState::Running && row.runner == here;
    }
    return rows;
}

void setState(const StoreSource& source, std::int64_t item, QueueState state, const std::string& error = {}) {
    const ProcessIdentity runner = state == QueueState::Running ? thisProcess() : ProcessIdentity{};
    SQLite::Statement update(source.database, "UPDATE queue SET state = ?, error = ?, process_id = ?, "
                                              "process_start = ?, boot_id = ? WHERE id = ?");
    update.bind(1, std::string(queueStateName(state)));
    update.bind(2, error);
    update.bind(3, runner.pid);
    update.bind(4, runner.startTicks);
    update.bind(5, runner.boot);
    update.bind(6, item);
    update.exec();
}

/// Whether this process runs the item.
bool runsHere(const StoreSource& source, std::int64_t item) {
    SQLite::Statement row(source.database, "SELECT process_id, process_start, boot_id FROM queue "
                                           "WHERE id = ? AND state = 'running'");
    row.bind(1, item);
    return row.executeStep() && ProcessIdentity{row.getColumn(0).getInt64(), row.getColumn(1).getInt64(),
                                                row.getColumn(2).getString()} == thisProcess();
}

std::int64_t lastPosition(const StoreSource& source) {
    return source.database.execAndGet("SELECT coalesce(max(position), 0) FROM queue").getInt64();
}

Error noSuchItem(const StoreSource& source, std::int64_t item) {
    return Error(ErrorKind::Store,
                 {"there is no such queued generation", source.file.string(),
                  fmt::format("the queue holds no item {}", item),
                  "List the queue to see which there are; finished ones are among the runs"});
}

} // namespace

std::vector<std::int64_t> addToQueue(const StoreSource& source, std::span<const WantedGeneration> wanted) {
    SQLite::Transaction transaction(source.database, SQLite::TransactionBehavior::IMMEDIATE);
    std::int64_t position = lastPosition(source);
    SQLite::Statement insert(source.database, "INSERT INTO queue (position, state, added, name, request, "
                                              "analysis) VALUES (?, 'waiting', ?, ?, ?, ?)");
    std::vector<std::int64_t> ids;
    for (const WantedGeneration& each : wanted) {
        insert.bind(1, ++position);
        insert.bind(2, utcNow());
        insert.bind(3, replaceInvalidUtf8(each.name));
        insert.bind(4, jsonText(each.request));
        insert.bind(5, analysisText(each.analysis));
        insert.exec();
        insert.reset();
        ids.push_back(source.database.getLastInsertRowid());
    }
    transaction.commit();
    return ids;
}

std::vector<QueuedGeneration> readQueue(const StoreSource& source) {
    std::vector<QueuedGeneration> items;
    for (Row& row : readRows(source))
        items.push_back(std::move(row.item));
    return items;
}

void moveInQueue(const StoreSource& source, std::span<const std::int64_t> items, std::int64_t before) {
    SQLite::Transaction transaction(source.database, SQLite::TransactionBehavior::IMMEDIATE);
    std::vector<std::int64_t> order;
    SQLite::Statement rows(source.database, "SELECT id FROM queue ORDER BY position, id");
    while (rows.executeStep())
        order.push_back(rows.getColumn(0).getInt64());
    rows.reset();
    for (const std::int64_t item : items)
        if (std::ranges::find(order, item) == order.end())
            throw noSuchItem(source, item);
    const auto moves = [&](std::int64_t id) { return std::ranges::find(items, id) != items.end(); };
    // The place is that of the first one from `before` on that stays.
    auto place = before == 0 ? order.end() : std::ranges::find(order, before);
    if (before != 0 && place == order.end())
        throw noSuchItem(source, before);
    place = std::find_if_not(place, order.end(), moves);
    const std::int64_t anchor = place == order.end() ? 0 : *place;
    std::erase_if(order, moves);
    order.insert(anchor == 0 ? order.end() : std::ranges::find(order, anchor), items.begin(), items.end());

    SQLite::Statement update(source.database, "UPDATE queue SET position = ? WHERE id = ? AND position <> ?");
    std::int64_t position = 0;
    for (const std::int64_t id : order) {
        update.bind(1, ++position);
        update.bind(2, id);
        update.bind(3, position);
        update.exec();
        update.reset();
    }
    transaction.commit();
}

std::vector<QueuedGeneration> removeFromQueue(const StoreSource& source,
                                              std::span<const std::int64_t> items) {
    SQLite::Transaction transaction(source.database, SQLite::TransactionBehavior::IMMEDIATE);
    std::vector<QueuedGeneration> removed;
    SQLite::Statement erase(source.database, "DELETE FROM queue WHERE id = ?");
    for (Row& row : readRows(source)) {
        if (std::ranges::find(items, row.item.id) == items.end())
            continue;
        if (row.item.state == QueueState::Running && !row.item.here && isRunning(row.runner))
            throw Error(ErrorKind::Store, {"cannot cancel a queued generation",
                                           fmt::format("{}, item {}", source.file.string(), row.item.id),
                                           fmt::format("process {} is running it", row.runner.pid),
                                           "Stop it there, or wait until it is done"});
        erase.bind(1, row.item.id);
        erase.exec();
        erase.reset();
        removed.push_back(std::move(row.item));
    }
    transaction.commit();
    return removed;
}

void restoreToQueue(const StoreSource& source, std::span<const QueuedGeneration> items) {
    SQLite::Transaction transaction(source.database, SQLite::TransactionBehavior::IMMEDIATE);
    SQLite::Statement insert(source.database,
                             "INSERT INTO queue (id, position, state, added, name, run, error, "
                             "request, analysis) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    for (const QueuedGeneration& item : items) {
        const bool failed = item.state == QueueState::Failed;
        insert.bind(1, item.id);
        insert.bind(2, item.position);
        insert.bind(3, std::string(queueStateName(failed ? QueueState::Failed : QueueState::Waiting)));
        insert.bind(4, item.added);
        insert.bind(5, item.name);
        if (item.run != 0)
            insert.bind(6, item.run);
        insert.bind(7, failed ? errorText(item.error) : std::string());
        insert.bind(8, jsonText(item.request));
        insert.bind(9, analysisText(item.analysis));
        insert.exec();
        insert.reset();
        insert.clearBindings();
    }
    transaction.commit();
}

std::optional<QueuedGeneration> claimQueued(const StoreSource& source) {
    SQLite::Transaction transaction(source.database, SQLite::TransactionBehavior::IMMEDIATE);
    for (Row& row : readRows(source)) {
        const bool abandoned = row.item.state == QueueState::Running && !isRunning(row.runner);
        if (row.item.state != QueueState::Waiting && !abandoned)
            continue;
        setState(source, row.item.id, QueueState::Running);
        transaction.commit();
        row.item.state = QueueState::Running;
        row.item.here = true;
        return std::move(row.item);
    }
    return std::nullopt;
}

void releaseQueued(const StoreSource& source, std::int64_t item) {
    SQLite::Transaction transaction(source.database, SQLite::TransactionBehavior::IMMEDIATE);
    if (!runsHere(source, item))
        return;
    setState(source, item, QueueState::Waiting);
    transaction.commit();
}

void releaseAbandonedQueue(const StoreSource& source) {
    const auto abandoned = [](const Row& row) {
        return row.item.state == QueueState::Running && !isRunning(row.runner);
    };
    if (std::ranges::none_of(readRows(source), abandoned))
        return; // nothing to write: opening does not need the lock
    SQLite::Transaction transaction(source.database, SQLite::TransactionBehavior::IMMEDIATE);
    for (const Row& row : readRows(source))
        if (abandoned(row))
            setState(source, row.item.id, QueueState::Waiting);
    transaction.commit();
}

void failQueued(const StoreSource& source, std::int64_t item, const Error::Parts& error) {
    SQLite::Transaction transaction(source.database, SQLite::TransactionBehavior::IMMEDIATE);
    if (!runsHere(source, item))
        return;
    setState(source, item, QueueState::Failed, errorText(error));
    transaction.commit();
}

void retryQueued(const StoreSource& source, std::int64_t item) {
    SQLite::Statement update(
        source.database, "UPDATE queue SET state = 'waiting', error = '' WHERE id = ? AND state = 'failed'");
    update.bind(1, item);
    update.exec();
}

void finishQueued(const StoreSource& source, std::int64_t item) {
    SQLite::Statement erase(source.database, "DELETE FROM queue WHERE id = ?");
    erase.bind(1, item);
    erase.exec();
}

void linkQueued(const StoreSource& source, std::int64_t item, std::int64_t run) {
    SQLite::Statement update(source.database, "UPDATE queue SET run = ? WHERE id = ?");
    update.bind(1, run);
    update.bind(2, item);
    update.exec();
}

} // namespace steploom
