// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/checkpoint.h"
#include "engine/models/model.h"

#include <memory>

namespace steploom {

class ComputeContext;

/// Loads `model_type: llama` (arXiv 2302.13971): RMSNorm, rotary positions, SwiGLU, grouped-query heads, tied
/// or untied head.
std::unique_ptr<CausalModel> loadLlama(const Checkpoint& checkpoint, Precision precision,
                                       ComputeContext& context);
ModelFacts describeLlama(const Checkpoint& checkpoint);

} // namespace steploom
