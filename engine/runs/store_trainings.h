// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runs/store_reading.h"
#include "engine/runs/training_run.h"

#include <span>
#include <string_view>

namespace steploom {

// The training runs of a store: what RunStore's methods of the same names do, which say what is promised.
// Writing opens its own transaction; reading happens within the caller's. They throw SQLite::Exception too.

std::int64_t beginTraining(const StoreSource& source, const TrainingRun& description, std::int64_t fromStep);
void addTrainingPoints(const StoreSource& source, std::int64_t training,
                       std::span<const TrainingPoint> points);
void finishTraining(const StoreSource& source, std::int64_t training, TrainingState state);
void removeTraining(const StoreSource& source, std::int64_t training);
std::vector<TrainingSummary> readTrainings(const StoreSource& source);
TrainingRun readTraining(const StoreSource& source, std::int64_t training);

} // namespace steploom
