// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/sampling/branch.h"
#include "engine/sampling/model_pool.h"
#include "engine/schedule/cost.h"
#include "engine/schedule/step_schedule.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace steploom {

inline constexpr int kAutomaticBatch = 0;
inline constexpr int kLargestBatch = 1024;
inline constexpr int kMostTopTokens = 20;
/// What a generator takes for an automatic batch where nothing was timed.
inline constexpr int kUntimedBatch = 8;

/// How CALM draws a chunk at a temperature below 1 (arXiv 2510.27688, section 6; chunk_temperature.h).
enum class TemperatureMethod {
    Batch, ///< from the counts of `candidates` draws: T = 1/n only, biased for few draws
    Exact, ///< begins anew until draws agree: every T in (0, 1], as many draws as that takes
};
/// What is done with a prompt whose tokens are no multiple of CALM's K.
enum class PromptFit {
    Pad,  ///< the model's padding token before it
    Trim, ///< its first tokens are left out
};
std::string_view temperatureMethodName(TemperatureMethod method) noexcept; ///< "batch", "exact"
TemperatureMethod parseTemperatureMethod(std::string_view name);           ///< throws Error(Request)
std::string_view promptFitName(PromptFit fit) noexcept;                    ///< "pad", "trim"
PromptFit parsePromptFit(std::string_view name);                           ///< throws Error(Request)

/// Everything that decides what is generated: plain values, kept as JSON with every run. The same request
/// gives the same bytes (at f32 on one machine whatever batch and thread count).
struct GenerationRequest {
    std::vector<PoolMemberSpec> pool;
    std::string tokenizer; ///< path; empty: the one in the members' folders
    StepSchedule schedule;
    int length = 128; ///< L, tokens per sample, prompt included
    int samples = 8;
    std::uint64_t seed = 1;
    Sampler sampler = Sampler::Ancestral;
    double threshold = 0.9; ///< τ of Sampler::Threshold, 0…1
    /// Positions written from left to right in blocks of this many (arXiv 2502.09992); 0: no blocks. Combines
    /// with every sampler but first-hitting, and not with remasking.
    int blockLength = 0;
    Remasking remasking;      ///< ReMDM (arXiv 2503.00307), on top of the ancestral sampler
    double temperature = 1.0; ///< > 0; logits are divided by it
    double topP = 1.0;        ///< (0, 1]; smallest set of tokens with at least this probability
    std::string prompt;       ///< fixed prefix; "" for none
    std::string templateText; ///< text with holes "[mask]" and "[mask:12]"; excludes a prompt
    /// Every sample goes on from this canvas at its step s, under steps s…T−1 of the schedule; excludes
    /// prompt and template.
    std::optional<BranchPoint> branch;
    /// Samples in one network call at most; changes speed, not results. kAutomaticBatch: a short calibration
    /// chooses it when the run starts (runGeneration).
    int batch = kAutomaticBatch;
    /// The likeliest tokens kept of every reveal, for looking at: 0…kMostTopTokens; changes no token.
    int topTokens = 5;
    /// Draw tokens with float32 Gumbel noise, as much published code does: it truncates the tail and so makes
    /// generative perplexity look better than it is (arXiv 2409.02908). For comparison only.
    bool float32Gumbel = false;
    int topK = 0; ///< autoregressive: only this many of the likeliest tokens may be drawn; 0: all
    // CALM at a temperature below 1.
    TemperatureMethod temperatureMethod = TemperatureMethod::Batch;
    int candidates = 200;             ///< N, draws of a vector that Batch counts
    std::int64_t mostDraws = 100'000; ///< of a vector, by Exact
    /// Exact, at that limit: take the approximation over the draws made, and say so. False: the run ends.
    bool fallBack = false;
    PromptFit promptFit = PromptFit::Pad;

    friend bool operator==(const GenerationRequest&, const GenerationRequest&) = default;
};

void to_json(nlohmann::json& json, const GenerationRequest& request);
/// Throws Error(Request) naming the key that is missing or unfit.
void from_json(const nlohmann::json& json, GenerationRequest& request);

/// Throws Error(Request or Schedule) for the first field that cannot be run: ranges, sums, letters.
void requireRunnable(const GenerationRequest& request);

/// Where a branch of one of a request's samples begins: its canvas before `step`, and random numbers that owe
/// it nothing. `run`: the id it is kept under, 0 for none.
BranchPoint branchFrom(const GenerationRequest& parent, std::int64_t run, const SampleTrace& sample,
                       std::int32_t maskToken, int step);
/// The step that a sample's first call can have: 0, or that of the branch.
int firstStepOf(const GenerationRequest& request) noexcept;
/// Index of the random numbers of a sample: its own, unless a branch says otherwise.
std::uint32_t noiseOf(const GenerationRequest& request, int sample) noexcept;

/// The canvas a sample starts from: [length] tokens, the mask token where text is to be written; a branch's
/// as it is. Prompt and template are encoded piece by piece; what follows the template's end is masked too.
/// Throws Error(Text) on invalid UTF-8 and Error(Request) when the fixed text is longer than the length
/// (naming both) or nothing is left to write.
std::vector<std::int32_t> initialTokens(const GenerationRequest& request, const Tokenizer& tokenizer,
                                        std::int32_t maskToken);

} // namespace steploom
