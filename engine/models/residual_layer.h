// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/layers/feed_forward.h"
#include "engine/layers/norm.h"

namespace steploom {

/// x ← x + network(norm(x)), row by row.
struct ResidualLayer {
    Norm norm;
    FeedForward network; ///< accumulates

    /// x [rows, d] f32; `normed` is scratch [rows, d] in `activations`, `hidden` [rows, scratchPerRow] f32.
    void forward(int worker, float* x, int rows, Precision activations, void* normed, float* hidden) const {
        norm.forward(x, rows, normed, activations);
        network.forward(worker, normed, x, rows, hidden);
    }
    /// The same by all threads, for few rows.
    void forwardShared(float* x, int rows, Precision activations, void* normed, float* hidden) const {
        norm.forward(x, rows, normed, activations);
        network.forwardShared(normed, x, rows, hidden);
    }
};

} // namespace steploom
