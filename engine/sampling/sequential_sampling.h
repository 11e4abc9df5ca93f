// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/random.h"
#include "engine/sampling/generator.h"

#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace steploom {

// What CALM and autoregressive models have in common: a sample is written chunk by chunk of K tokens from the
// beginning (K = 1: token by token), step s writes chunk s = tokens sK…sK+K−1, and a member's call at s needs
// the chunks before s in its cache. A member that sat out reads what it skipped in one call when its turn
// comes, and so the prompt.

/// What a step has written.
struct WrittenChunk {
    std::vector<RevealedToken> revealed; ///< [K]; positions are the sampling's to fill in
    std::vector<LikelyToken> likely;     ///< [K, k]
    int drawn = 0;                       ///< vectors that were computed, those not looked at included
    int counted = 0;                     ///< vectors that the candidates were counted over
    std::int64_t attempts = 0;
    bool fellBack = false;
};

/// A pool member at work on one sample.
class ChunkWriter {
public:
    virtual ~ChunkWriter() = default;
    /// A new sample, whose random numbers have this index. Nothing is cached.
    virtual void begin(std::uint32_t noise) = 0;
    /// Chunks in the cache.
    virtual int held() const noexcept = 0;
    /// Appends whole chunks.
    virtual void read(std::span<const std::int32_t> tokens) = 0;
    /// The chunk of this step, which follows what was read. Throws Error(Request) at a limit of draws.
    virtual void write(int step, WrittenChunk& out) = 0;
};
/// Makes the writer of a member, by index; asked once for each that is in use.
using MakeWriter = std::function<std::unique_ptr<ChunkWriter>(std::size_t member)>;

/// How a sample begins: whole chunks that are given.
struct SequentialBeginning {
    std::vector<std::int32_t> tokens;  ///< what stands
    std::vector<std::int32_t> padding; ///< positions that are no text
    std::vector<std::string> remarks;  ///< what was done to make it fit
};
/// Of a prompt: padded or trimmed to whole chunks; without one a chunk of the start token (the
/// one that the tokenizer begins texts with, or config.json names), since nothing can follow nothing. Of a
/// branch: the chunks that stand. Throws Error(Request).
SequentialBeginning sequentialBeginning(const GenerationRequest& request, const ModelPool& pool);
/// The same where only the facts of the pool's first member are at hand.
SequentialBeginning sequentialBeginning(const GenerationRequest& request, const Tokenizer& tokenizer,
                                        const ModelFacts& facts);
/// What can be refused of a request for such models before they are there: what belongs to masked diffusion,
/// temperatures that cannot be had, a length of no whole chunks, a schedule of another number of steps.
/// Throws Error (Request, Schedule).
void requireSequential(const GenerationRequest& request, const ModelFacts& facts);

/// Steps that a schedule over a length has: length / K. Throws Error(Request) naming the nearest lengths.
int sequentialSteps(int length, int chunk);
/// Throws Error(Schedule) naming the right number where the schedule has another.
void requireSequentialSteps(const StepSchedule& schedule, int length, int chunk);

/// Vectors that are drawn for a chunk, as far as the request tells: 1, N, or by the exact algorithm at least
/// as many as have to agree.
double plannedDraws(const GenerationRequest& request, GenerationKind kind);

/// planWork for these kinds, after what holds for all.
PlannedWork planSequential(const GenerationRequest& request, const ModelPool& pool,
                           std::span<const int> finished);

/// Runs a checked request.
Trace runSequential(const GenerationRequest& request, const ModelPool& pool, const PlannedWork& work,
                    std::span<const int> finished, const MakeWriter& makeWriter, GenerationObserver& observer,
                    std::stop_token stop);

/// Of a step of the member half way through a sample of this length.
CallSeconds secondsOfStep(const PoolMember& member, int length);

} // namespace steploom
