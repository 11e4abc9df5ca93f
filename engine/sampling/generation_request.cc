// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sampling/generation_request.h"

#include "engine/core/error.h"
#include "engine/core/utf8.h"

#include <fmt/format.h>

namespace steploom {

namespace {

void requireRange(const char* field, int value, int lowest, int highest) {
    if (value < lowest || value > highest)
        throw Error(ErrorKind::Request, {"cannot run the request", fmt::format("{} {}", field, value),
                                         fmt::format("it must lie between {} and {}", lowest, highest),
                                         fmt::format("Choose a {} in that range", field)});
}

[[noreturn]] void refuseTogether(std::string_view first, std::string_view second, std::string_view why,
                                 std::string_view remedy) {
    throw Error(ErrorKind::Request, {"cannot run the request", fmt::format("{} and {}", first, second),
                                     std::string(why), std::string(remedy)});
}

/// What the order of reveal can be made of.
void requireOrder(const GenerationRequest& request) {
    constexpr int kLongestBlock = 65'536;
    requireRange("block length", request.blockLength, 0, kLongestBlock);
    if (!(request.threshold >= 0 && request.threshold <= 1))
        throw Error(ErrorKind::Request,
                    {"cannot run the request", fmt::format("threshold {}", request.threshold),
                     "it is a probability, from 0 to 1", "0.9 is usual"});
    requireRunnable(request.remasking);

    if (request.blockLength > 0 && request.sampler == Sampler::FirstHitting)
        refuseTogether("the sampler first-hitting", "blocks", "its times run over all positions alike",
                       "Blocks combine with ancestral, confidence, margin, entropy and threshold");
    if (request.remasking.kind == Remask::None)
        return;
    const std::string remasking = fmt::format("remasking {}", remaskName(request.remasking.kind));
    if (request.sampler != Sampler::Ancestral)
        refuseTogether(remasking, fmt::format("the sampler {}", samplerName(request.sampler)),
                       "ReMDM is defined on ancestral sampling",
                       "Choose the sampler ancestral, or remasking none");
    if (request.blockLength > 0)
        refuseTogether(remasking, "blocks", "a block is finished before the next begins",
                       "Choose block length 0, or remasking none");
}

} // namespace

void requireRunnable(const GenerationRequest& request) {
    // Far beyond any model and any patience; they keep sizes of buffers within what 32-bit row numbers can
    // say.
    constexpr int kLongest = 65'536, kMostSamples = 1'000'000, kMostCandidates = 1'000'000;
    constexpr std::int64_t kMostDraws = 10'000'000;

    if (request.schedule.empty())
        throw Error(ErrorKind::Schedule, {"cannot run the request", "the schedule", "it is empty",
                                          "Write one, as in (L125,H750,L125)"});
    requireRange("length", request.length, 1, kLongest);
    requireRange("number of samples", request.samples, 1, kMostSamples);
    if (request.batch != kAutomaticBatch)
        requireRange("batch", request.batch, 1, kLargestBatch);
    requireRange("number of likeliest tokens", request.topTokens, 0, kMostTopTokens);
    // The upper bound also refuses infinity; a comparison that must hold also refuses NaN.
    if (!(request.temperature > 0 && request.temperature <= 1e6))
        throw Error(
            ErrorKind::Request,
            {"cannot run the request", fmt::format("temperature {}", request.temperature),
             "it must be more than 0, and at most 1000000",
             "1 samples from the model as it is; a small one such as 0.01 comes close to the argmax"});
    if (!(request.topP > 0 && request.topP <= 1))
        throw Error(ErrorKind::Request,
                    {"cannot run the request", fmt::format("top-p {}", request.topP),
                     "it must be more than 0 and at most 1", "1 keeps every token; 0.9 is usual"});
    requireOrder(request);
    requireRange("top-k", request.topK, 0, kMostCandidates);
    requireRange("number of candidates", request.candidates, 1, kMostCandidates);
    if (request.mostDraws < 1 || request.mostDraws > kMostDraws)
        throw Error(ErrorKind::Request,
                    {"cannot run the request", fmt::format("at most {} draws", request.mostDraws),
                     fmt::format("the limit must lie between 1 and {}", kMostDraws), "100000 is usual"});

    std::string letters;
    for (const PoolMemberSpec& member : request.pool) {
        if (letters.find(member.letter) != std::string::npos)
            throw Error(ErrorKind::Request, {"cannot run the request", "the pool",
                                             fmt::format("two members have the letter {}", member.letter),
                                             "Give each its own letter"});
        letters += member.letter;
        requireUtf8(member.name, "the name of a model"); // else no JSON and no store could hold them
        requireUtf8(member.path, "the path of a model");
    }
    if (!letters.empty()) // a request may leave the pool to the one who runs it
        requireLetters(request.schedule, letters);

    requireUtf8(request.tokenizer, "the path of the tokenizer");
    requireUtf8(request.prompt, "the prompt");
    requireUtf8(request.templateText, "the template");
    if (!request.prompt.empty() && !request.templateText.empty())
        throw Error(ErrorKind::Request, {"cannot run the request", "prompt and template", "both are given",
                                         "Write the prompt as the beginning of the template"});
    if (!request.branch)
        return;
    if (!request.prompt.empty() || !request.templateText.empty())
        refuseTogether(request.prompt.empty() ? "a template" : "a prompt", "a branch",
                       "the branch says what stands on the canvas",
                       "Leave the text away, or write it on the branch's canvas");
    requireRunnable(*request.branch, request.length, request.schedule.steps());
}

BranchPoint branchFrom(const GenerationRequest& parent, std::int64_t run, const SampleTrace& sample,
                       std::int32_t maskToken, int step) {
    BranchPoint branch = branchAt(sample, maskToken, step, noiseOf(parent, sample.index));
    branch.parent = run;
    // Their draws are counted by calls, not by steps: those to come may have been made already.
    if (parent.sampler == Sampler::FirstHitting || parent.sampler == Sampler::Threshold)
        takeNextStream(branch);
    return branch;
}

int firstStepOf(const GenerationRequest& request) noexcept {
    return request.branch ? request.branch->step : 0;
}

std::uint32_t noiseOf(const GenerationRequest& request, int sample) noexcept {
    return request.branch ? noiseOf(*request.branch, sample) : static_cast<std::uint32_t>(sample);
}

} // namespace steploom
