// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/sampling/trace.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <vector>

namespace steploom {

/// A token that stands when a branch begins.
struct StandingToken {
    std::int32_t position = 0;
    std::int32_t token = 0;
    std::int32_t revealStep = -1; ///< before the branch's step; −1: given from the start
    /// Pool index that revealed it. −1: given, or written or fixed by hand, and so never masked again.
    std::int8_t member = -1;
    float logProbability = 0; ///< 0 where no member revealed it
    float entropy = 0;

    friend bool operator==(const StandingToken&, const StandingToken&) = default;
};

/// Where a run goes on from: a sample of another run as it stood before a step, with what was changed by
/// hand. It holds everything the rest depends on, so the run can be made again when its parent is gone.
struct BranchPoint {
    std::int64_t parent = 0; ///< run; 0: one that was not kept
    int sample = 0;          ///< of the parent
    int step = 0; ///< s, 0…T: steps 0…s−1 are over, s is the first that runs; T: the closing call alone
    /// Which random numbers the first sample draws: the stream in the upper 12 bits, an index below; the
    /// samples after it take the next indexes of that stream. See noiseOf().
    std::uint32_t noise = 0;
    std::vector<StandingToken> tokens; ///< ascending by position; every other position is masked
    std::vector<RemaskedToken>
        before; ///< what stood and was masked before s, by remaskStep: for looking at only

    friend bool operator==(const BranchPoint&, const BranchPoint&) = default;
};

void to_json(nlohmann::json& json, const BranchPoint& branch);

inline constexpr int kNoiseIndexBits = 20; ///< more samples than a request may have

/// Index of the random numbers of a branch's sample. A branch whose state owes nothing to the random numbers
/// of the steps to come goes on with its parent's own: unchanged, its first sample is its parent's bit for
/// bit (ancestral sampling, the orders by certainty, and ReMDM). Where they have had a part in it
/// (first-hitting and threshold, whose draws are not keyed by step; a branch that goes back in time) the next
/// stream is taken, so that what is drawn is always independent of what stands.
std::uint32_t noiseOf(const BranchPoint& branch, int sample) noexcept;

/// The positions of a trace before `step`. `noise`: of the trace's own sample.
BranchPoint branchAt(const SampleTrace& trace, std::int32_t maskToken, int step, std::uint32_t noise);
/// The same state at another step, or under another number of steps: earlier ones draw from the next stream.
/// Steps of what stands keep their place in time.
BranchPoint movedTo(BranchPoint branch, int steps, int newStep, int newSteps);
void takeNextStream(BranchPoint& branch) noexcept;

// Changes by hand; `position` is one of the canvas. A token that a model revealed and that is written over or
// masked is kept in `before`: scrubbing shows it standing until s.

void writeToken(BranchPoint& branch, int position, std::int32_t token);
/// Does nothing where it is masked already.
void maskToken(BranchPoint& branch, int position);
/// It stays, whatever ReMDM does. Does nothing where it is masked.
void fixToken(BranchPoint& branch, int position);
const StandingToken* standingAt(const BranchPoint& branch, int position) noexcept;

/// The canvas as a trace, before anything of the rest is revealed: [length] tokens, numbers of what stands.
SampleTrace traceOf(const BranchPoint& branch, int length, std::int32_t maskToken);

/// Throws Error(Request) when positions are not ascending below `length`, steps not before s, or s not in
/// 0…T.
void requireRunnable(const BranchPoint& branch, int length, int steps);

} // namespace steploom
