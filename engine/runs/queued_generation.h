// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/error.h"
#include "engine/sampling/generation_request.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace steploom {

/// A generation, or an analysis, that somebody wants added to the queue.
struct WantedGeneration {
    std::string name; ///< what people call its schedule or analysis; may be empty
    GenerationRequest request;
    /// Null for a generation. Of an analysis what it takes beside the request, which names its pool: the
    /// store keeps it and does not read it (engine/analyses/queued_analysis.h does).
    nlohmann::json analysis;
};

enum class QueueState {
    Waiting, ///< its turn comes; one that was stopped or cut off waits again
    Running, ///< a living process is at it
    Failed,  ///< it could not be run; the rest of the queue goes on without it
};
std::string_view queueStateName(QueueState state) noexcept; ///< "waiting", "running", "failed"

/// An item of the store's queue. Finished ones are in it no longer: their run is among the runs.
struct QueuedGeneration {
    std::int64_t id = 0;
    std::int64_t position = 0; ///< of its place: smaller ones come first
    QueueState state = QueueState::Waiting;
    bool here = false; ///< running, in this process
    std::string added; ///< UTC, ISO 8601
    std::string name;  ///< what people call its schedule or analysis
    /// The run it has begun and is to be continued; 0: none yet, or it was removed.
    std::int64_t run = 0;
    int finishedSamples = 0; ///< of that run
    Error::Parts error;      ///< why it failed
    GenerationRequest request;
    nlohmann::json analysis; ///< null: a generation

    bool isAnalysis() const noexcept { return !analysis.is_null(); }
    /// What a list shows of both is the same. (Requests of one id never differ.)
    bool sameAs(const QueuedGeneration& other) const noexcept {
        return id == other.id && position == other.position && state == other.state && here == other.here &&
               name == other.name && run == other.run && finishedSamples == other.finishedSamples &&
               error.why == other.error.why;
    }
};

} // namespace steploom
