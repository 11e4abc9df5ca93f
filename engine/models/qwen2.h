// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/models/stack_layout.h"

#include <memory>

namespace steploom {

/// Loads `model_type: qwen2` (arXiv 2407.10671): Llama's stack with biases on queries, keys and values.
std::unique_ptr<CausalModel> loadQwen2(const Checkpoint& checkpoint, Precision precision,
                                       ComputeContext& context);

/// Qwen2's names and settings, which Dream shares.
StackLayout qwen2Layout(const Checkpoint& checkpoint);

} // namespace steploom
