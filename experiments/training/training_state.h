// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <nlohmann/json.hpp>
#include <torch/types.h>

#include <filesystem>
#include <map>
#include <string>

namespace steploom {

/// What a training is resumed from: tensors [count] f32 by name, and the rest as JSON.
struct SavedTraining {
    nlohmann::json facts;
    std::map<std::string, torch::Tensor> tensors;
};

/// Written beside its final place and renamed: whoever is killed, or finds the disk full, leaves the state of
/// before. One safetensors file, the facts in it as bytes: two files could be of two steps. Throws
/// Error(File).
void saveTrainingState(const std::filesystem::path& file, const SavedTraining& state);
/// Throws Error(File) for what is not such a file.
SavedTraining loadTrainingState(const std::filesystem::path& file);

} // namespace steploom
