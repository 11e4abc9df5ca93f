// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/checkpoint.h"
#include "engine/models/model.h"

#include <memory>

namespace steploom {

class ComputeContext;

/// Loads `model_type: Dream` (arXiv 2508.15487): Qwen2's stack without the causal mask. Made from an
/// autoregressive model, it predicts a position in the row before it.
std::unique_ptr<MaskedDiffusionModel> loadDream(const Checkpoint& checkpoint, Precision precision,
                                                ComputeContext& context);
ModelFacts describeDream(const Checkpoint& checkpoint);

} // namespace steploom
