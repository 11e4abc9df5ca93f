// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/checkpoint.h"
#include "engine/models/model.h"

#include <memory>

namespace steploom {

class ComputeContext;

/// Loads `model_type: llada` (arXiv 2502.09992): Llama's stack without the causal mask, under OLMo's names.
std::unique_ptr<MaskedDiffusionModel> loadLlada(const Checkpoint& checkpoint, Precision precision,
                                                ComputeContext& context);
ModelFacts describeLlada(const Checkpoint& checkpoint);

} // namespace steploom
