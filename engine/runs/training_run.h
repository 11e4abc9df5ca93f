// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace steploom {

enum class TrainingState {
    Running,  ///< a store opened later finds it cut off unless its process lives
    Finished, ///< every step that was planned
    Stopped,  ///< by the user; it can be resumed
    CutOff,   ///< the process died
    Failed,   ///< ended by an error: loss not a number, disk full…
};
/// "running", "finished", "stopped", "cut off", "failed"
std::string_view trainingStateName(TrainingState state) noexcept;

/// One point of a training run's curve. All but loss and learning rate are totals since step 0, over every
/// resumption.
struct TrainingPoint {
    std::int64_t step = 0;   ///< optimiser steps taken; one point each
    std::int64_t tokens = 0; ///< trained on
    double seconds = 0;      ///< wall time of training
    /// 6 × parameters × tokens, and a teacher's where there is one; of CALM those of its products.
    double flops = 0;
    double learningRate = 0;
    /// Of the training batches since the point before: nats per token; of CALM its own loss.
    double loss = 0;
    std::optional<double> validation; ///< the validation measure on held-out text, where it was measured

    friend bool operator==(const TrainingPoint&, const TrainingPoint&) = default;
};

/// One line of a list of training runs.
struct TrainingSummary {
    std::int64_t id = 0;
    /// What makes it this training and no other; the trainer keeps it with its state, so that a resumed
    /// training goes on in the same row. Not empty, unique in a store.
    std::string key;
    std::string name;
    std::string kind;              ///< "mdlm", "distil", "causal"…
    std::string folder;            ///< where the checkpoint goes
    std::string validation;        ///< what TrainingPoint::validation is: "NELBO", "BrierLM"…
    std::int64_t plannedSteps = 0; ///< 0: not known
    std::string note;
    TrainingState state = TrainingState::Running;
    std::string started; ///< UTC, ISO 8601; of the first step, not of the latest resumption
    /// Where it is; nothing before the first point.
    std::optional<TrainingPoint> last;
    std::optional<double> lastValidation; ///< the latest that was measured, of whichever point

    friend bool operator==(const TrainingSummary&, const TrainingSummary&) = default;
};

struct TrainingRun {
    TrainingSummary summary;
    std::string config = "{}";         ///< JSON: every hyper-parameter
    std::string provenance = "{}";     ///< JSON: version, device, threads, libraries, hashes of the data…
    std::vector<TrainingPoint> points; ///< by step
};

} // namespace steploom
