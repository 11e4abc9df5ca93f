// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/sampling/generation_request.h"
#include "engine/sampling/reveal_plan.h"
#include "engine/sampling/trace.h"

#include <memory>
#include <span>
#include <vector>

namespace steploom {

/// A network call that a sample needs next.
struct WantedCall {
    int step = 0;           ///< 0…T−1, or T for the closing argmax call
    double time = 1;        ///< share masked, t, at which the network sees the sample
    std::uint32_t draw = 0; ///< keys the token draws of this call: no two calls of a sample share one
    std::span<const std::int32_t> positions; ///< ascending; whose logits are needed. Until proceed()
};

/// When each position of one sample is revealed, and masked again. Asked in turn, call by call:
/// wanted() → the network → choose() → proceed(). Takes all its memory when made.
class RevealOrder {
public:
    virtual ~RevealOrder() = default;

    virtual bool finished() const noexcept = 0;
    /// What is masked again before the first call, by step: where a branch begins with tokens that may be.
    virtual std::span<const Remasked> remaskedFirst() const noexcept { return {}; }
    /// Which rows the network has to give now: those to be revealed, where the order was drawn beforehand;
    /// all candidates, where it depends on them.
    virtual WantedCall wanted() const noexcept = 0;
    /// Which of the wanted positions are revealed, as indexes into them, ascending: at least one. `certainty`
    /// holds certaintyOf() each. `chosen` has room for all of them.
    virtual void choose(std::span<const double> certainty, std::vector<std::int32_t>& chosen) = 0;
    /// Told what was revealed, goes on to the next call. Answers which positions are masked again before it,
    /// by step; never one that is masked already.
    virtual std::span<const Remasked> proceed(std::span<const RevealedToken> revealed) = 0;
    /// How many tokens will be masked again; what depends on the network: hardly ever more.
    virtual std::size_t remaskedInAll() const noexcept { return 0; }
};

/// The order that the request asks for, for one sample.
std::unique_ptr<RevealOrder> makeRevealOrder(const GenerationRequest& request, const PlanInput& input,
                                             const CounterRandom& random);

} // namespace steploom
