// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/checkpoint.h"
#include "engine/models/model.h"

#include <memory>
#include <string>
#include <vector>

namespace steploom {

class ComputeContext;

/// The one place that knows which loader reads which `model_type`. Throws Error(Config) for an unknown or
/// unfitting type, naming those it knows, and Error(Tensors) for weights that do not fit the config.
std::unique_ptr<MaskedDiffusionModel> loadMaskedDiffusionModel(const Checkpoint& checkpoint,
                                                               Precision precision, ComputeContext& context);
std::unique_ptr<CausalModel> loadCausalModel(const Checkpoint& checkpoint, Precision precision,
                                             ComputeContext& context);

/// The same for whatever kind of model it is; CALM with its autoencoder (findAutoencoder). An autoencoder
/// alone is refused.
std::unique_ptr<Model> loadModel(const Checkpoint& checkpoint, Precision precision, ComputeContext& context);

/// What config and tensor table say of a model, without loading weights (for `inspect`).
ModelFacts describe(const Checkpoint& checkpoint);
/// Whether the checkpoint's `model_type` is a masked-diffusion one.
bool isMaskedDiffusion(const Checkpoint& checkpoint);
/// The `model_type`s there are loaders for.
std::vector<std::string> knownModelTypes();

} // namespace steploom
