// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/safetensors.h"

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace steploom {

/// The tensor files of a model folder, in the order of their names, and what they hold together.
struct TensorFiles {
    std::vector<std::shared_ptr<const MappedFile>> files;
    std::map<std::string, TensorView> tensors;
};

/// Opens `model.safetensors`, or else the shards named by `model.safetensors.index.json`. The index is not
/// believed: it may name plain files of its own folder only, all shards must be there, and each must hold the
/// tensors it is said to hold; what is missing is listed in one Error(File).
TensorFiles openTensorFiles(const std::filesystem::path& folder);

} // namespace steploom
