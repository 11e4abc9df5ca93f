// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/checkpoint.h"
#include "engine/models/model.h"

#include <memory>

namespace steploom {

class ComputeContext;

/// Loads `model_type: gpt2` (Radford et al. 2019): learned positions, LayerNorm with bias, GELU, tied head,
/// weights stored [in, out]; the prefix "transformer." may be missing.
std::unique_ptr<CausalModel> loadGpt2(const Checkpoint& checkpoint, Precision precision,
                                      ComputeContext& context);
ModelFacts describeGpt2(const Checkpoint& checkpoint);

} // namespace steploom
