// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string_view>

namespace steploom {

/// How the remasking probability σ_t of ReMDM is chosen (arXiv 2503.00307, section 4).
enum class Remask {
    None,       ///< a revealed token stays
    Cap,        ///< σ_t = min(η, σ_t^max)
    Rescale,    ///< σ_t = η · σ_t^max
    Confidence, ///< η · σ_t^max shared out among the revealed tokens by how unsure they were when drawn
    Loop,       ///< capped, and only while t is in (t_off, t_on], where α stands still
};

/// "none", "cap", "rescale", "confidence", "loop"
std::string_view remaskName(Remask remask) noexcept;
/// Throws Error(Request).
Remask parseRemask(std::string_view text);
std::span<const Remask> allRemasks() noexcept;

/// η of the authors' published scripts: 0.008 (cap), 0.015 (rescale), 1 (confidence: σ^max itself is shared
/// out), 0.02 (loop).
double publishedEta(Remask remask) noexcept;

/// The options of ReMDM.
struct Remasking {
    Remask kind = Remask::None;
    double eta = 0.02;     ///< η, in (0, 1]
    double loopOn = 0.55;  ///< t_on: the loop begins when t falls to it
    double loopOff = 0.05; ///< t_off, below t_on: the loop ends
    double alphaOn = 0.9;  ///< α in the loop: share of positions revealed, in (0, 1)

    friend bool operator==(const Remasking&, const Remasking&) = default;
};

/// Throws Error(Request) for the first value out of its range.
void requireRunnable(const Remasking& remasking);

/// One denoising step t → s under ReMDM, for one position.
struct RemaskingStep {
    double masked = 1; ///< 1 − α_t: the share still masked before the step, and the noise the network is told
    double reveal = 0; ///< that a masked position is revealed: (α_s − (1 − σ_t)α_t)/(1 − α_t)
    double remask =
        0; ///< σ_t, that a revealed one is masked again; Confidence: the sum over all revealed ones
};

/// Step `step` of `steps`. α_t = 1 − t; in a loop it rises in a line to α_on at t_on, stands still to t_off,
/// and rises in a line to 1. σ_t^max = min(1, (1 − α_s)/α_t). With Confidence a masked position is revealed
/// as without remasking, as the paper has it.
RemaskingStep remaskingStep(const Remasking& remasking, int step, int steps) noexcept;

/// Share still masked after the last step, for the closing call: 1 − α at t = ε.
double maskedAfterAll(const Remasking& remasking) noexcept;

} // namespace steploom
