// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/generation_kind.h"

#include <QString>

namespace steploom {

/// What a step of a pool is called: a denoising step, a vector of K tokens (CALM), a token (autoregressive).
struct StepWords {
    GenerationKind kind = GenerationKind::MaskedDiffusion;
    int chunk = 1; ///< K: tokens that a step writes, where it writes in order

    /// Whether step s writes the s-th chunk of the text, rather than whatever is masked.
    bool inOrder() const noexcept { return kind != GenerationKind::MaskedDiffusion; }
    QString one() const;              ///< "step", "vector", "token"
    QString many() const;             ///< "steps", "vectors", "tokens"
    QString counted(int steps) const; ///< "1 step", "192 vectors"

    friend bool operator==(const StepWords&, const StepWords&) = default;
};

/// "masked diffusion", "autoregressive", "CALM": as the window writes it.
QString kindText(GenerationKind kind);

} // namespace steploom
