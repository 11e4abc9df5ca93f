// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/models/stack_layout.h"

#include <memory>

namespace steploom {

/// Loads `model_type: llama` (arXiv 2302.13971): RMSNorm, rotary positions, SwiGLU, grouped-query heads, tied
/// or untied head.
std::unique_ptr<CausalModel> loadLlama(const Checkpoint& checkpoint, Precision precision,
                                       ComputeContext& context);
ModelFacts describeLlama(const Checkpoint& checkpoint);

/// Names and settings as Llama's config states them; Qwen2 and Dream have the same. Refuses what would change
/// the logits and is not computed here.
StackLayout llamaLayout(const Checkpoint& checkpoint);

} // namespace steploom
