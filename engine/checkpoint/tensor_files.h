// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/safetensors.h"
#include "engine/checkpoint/torch_weights.h"

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace steploom {

/// Tensor files, in the order of their names, and what they hold together.
struct TensorFiles {
    std::vector<std::shared_ptr<const MappedFile>> files;
    std::vector<OwnedBytes> owned; ///< what tensors view besides the files
    std::map<std::string, TensorView> tensors;
    std::optional<nlohmann::json> config; ///< of a training checkpoint that brings its own
    WeightSet weights = WeightSet::Only;
};

/// Where the tensors of a checkpoint are.
struct TensorSource {
    enum class Kind {
        None,
        Safetensors,
        SafetensorsIndex,
        Torch,
        TorchIndex,
    };
    Kind kind = Kind::None;
    std::filesystem::path folder; ///< that holds config.json, tokenizer and shards
    std::filesystem::path file;   ///< tensor file or index; empty for None
};

/// Decides what `path` stands for. In a folder that is, in this order, model.safetensors, its index,
/// pytorch_model.bin, its index, or the one file there that ends in .ckpt, .pt or .pth. A path to such a file
/// stands for itself. Throws Error(File).
TensorSource findTensors(const std::filesystem::path& path);

/// Opens what findTensors found. An index is not believed: it may name plain files of its own folder only,
/// all shards must be there, and each must hold the tensors it is said to hold; what is missing is listed in
/// one Error(File). `asked` chooses among the weights of a training checkpoint.
TensorFiles openTensorFiles(const TensorSource& source, std::optional<WeightSet> asked);

} // namespace steploom
