// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/tensor/compute_context.h"
#include "engine/tensor/dtype.h"

namespace steploom {

/// What a model asked for in `requested` computes in on this processor: bf16 falls back to f32 where oneDNN
/// lacks it.
inline Precision effectivePrecision(Precision requested) {
    return requested == Precision::BF16 && !supportsBf16() ? Precision::F32 : requested;
}

} // namespace steploom
