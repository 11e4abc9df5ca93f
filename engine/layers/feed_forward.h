// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/layers/linear.h"

namespace steploom {

/// The two-layer network of a block: down(GELU(up(x))), or down(SiLU(gate(x)) ⊙ up(x)) (SwiGLU). `up` of a
/// GELU network applies its activation itself; a SwiGLU's `up` is gate and up stacked, in f32.
class FeedForward {
public:
    enum class Kind { Gelu, SwiGlu };

    FeedForward() = default;
    FeedForward(Kind kind, Linear up, Linear down, Precision precision);

    /// f32 numbers of scratch that forward needs for one row.
    int scratchPerRow() const noexcept;
    /// y [rows, d] = or += (as `down` was made) the network on x [rows, d], which is in the block's
    /// precision.
    void forward(int worker, const void* x, float* y, int rows, float* scratch) const;

private:
    Kind m_kind = Kind::Gelu;
    Linear m_up;
    Linear m_down;
    Precision m_precision = Precision::F32;
};

} // namespace steploom
