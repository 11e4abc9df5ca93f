// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/random.h"
#include "engine/sampling/branch.h"
#include "engine/schedule/cost.h"

#include <cstdint>
#include <span>
#include <vector>

namespace steploom {

/// A position that a step masks again.
struct Remasked {
    std::int32_t position = 0;
    int step = 0;
    friend bool operator==(const Remasked&, const Remasked&) = default;
};

/// One network call that a sample needs: the positions it reveals and where on the schedule it lies.
struct RevealEvent {
    int step = 0;    ///< 0…T−1, or T for the closing argmax call (done by the last step's model)
    double time = 1; ///< t at which the network sees the sample (σ = −log(1 − (1 − ε)t))
    std::vector<std::int32_t> positions; ///< ascending
    /// Masked again in this step, or in a later one before the next call: steps that only mask need no call.
    /// By step, then position. Empty without remasking.
    std::vector<Remasked> remasked = {};
    /// Of the first event alone: masked again before it, where a branch begins with tokens that may be.
    std::vector<Remasked> remaskedBefore = {};
};

/// The calls of one sample, in order.
using RevealPlan = std::vector<RevealEvent>;

struct PlanInput {
    std::span<const std::int32_t> maskedPositions; ///< ascending
    int steps = 1;                                 ///< T
    std::uint32_t sample = 0;                      ///< index of its random numbers: noiseOf()
    int blockLength = 0;                           ///< 0: no blocks
    Remasking remasking = {};
    // The rest of a sample that was begun before: steps firstStep…T−1 and the closing call, given what
    // stands.
    int firstStep = 0;                            ///< s; T: everything is left to the closing call
    std::span<const StandingToken> standing = {}; ///< ascending; revealed before s, or given
};

/// Which of the positions there ever were to write are still masked, in their order: blocks are counted in
/// them. What stood from the start is not among them.
std::vector<bool> stillMasked(const PlanInput& input);

/// Ancestral: with log-linear noise each position's step is independent and uniform over the T steps, with
/// the rest mass ε for the closing call; drawing it beforehand does not change the distribution (models.md
/// §2, point 1). Given that a position is masked at s, its step is uniform over the steps from s: a step that
/// was drawn from there on stays (so a branch that changes nothing goes on as its parent did), a position
/// that s had passed draws anew.
RevealPlan ancestralPlan(const PlanInput& input, const CounterRandom& random);

/// First-hitting (arXiv 2409.02908): positions in uniformly random order, one a call; t ← t·u^(1/m) with m
/// masked left. The step is where t falls on the schedule's axis: ⌊(1 − t)T⌋. From s on t falls from t_s.
RevealPlan firstHittingPlan(const PlanInput& input, const CounterRandom& random);

/// Ancestral in blocks from left to right (arXiv 2502.09992): within its block's steps a position's step is
/// uniform. A block's last step reveals what is left of it, so there is no closing call. What a branch masked
/// in a block that is over is written with the block at s.
RevealPlan blockwisePlan(const PlanInput& input, const CounterRandom& random);

/// Ancestral with remasking, for the schedules that do not ask the network: cap, rescale and loop (ReMDM,
/// arXiv 2503.00307). In every step each masked position is revealed, and each revealed one masked again,
/// with the chances of remaskingStep(). Neither depends on a token, so the plan holds all of it.
RevealPlan remaskingPlan(const PlanInput& input, const CounterRandom& random);

/// The plan of a sampler that needs no network to make one: ancestral, also in blocks or with remasking, or
/// first-hitting.
RevealPlan makeRevealPlan(Sampler sampler, const PlanInput& input, const CounterRandom& random);

/// Letter of the pool member that makes a call: the schedule's at its step; the last step's for the closing
/// call.
char memberFor(int step, const StepSchedule& schedule);

} // namespace steploom
