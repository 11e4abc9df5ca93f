// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/torch_weights.h"

#include <filesystem>
#include <optional>

namespace steploom {

/// A path as users write it and runs store it: "last.ckpt@raw" asks for the raw weights of a training
/// checkpoint, "last.ckpt@ema" for the averaged ones and nothing else.
struct WeightsPath {
    std::filesystem::path path;
    std::optional<WeightSet> asked;
};

/// Takes "@raw" and "@ema" off the end, unless a file or folder has exactly that name.
WeightsPath splitWeightsPath(const std::filesystem::path& text);

} // namespace steploom
