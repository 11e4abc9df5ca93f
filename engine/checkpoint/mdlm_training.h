// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/torch_weights.h"

#include <optional>
#include <string>
#include <vector>

namespace steploom {

/// An entry of a state dict.
struct NamedTensor {
    std::string name;
    const PickleNode* node = nullptr;
};

/// Whether this is a checkpoint of MDLM's training code (PyTorch Lightning): `hyper_parameters` with a
/// config of the model in it.
bool isMdlmTraining(const TorchFile& file);

/// Config, and EMA or raw weights: the `backbone.*` ones; metrics and noise schedule are left behind.
TorchWeights takeMdlmTraining(TorchFile& file, const std::vector<NamedTensor>& stateDict,
                              std::optional<WeightSet> asked);

} // namespace steploom
