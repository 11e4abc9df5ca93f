// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runs/queued_generation.h"
#include "engine/runs/store_reading.h"

#include <optional>
#include <span>
#include <vector>

namespace steploom {

// The queue of generations of a store: what RunStore's methods of the same names do, which say what is
// promised. Each is one statement or opens its own transaction. They throw SQLite::Exception too.

std::vector<std::int64_t> addToQueue(const StoreSource& source, std::span<const WantedGeneration> wanted);
std::vector<QueuedGeneration> readQueue(const StoreSource& source);
void moveInQueue(const StoreSource& source, std::span<const std::int64_t> items, std::int64_t before);
std::vector<QueuedGeneration> removeFromQueue(const StoreSource& source, std::span<const std::int64_t> items);
void restoreToQueue(const StoreSource& source, std::span<const QueuedGeneration> items);

std::optional<QueuedGeneration> claimQueued(const StoreSource& source);
void releaseQueued(const StoreSource& source, std::int64_t item);
void releaseAbandonedQueue(const StoreSource& source);
void failQueued(const StoreSource& source, std::int64_t item, const Error::Parts& error);
void retryQueued(const StoreSource& source, std::int64_t item);
void finishQueued(const StoreSource& source, std::int64_t item);

/// Within the caller's transaction: the item has begun this run.
void linkQueued(const StoreSource& source, std::int64_t item, std::int64_t run);

} // namespace steploom
