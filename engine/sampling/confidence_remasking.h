// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/sampling/reveal_order.h"

namespace steploom {

/// ReMDM with the confidence schedule (arXiv 2503.00307, section 4): reveals as in ancestral sampling, and in
/// every step masks each revealed position ℓ again with probability η_conf^ℓ · σ_t, where
/// η_conf^ℓ = exp(−ψ^ℓ)/Σ exp(−ψ) over the revealed positions and ψ^ℓ is the probability its token had when
/// it was drawn (after temperature and top-p). σ_t = η · σ_t^max. Positions that were given are never masked.
class ConfidenceRemasking final : public RevealOrder {
public:
    ConfidenceRemasking(const PlanInput& input, const CounterRandom& random);

    bool finished() const noexcept override { return m_reveals.empty(); }
    std::span<const Remasked> remaskedFirst() const noexcept override { return m_remasked; }
    WantedCall wanted() const noexcept override;
    void choose(std::span<const double> certainty, std::vector<std::int32_t>& chosen) override;
    std::span<const Remasked> proceed(std::span<const RevealedToken> revealed) override;
    std::size_t remaskedInAll() const noexcept override;

private:
    /// A position to write. ψ is below 0 while it is masked.
    struct Position {
        std::int32_t at;
        double psi = -1;
        bool masked() const noexcept { return psi < 0; }
    };

    double uniform(const Position& position) const noexcept;
    void maskAgain();
    void findNextCall();

    const CounterRandom m_random;
    const Remasking m_remasking;
    const int m_steps;
    const std::uint32_t m_sample;
    std::vector<Position> m_positions; ///< ascending
    int m_step = 0;
    std::vector<std::int32_t> m_reveals; ///< at m_step
    std::vector<Remasked> m_remasked;    ///< since the last call
};

} // namespace steploom
