// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/models/model.h"

#include <string>

namespace steploom {

/// What a model computes in, with the reason where that is not what was asked for: "int8", or "int8 asked
/// for, bf16 used: the processor has no VNNI". The processor is the one that `facts` were made on.
std::string computedPrecision(const ModelFacts& facts);
/// "f32" of a checkpoint, in the spelling of the other precisions.
std::string storedPrecision(const ModelFacts& facts);
/// "stored bf16, computed in int8"
std::string precisionSummary(const ModelFacts& facts);

} // namespace steploom
