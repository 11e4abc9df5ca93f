// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/checkpoint.h"
#include "engine/core/progress.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace steploom {

struct Conversion {
    std::filesystem::path out;       ///< the folder to write: must not exist, or be empty
    std::optional<DType> floating{}; ///< F32 or BF16 for all floating-point tensors; none: as stored
    Progress progress{};
    std::stop_token stop{};
};

/// What a conversion has written.
struct Converted {
    std::size_t tensors = 0;
    std::uint64_t bytes = 0;                 ///< of their data
    std::vector<std::string> tokenizerFiles; ///< names of those copied
};

/// Writes a checkpoint as a folder in Hugging Face format: config.json, model.safetensors with the names that
/// loaders know, and copies of the tokenizer's files. A head that the config ties to the embedding
/// is left out, as loaders read the embedding in its place. The folder is made under another name and takes
/// its own when it is whole, so what goes wrong, or is stopped, leaves nothing behind. Throws Error(File).
Converted convertCheckpoint(const Checkpoint& checkpoint, const Conversion& conversion);

} // namespace steploom
