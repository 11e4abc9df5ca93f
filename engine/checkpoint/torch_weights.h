// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/torch_file.h"

#include <nlohmann/json.hpp>

#include <map>
#include <optional>
#include <string>

namespace steploom {

/// Which weights of a training checkpoint these are. Training keeps two sets: the raw ones that the optimiser
/// steps, and their exponential moving average (EMA), which samples are made with.
enum class WeightSet {
    Only, ///< the file has one set
    Ema,
    Raw,
};
/// "only", "ema", "raw"
const char* weightSetName(WeightSet set) noexcept;

/// The tensors of one PyTorch file, and what it says of the model they belong to.
struct TorchWeights {
    std::map<std::string, TensorView> tensors; ///< under the names of the file
    std::optional<nlohmann::json> config;      ///< of a Lightning MDLM checkpoint: keys as of config.json
    WeightSet set = WeightSet::Only;
};

/// Finds the state dict (the pickled object itself, or its "state_dict", "model_state_dict" or "model") and
/// takes the tensors from it. A Lightning checkpoint of MDLM's training code (arXiv 2406.07524) gives its
/// architecture from `hyper_parameters`, and the EMA weights unless `asked` says raw: `ema.shadow_params` is
/// a list in the order of the parameters in `state_dict`. Throws Error(File) and, for hyper-parameters that
/// lack something, Error(Config).
TorchWeights takeWeights(TorchFile& file, std::optional<WeightSet> asked);

} // namespace steploom
