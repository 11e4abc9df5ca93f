// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <filesystem>
#include <optional>

namespace steploom {

/// What the weights of a checkpoint cost from the first random ones on, over every training that one began
/// with another's; none where a training.json on the way does not say.
struct TrainingTotals {
    std::optional<double> tokens, flops;
};

/// From the training.json beside a checkpoint, which may be missing or anything at all.
TrainingTotals trainingTotals(const std::filesystem::path& checkpoint);

/// How a training.json tells of the checkpoint that its training began with: {"tokens", "flops"}, null where
/// that is not known.
nlohmann::ordered_json beforeJson(const TrainingTotals& totals);

} // namespace steploom
