// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/layers/feed_forward.h"

#include "engine/tensor/kernels.h"

namespace steploom {

FeedForward::FeedForward(Kind kind, Linear up, Linear down, Precision precision)
    : m_kind(kind), m_up(std::move(up)), m_down(std::move(down)), m_precision(precision) {}

int FeedForward::scratchPerRow() const noexcept {
    // SwiGLU keeps its f32 gate and up beside the product of both.
    return m_kind == Kind::Gelu ? m_up.outputs() : m_up.outputs() + m_down.inputs();
}

void FeedForward::forward(int worker, const void* x, float* y, int rows, float* scratch) const {
    m_up.forward(worker, x, scratch, rows);
    const void* hidden = scratch;
    if (m_kind == Kind::SwiGlu) {
        float* const product = scratch + static_cast<std::ptrdiff_t>(rows) * m_up.outputs();
        kernels().swiGlu(scratch, rows, m_down.inputs(), product, m_precision);
        hidden = product;
    }
    m_down.forward(worker, hidden, y, rows);
}

} // namespace steploom
