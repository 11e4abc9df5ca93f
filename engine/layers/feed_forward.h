// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/layers/linear.h"

#include <vector>

namespace steploom {

/// The two-layer network of a block: down(GELU(up(x))), or down(SiLU(gate(x)) ⊙ up(x)) (SwiGLU). `up` of a
/// GELU network applies its activation itself; a SwiGLU's `up` is gate and up stacked, in f32.
class FeedForward {
public:
    enum class Kind { Gelu, SwiGlu };

    /// A stretch of the hidden layer: the network is the sum over such stretches. Their weights stay in the
    /// second-level cache while all rows of a tile go through them.
    struct Slice {
        Linear up;
        Linear down; ///< from the second slice on it accumulates and has no bias
    };

    FeedForward() = default;
    FeedForward(Kind kind, std::vector<Slice> slices, Precision precision);
    FeedForward(Kind kind, Linear up, Linear down, Precision precision);

    /// Into how many slices a GELU network of this size is best cut.
    static int sliceCount(int inputs, int hidden, Precision effective);

    /// f32 numbers of scratch that forward needs for one row.
    int scratchPerRow() const noexcept;
    /// y [rows, d] = or += (as `down` was made) the network on x [rows, d], which is in the block's
    /// precision.
    void forward(int worker, const void* x, float* y, int rows, float* scratch) const;
    /// The same by all threads, which share outputs: for few rows. `scratch` as above, for all of them.
    void forwardShared(const void* x, float* y, int rows, float* scratch) const;

private:
    Kind m_kind = Kind::Gelu;
    std::vector<Slice> m_slices;
    Precision m_precision = Precision::F32;
};

} // namespace steploom
