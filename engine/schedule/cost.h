// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/generation_kind.h"
#include "engine/schedule/noise.h"
#include "engine/schedule/remasking.h"
#include "engine/schedule/sampler.h"
#include "engine/schedule/step_schedule.h"

#include <map>
#include <span>

namespace steploom {

/// What a call on one sample takes, measured. Seconds; 0: not known.
struct CallSeconds {
    double call = 0; ///< per sample in a full batch; of CALM with one vector drawn
    double draw = 0; ///< CALM: each further vector drawn for a chunk
};

/// FLOPs of one network call on one sample, for one pool member. Of autoregressive models and CALM, whose
/// calls differ by what is cached, `blocks` is that of a call half way through the sample.
struct CallCost {
    char letter = 'H';
    double blocks = 0;     ///< FLOPs of all blocks on all L positions: n(24d² + 4Ld)L for MDLM
    double headPerRow = 0; ///< FLOPs of the output layer for one row: 2dV
    CallSeconds seconds;   ///< from a calibration
    /// The part of `blocks` that the last block spends on a row only when it is wanted.
    double lastBlockPerRow = 0;

    GenerationKind kind = GenerationKind::MaskedDiffusion;
    // Autoregressive and CALM; a row is a token, or a patch of K.
    int chunk = 1;      ///< K
    double perRow = 0;  ///< weights of the blocks, and the embedding of a patch
    double perPair = 0; ///< attention of all blocks, for the row itself and each before it: 4dn
    double perStep = 0; ///< output layer, or what CALM's head makes of the hidden state
    double perDraw = 0; ///< CALM: head and decoder for one vector

    /// FLOPs of `rows` rows that enter the cache behind `held` others.
    double cached(double held, double rows) const noexcept {
        return rows * perRow + perPair * (rows * held + rows * (rows + 1) / 2);
    }

    /// FLOPs that `calls` on `length` positions execute when `rows` rows are wanted of them in all.
    double executed(double calls, double rows, int length) const noexcept {
        if (kind != GenerationKind::MaskedDiffusion) // each row with half the others before it
            return calls * (perStep + perDraw) + rows * (perRow + perPair * length / chunk / 2);
        return calls * (blocks - length * lastBlockPerRow) + rows * (lastBlockPerRow + headPerRow);
    }
};

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
    std::map<char, double> flopsByLetter; ///< executed, expectation per sample; not kept with a run
    double seconds = 0;                   ///< per sample; 0 when a member in use is not calibrated
    Figures figures = Figures::Expected;  ///< of calls, executed FLOPs and seconds
};

struct CostInput {
    std::span<const CallCost> members; ///< in pool order; the first is the reference of the savings
    int length = 0;                    ///< L, positions of a sample
    int masked = 0;                    ///< M ≤ L positions to write; of a branch: those masked at its step
    Sampler sampler = Sampler::Ancestral;
    int blockLength = 0; ///< 0: no blocks
    Remasking remasking = {};
    // Of a branch, whose steps before `firstStep` cost nothing; savings are against the rest on the first
    // member.
    int firstStep = 0;
    int written =
        0; ///< positions that were revealed before: blocks are counted in them too, as if all came first
    double draws = 1; ///< CALM: vectors drawn for a chunk
};

/// Steps that write the rest of a sample chunk by chunk: T = L / K, the last of them `masked` / K; the first
/// chunk is always given. The same for what is not yet divided as it should be, rounded.
int firstWritingStep(int steps, int masked, int chunk) noexcept;

/// Throws Error(Schedule) when the schedule names a letter without a CallCost, Error(Request) when its steps
/// are too few for the blocks. Calls at a step, for M masked positions:
/// * ancestral: 1 − (1 − p)^M with p = (1 − ε)/T, and 1 − (1 − ε)^M for the closing argmax call; in a block
/// of
///   n positions over T′ steps 1 − (1 − 1/T′)^n;
/// * first-hitting: M/T (the times of reveal are M independent uniforms);
/// * confidence, margin, entropy: 1 where k > 0, exactly, and all candidates pass the output layer;
/// * threshold: M calls at most;
/// * from step s on the chances are those of a position that is masked at s: p/t_s, ε/t_s, M/(T − s);
/// Autoregressive models and CALM call once for each chunk that is not given. Blocks only counts the patch of
/// the step before through the step's own member; nominal the output layer or head and draws as well;
/// executed what really runs: a member reads all that it has not read yet in one call when its turn comes,
/// the prompt and the steps that others did.
/// * ReMDM: 1 − (1 − q)^M with q = α_s − (1 − σ_t)α_t; with the confidence schedule by the mean number
/// masked.
ScheduleCost costOf(const StepSchedule& schedule, const CostInput& input);

} // namespace steploom
