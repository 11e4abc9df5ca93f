// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/schedule/step_schedule.h"

#include <map>
#include <span>

namespace steploom {

/// FLOPs of one network call on one sample, for one pool member.
struct CallCost {
    char letter = 'H';
    double blocks = 0;         ///< FLOPs of all blocks on all L positions: n(24d² + 4Ld)L for MDLM
    double headPerRow = 0;     ///< FLOPs of the output layer for one row: 2dV
    double secondsPerCall = 0; ///< from a calibration, per sample in a full batch; 0 when not measured
    /// The part of `blocks` that the last block spends on a row only when it is wanted.
    double lastBlockPerRow = 0;

    /// FLOPs that `calls` on `length` positions execute when `rows` rows are wanted of them in all.
    double executed(double calls, double rows, int length) const noexcept {
        return calls * (blocks - length * lastBlockPerRow) + rows * (lastBlockPerRow + headPerRow);
    }
};

enum class Sampler { Ancestral, FirstHitting };
std::string_view samplerName(Sampler sampler) noexcept; ///< "ancestral", "first-hitting"
/// Throws Error(Request).
Sampler parseSampler(std::string_view text);

/// What a schedule costs per sample, in the project's three readings, before it is run. Savings are shares of
/// what all steps on the first pool member would cost, 0…1 (negative when dearer).
struct ScheduleCost {
    int steps = 0;
    double lightShare = 0;       ///< share of steps not done by the first member
    double blocksOnlySaving = 0; ///< the paper's figure: every step, blocks alone
    double nominalSaving = 0;    ///< every step, all rows through the output layer
    double executedSaving = 0;   ///< expected calls only, revealed rows only (models.md §2)
    double blocksOnlyFlops = 0;
    double nominalFlops = 0;
    double executedFlops = 0;             ///< expectation per sample
    double expectedCalls = 0;             ///< per sample
    std::map<char, double> callsByLetter; ///< expectation per sample
    double seconds = 0;                   ///< per sample; 0 when a member in use is not calibrated
};

struct CostInput {
    std::span<const CallCost> members; ///< in pool order; the first is the reference of the savings
    int length = 0;                    ///< L, positions of a sample
    int masked = 0;                    ///< M ≤ L positions to write
    Sampler sampler = Sampler::Ancestral;
};

/// Throws Error(Schedule) when the schedule names a letter without a CallCost.
/// Expected calls at a step, for M masked positions: ancestral 1 − (1 − p)^M with p = (1 − ε)/T, and 1 − (1 −
/// ε)^M for the closing argmax call; first-hitting M/T (the times of reveal are M independent uniforms).
ScheduleCost costOf(const StepSchedule& schedule, const CostInput& input);

/// ε of the log-linear noise schedule: tᵢ = 1 − i(1 − ε)/T.
inline constexpr double kNoiseEpsilon = 1e-5;

/// Expected share of positions still masked before `step` of `steps`: tᵢ.
double maskedShare(int step, int steps) noexcept;

} // namespace steploom
