// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/layers/feed_forward.h"

#include "engine/layers/tiles.h"
#include "engine/tensor/kernels.h"

#include <algorithm>
#include <utility>

namespace steploom {

FeedForward::FeedForward(Kind kind, std::vector<Slice> slices, Precision precision)
    : m_kind(kind), m_slices(std::move(slices)), m_precision(precision) {}

FeedForward::FeedForward(Kind kind, Linear up, Linear down, Precision precision)
    : m_kind(kind), m_precision(precision) {
    m_slices.push_back({std::move(up), std::move(down)});
}

int FeedForward::sliceCount(int inputs, int hidden, Precision effective) {
    // In f32 the products take longer than the weights' way from the third-level cache; in int8 each slice
    // would turn its sums into numbers once more.
    if (effective != Precision::BF16)
        return 1;
    const std::size_t hiddenBytes = static_cast<std::size_t>(inputs) * elementSize(effective);
    const int wanted = std::max(1, static_cast<int>(kPanelBytes / hiddenBytes));
    // Even slices of whole tiles of 64: what the products work in.
    for (int count = (hidden + wanted - 1) / wanted; count < hidden / 64; ++count)
        if (hidden % (64 * count) == 0)
            return count;
    return 1;
}

int FeedForward::scratchPerRow() const noexcept {
    int most = 0;
    for (const Slice& slice : m_slices) // SwiGLU keeps its f32 gate and up beside the product of both
        most = std::max(most, slice.up.outputs() + (m_kind == Kind::SwiGlu ? slice.down.inputs() : 0));
    return most;
}

void FeedForward::forward(int worker, const void* x, float* y, int rows, float* scratch) const {
    for (const Slice& slice : m_slices) {
        slice.up.forward(worker, x, scratch, rows);
        const void* hidden = scratch;
        if (m_kind == Kind::SwiGlu) {
            float* const product = scratch + static_cast<std::ptrdiff_t>(rows) * slice.up.outputs();
            kernels().swiGlu(scratch, rows, slice.down.inputs(), product, m_precision);
            hidden = product;
        }
        slice.down.forward(worker, hidden, y, rows);
    }
}

void FeedForward::forwardShared(const void* x, float* y, int rows, float* scratch) const {
    for (const Slice& slice : m_slices) {
        slice.up.forwardShared(x, scratch, rows);
        const void* hidden = scratch;
        if (m_kind == Kind::SwiGlu) {
            float* const product = scratch + static_cast<std::ptrdiff_t>(rows) * slice.up.outputs();
            kernels().swiGlu(scratch, rows, slice.down.inputs(), product, m_precision);
            hidden = product;
        }
        slice.down.forwardShared(hidden, y, rows);
    }
}

} // namespace steploom
