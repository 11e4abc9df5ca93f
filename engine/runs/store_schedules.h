// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runs/named_schedule.h"
#include "engine/runs/store_reading.h"

#include <string>
#include <vector>

namespace steploom {

// The library of schedules of a store: what RunStore's methods of the same names do, which say what is
// promised. Each is one statement or opens its own transaction. They throw SQLite::Exception too.

NamedSchedule saveSchedule(const StoreSource& source, const std::string& name, const StepSchedule& schedule);
void restoreSchedule(const StoreSource& source, const NamedSchedule& schedule);
void changeSchedule(const StoreSource& source, std::int64_t id, const StepSchedule& schedule);
void renameSchedule(const StoreSource& source, std::int64_t id, const std::string& name);
void removeSchedule(const StoreSource& source, std::int64_t id);
std::vector<NamedSchedule> readSchedules(const StoreSource& source);
NamedSchedule findSchedule(const StoreSource& source, const std::string& name);

} // namespace steploom
