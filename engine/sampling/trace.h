// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

namespace steploom {

/// One position revealed by one network call.
struct RevealedToken {
    std::int32_t position = 0;
    std::int32_t token = 0;
    float logProbability =
        0; ///< nats, of the drawn token under p(x₀|x_t) as sampled from (after temperature and top-p)
    float entropy = 0; ///< nats, of that distribution
};

/// One of the likeliest tokens at a position when it was revealed.
struct LikelyToken {
    std::int32_t token = -1;  ///< −1: none, fewer tokens could be drawn
    float logProbability = 0; ///< nats, as RevealedToken's

    friend bool operator==(const LikelyToken&, const LikelyToken&) = default;
};

/// A token that was masked again (ReMDM, or by hand before a branch): what it was while it stood, from
/// `revealStep` to `remaskStep`.
struct RemaskedToken {
    std::int32_t position = 0;
    std::int32_t token = 0;
    std::int32_t revealStep = 0;
    std::int32_t remaskStep = 0; ///< after this step the position is masked
    std::int8_t member = 0;      ///< pool index that revealed it
    float logProbability = 0;
    float entropy = 0;

    friend bool operator==(const RemaskedToken&, const RemaskedToken&) = default;
};

/// What an observer is told after each call, once for every sample in it. Spans live during the callback
/// only.
struct StepEvent {
    int sample = 0;  ///< index in the request, 0-based
    int step = 0;    ///< 0…T−1; T for the closing argmax call
    int member = 0;  ///< index in the pool
    double time = 0; ///< share masked before the step as the network is told: t, 1 → 0
    /// Masked again before the call: of the sample's first one only, when a branch begins with tokens that
    /// ReMDM may mask.
    std::span<const RemaskedToken> remaskedBefore;
    std::span<const RevealedToken> revealed;
    std::span<const LikelyToken> likely; ///< [revealed, k]
    /// Masked again after the reveals, in this step or in those up to the next call (they need none), by
    /// step.
    std::span<const RemaskedToken> remasked;
    int stillMasked = 0;
    bool opensCall = false; ///< the first sample of its network call
    /// Wanted of this sample: through the last block and the output layer; of CALM and autoregressive models
    /// the chunks that entered the cache in this call.
    int rows = 0;
    double flops = 0;   ///< executed for this sample in this call
    double seconds = 0; ///< this sample's share of the call's wall time
    // CALM.
    int draws = 0;             ///< vectors drawn for this chunk
    std::int64_t attempts = 0; ///< beginnings of the exact algorithm; 1 of the others
    bool fellBack = false;     ///< the exact algorithm came to its limit; the approximation took over
};

/// What one pool member did in a generation.
struct ExecutedWork {
    std::int64_t sampleCalls = 0;  ///< calls, counted for every sample in them
    std::int64_t networkCalls = 0; ///< calls of the network on a batch
    std::int64_t rows = 0;         ///< wanted: through the last block and the output layer
    double flops = 0;              ///< executed
    double seconds = 0;            ///< wall time within its calls
    // CALM. sampleCalls / attempts is the acceptance.
    std::int64_t draws = 0;     ///< vectors
    std::int64_t attempts = 0;  ///< beginnings, one of which led to each chunk
    std::int64_t fallBacks = 0; ///< chunks for which the exact algorithm came to its limit

    /// Counts a sample's part in a call.
    void count(const StepEvent& event) noexcept;
    /// Rows of one sample in a call, on average; 0 without a call.
    double rowsPerCall() const noexcept;
    /// Samples in a call of the network, on average; 0 without a call.
    double samplesPerCall() const noexcept;

    friend bool operator==(const ExecutedWork&, const ExecutedWork&) = default;
};

/// How one sample came to be: enough to replay it step by step.
struct SampleTrace {
    int index = 0;
    std::vector<std::int32_t> tokens;     ///< [L], final
    std::vector<std::int32_t> revealStep; ///< [L], step that revealed it, the last one if several; −1: given
    std::vector<std::int8_t> member;   ///< [L], pool index that revealed it; −1: given, or written by hand
    std::vector<float> logProbability; ///< [L], 0 where given
    std::vector<float> entropy;        ///< [L], 0 where given
    std::vector<RemaskedToken> remasked; ///< what stood before, by remaskStep; empty without remasking
    int topTokens = 0;                   ///< k, likeliest tokens kept of each position
    std::vector<LikelyToken> likely;     ///< [L, k], likeliest first; none where no model revealed it
    /// [T] of CALM: the draws that a chunk's candidates were counted over; 0 where given. Of them column j of
    /// `likely` is the j-th commonest, its log-probability log(count / draws), an estimate. Empty otherwise.
    std::vector<std::int32_t> chunkDraws;
    std::map<char, std::int64_t> calls; ///< network calls this sample took part in, by letter
    double flops = 0;
    double seconds = 0; ///< its share of the wall time of its calls

    friend bool operator==(const SampleTrace&, const SampleTrace&) = default;
};

/// The positions of a sample as they stood after a step, as far as tokens that were masked again are
/// concerned: where one of them stood then, it is back with its own step, member and numbers (of the
/// likeliest tokens only those of the last reveal are kept). What was revealed later than `step` is left as
/// it is, its revealStep tells. Without remasking nothing changes.
SampleTrace traceAfter(SampleTrace trace, int step);

/// All of a finished (or stopped) generation. Stopped: `samples` holds the finished ones.
struct Trace {
    std::vector<SampleTrace> samples;  ///< by index
    std::map<char, ExecutedWork> work; ///< by letter, unfinished samples included
    double flops = 0;                  ///< executed, all samples, unfinished ones included
    double seconds = 0;                ///< wall time of the generation
    bool stopped = false;
};

} // namespace steploom
