// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/tensor/dtype.h"

namespace steploom {

class ComputeContext;

/// The best FLOP/s that oneDNN's matrix product reaches on all threads of the context, over a few square-ish
/// shapes whose operands stay in cache: the ceiling that models are measured against in the same run.
double matMulPeak(ComputeContext& context, Precision precision);

} // namespace steploom
