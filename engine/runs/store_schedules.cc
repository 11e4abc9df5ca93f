// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/store_schedules.h"

#include "engine/core/utf8.h"
#include "engine/runs/utc_now.h"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>

#include <algorithm>

namespace steploom {

namespace {

constexpr auto kColumns = "SELECT id, name, created, notation FROM schedules ";

Error noSuchSchedule(const StoreSource& source, const std::string& which) {
    return Error(ErrorKind::Store, {"there is no such schedule", source.file.string(),
                                    fmt::format("the library holds no schedule {}", which),
                                    "List the schedules to see which there are"});
}

void requireChanged(int changed, const StoreSource& source, std::int64_t id) {
    if (changed == 0)
        throw noSuchSchedule(source, std::to_string(id));
}

NamedSchedule scheduleAt(SQLite::Statement& row, const StoreSource& source) {
    NamedSchedule schedule{
        row.getColumn(0).getInt64(), row.getColumn(1).getString(), row.getColumn(2).getString(), {}};
    try {
        schedule.schedule = parseSchedule(row.getColumn(3).getString());
    } catch (const Error& cause) {
        throw Error(ErrorKind::Store,
                    {"cannot read a stored schedule",
                     fmt::format("{}, schedule {} \"{}\"", source.file.string(), schedule.id, schedule.name),
                     cause.parts().why, "Restore the file from a copy, or remove this schedule"});
    }
    return schedule;
}

std::string trimmed(const std::string& text) {
    constexpr auto kBlank = " \t\r\n";
    const std::size_t begin = text.find_first_not_of(kBlank);
    return begin == std::string::npos ? "" : text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

/// The name as it is kept. Within the transaction of the writing; `id`: of the schedule that may have it.
std::string freeName(const StoreSource& source, const std::string& wanted, std::int64_t id) {
    const std::string name = trimmed(replaceInvalidUtf8(wanted));
    Error::Parts parts{"cannot keep the schedule", source.file.string(), "its name is empty",
                       "Give it a name"};
    if (name.size() > kLongestScheduleName) {
        parts.why =
            fmt::format("its name has {} bytes, a name has at most {}", name.size(), kLongestScheduleName);
        parts.remedy = "Give it a shorter name";
    }
    if (name.empty() || name.size() > kLongestScheduleName)
        throw Error(ErrorKind::Store, std::move(parts));
    SQLite::Statement row(source.database, std::string(kColumns) + "WHERE name = ? AND id <> ?");
    row.bind(1, name);
    row.bind(2, id);
    if (row.executeStep()) {
        parts.why = fmt::format("the name \"{}\" is taken, by {}", row.getColumn(1).getString(),
                                row.getColumn(3).getString().substr(0, 60));
        parts.remedy = "Choose another name, or replace that schedule";
        throw Error(ErrorKind::Store, std::move(parts));
    }
    return name;
}

void insert(const StoreSource& source, const NamedSchedule& schedule) {
    SQLite::Statement statement(source.database,
                                "INSERT INTO schedules (id, name, created, notation) VALUES (?, ?, ?, ?)");
    if (schedule.id > 0)
        statement.bind(1, schedule.id);
    else
        statement.bind(1); // the next one
    statement.bind(2, schedule.name);
    statement.bind(3, schedule.created);
    statement.bind(4, printSchedule(schedule.schedule));
    statement.exec();
}

void requireSteps(const StoreSource& source, const StepSchedule& schedule) {
    if (schedule.empty())
        throw Error(ErrorKind::Store, {"cannot keep the schedule", source.file.string(), "it has no steps",
                                       "Start from a schedule with a step"});
}

} // namespace

NamedSchedule saveSchedule(const StoreSource& source, const std::string& name, const StepSchedule& schedule) {
    requireSteps(source, schedule);
    SQLite::Transaction transaction(source.database, SQLite::TransactionBehavior::IMMEDIATE);
    NamedSchedule saved{0, freeName(source, name, 0), utcNow(), schedule};
    insert(source, saved);
    saved.id = source.database.getLastInsertRowid();
    transaction.commit();
    return saved;
}

void restoreSchedule(const StoreSource& source, const NamedSchedule& schedule) {
    requireSteps(source, schedule.schedule);
    SQLite::Transaction transaction(source.database, SQLite::TransactionBehavior::IMMEDIATE);
    NamedSchedule restored = schedule;
    restored.name = freeName(source, schedule.name, 0);
    insert(source, restored);
    transaction.commit();
}

void changeSchedule(const StoreSource& source, std::int64_t id, const StepSchedule& schedule) {
    requireSteps(source, schedule);
    SQLite::Statement update(source.database, "UPDATE schedules SET notation = ? WHERE id = ?");
    update.bind(1, printSchedule(schedule));
    update.bind(2, id);
    requireChanged(update.exec(), source, id);
}

void renameSchedule(const StoreSource& source, std::int64_t id, const std::string& name) {
    SQLite::Transaction transaction(source.database, SQLite::TransactionBehavior::IMMEDIATE);
    SQLite::Statement update(source.database, "UPDATE schedules SET name = ? WHERE id = ?");
    update.bind(1, freeName(source, name, id));
    update.bind(2, id);
    requireChanged(update.exec(), source, id);
    transaction.commit();
}

void removeSchedule(const StoreSource& source, std::int64_t id) {
    SQLite::Statement erase(source.database, "DELETE FROM schedules WHERE id = ?");
    erase.bind(1, id);
    requireChanged(erase.exec(), source, id);
}

std::vector<NamedSchedule> readSchedules(const StoreSource& source) {
    std::vector<NamedSchedule> schedules;
    SQLite::Statement rows(source.database, std::string(kColumns) + "ORDER BY name, id");
    while (rows.executeStep())
        schedules.push_back(scheduleAt(rows, source));
    return schedules;
}

NamedSchedule findSchedule(const StoreSource& source, const std::string& name) {
    SQLite::Statement row(source.database, std::string(kColumns) + "WHERE name = ?");
    row.bind(1, trimmed(name));
    if (row.executeStep())
        return scheduleAt(row, source);
    Error::Parts parts = noSuchSchedule(source, fmt::format("named \"{}\"", name)).parts();
    std::string names;
    SQLite::Statement close(source.database,
                            "SELECT name FROM schedules ORDER BY instr(lower(name), lower(?)) "
                            "= 0, name LIMIT 5");
    close.bind(1, trimmed(name).substr(0, 3));
    while (close.executeStep())
        names += fmt::format("{}\"{}\"", names.empty() ? "" : ", ", close.getColumn(0).getString());
    if (!names.empty())
        parts.remedy = "There are, among others: " + names;
    throw Error(ErrorKind::Store, std::move(parts));
}

} // namespace steploom
