// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/error.h"
#include "engine/core/utf8.h"
#include "engine/sampling/chunk_temperature.h"
#include "engine/sampling/sequential_sampling.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace steploom {

namespace {

constexpr auto kCannotRun = "cannot run the request";

[[noreturn]] void refuse(std::string where, std::string why, std::string remedy) {
    throw Error(ErrorKind::Request, {kCannotRun, std::move(where), std::move(why), std::move(remedy)});
}

/// What belongs to masked diffusion alone.
void requireSequential(const GenerationRequest& request, GenerationKind kind) {
    const std::string models = kind == GenerationKind::Calm ? "CALM" : "an autoregressive model";
    const std::string why = fmt::format("{} writes from the beginning to the end", models);
    if (!request.templateText.empty())
        refuse("the template", why + " and fills no holes", "Give a prompt, or load masked-diffusion models");
    if (request.sampler != Sampler::Ancestral)
        refuse(fmt::format("the sampler {}", samplerName(request.sampler)),
               why + ": there is no order of reveal to choose", "Leave the sampler at ancestral");
    if (request.remasking.kind != Remask::None)
        refuse(fmt::format("remasking {}", remaskName(request.remasking.kind)), why + " and masks nothing",
               "Choose remasking none");
    if (request.blockLength > 0)
        refuse(fmt::format("block length {}", request.blockLength), why, "Choose block length 0");
}

void requireCalm(const GenerationRequest& request) {
    const char* const noTokens = "CALM draws vectors, and has no probabilities of tokens to choose from";
    if (request.topK > 0)
        refuse(fmt::format("top-k {}", request.topK), noTokens, "Leave it away; a temperature sharpens");
    if (request.topP < 1)
        refuse(fmt::format("top-p {}", request.topP), noTokens, "Leave it away; a temperature sharpens");
    if (request.float32Gumbel)
        refuse("float32 Gumbel noise", noTokens, "Leave it away");
    if (request.temperature == 1)
        return;
    const InverseTemperature inverse = inverseTemperature(request.temperature);
    if (request.temperatureMethod == TemperatureMethod::Exact)
        return;
    if (inverse.share > 0) {
        const int nearest = nearestWhole(request.temperature);
        refuse(fmt::format("temperature {}", request.temperature),
               "the batch approximation can do 1/2, 1/3, 1/4 and so on alone",
               fmt::format("Choose {:.6g} (1/{}), the nearest, or the exact algorithm (--temperature-method "
                           "exact)",
                           1.0 / nearest, nearest));
    }
    if (inverse.whole > request.candidates)
        refuse(fmt::format("temperature {} with {} candidates", request.temperature, request.candidates),
               fmt::format("{} draws would have to agree", inverse.whole),
               fmt::format("Draw {} candidates or more, or choose a temperature nearer to 1", inverse.whole));
}

/// The token that the tokenizer begins texts with, or config.json names; −1: there is none.
std::int32_t startToken(const Tokenizer& tokenizer, const ModelFacts& facts) {
    const auto usable = [&](std::int32_t id) { return id >= 0 && id < facts.vocabulary; };
    if (const auto begun = tokenizer.encode("", true); !begun.empty() && usable(begun.front()))
        return begun.front();
    for (const char* name : {"<|begin_of_text|>", "<s>", "<|endoftext|>"})
        if (const auto id = tokenizer.idOf(name); id && usable(*id))
            return *id;
    return usable(facts.startToken) ? facts.startToken : -1;
}

std::string tokenName(const Tokenizer& tokenizer, std::int32_t id) {
    const std::string text = replaceInvalidUtf8(tokenizer.bytesOf(id));
    return text.empty() ? fmt::format("id {}", id) : fmt::format("\"{}\", id {}", text, id);
}

/// Whole chunks of a prompt, as the request has them made.
SequentialBeginning fitted(std::vector<std::int32_t> tokens, const GenerationRequest& request,
                           const Tokenizer& tokenizer, const ModelFacts& facts, std::int32_t start) {
    SequentialBeginning beginning;
    const auto chunk = static_cast<std::size_t>(facts.chunk);
    const std::size_t over = tokens.size() % chunk;
    if (over == 0) {
        beginning.tokens = std::move(tokens);
        return beginning;
    }
    const bool begun = request.prompt.empty(); // one start token alone
    if (request.promptFit == PromptFit::Trim && !begun) {
        if (tokens.size() < chunk)
            refuse("the prompt",
                   fmt::format("it has {} tokens, and a vector stands for {}", tokens.size(), chunk),
                   "Write a longer one, or have it padded (--prompt-fit pad)");
        beginning.remarks.push_back(
            fmt::format("The first {} of the prompt's {} tokens are left out: vectors stand for {} tokens.",
                        over, tokens.size(), chunk));
        beginning.tokens.assign(tokens.begin() + static_cast<std::ptrdiff_t>(over), tokens.end());
        return beginning;
    }
    const bool padNamed = facts.padToken >= 0 && facts.padToken < facts.vocabulary;
    const std::int32_t pad = padNamed && !begun ? facts.padToken : start;
    if (pad < 0)
        refuse(
            "the prompt",
            fmt::format("its {} tokens are no multiple of K = {}, and neither config.json nor the tokenizer "
                        "names a token to pad it with",
                        tokens.size(), chunk),
            "Have it trimmed (--prompt-fit trim), or name pad_token_id in config.json");
    // Behind the prompt, as the published code has it.
    beginning.tokens = std::move(tokens);
    for (std::size_t i = over; i < chunk; ++i) {
        beginning.padding.push_back(static_cast<std::int32_t>(beginning.tokens.size()));
        beginning.tokens.push_back(pad);
    }
    if (!begun)
        beginning.remarks.push_back(fmt::format("The prompt of {} tokens is followed by {} × padding ({}), "
                                                "which the text leaves out: vectors stand "
                                                "for {} tokens.",
                                                beginning.tokens.size() - beginning.padding.size(),
                                                beginning.padding.size(), tokenName(tokenizer, pad), chunk));
    return beginning;
}

/// The chunks that stand on a branch's canvas.
std::vector<std::int32_t> standingChunks(const BranchPoint& branch, int chunk) {
    constexpr auto kCannotBranch = "cannot go on from this canvas";
    std::vector<std::int32_t> tokens;
    for (const StandingToken& standing : branch.tokens) {
        if (standing.position == static_cast<int>(tokens.size())) {
            tokens.push_back(standing.token);
            continue;
        }
        throw Error(
            ErrorKind::Request,
            {kCannotBranch, fmt::format("position {}", standing.position + 1),
             fmt::format("a token stands there, and position {} before it is empty; these models write "
                         "from the beginning on, and see nothing of what comes later",
                         tokens.size() + 1),
             "Write tokens before the branch's step only, and leave no gap"});
    }
    if (tokens.size() % static_cast<std::size_t>(chunk) != 0 ||
        static_cast<int>(tokens.size()) < branch.step * chunk)
        throw Error(ErrorKind::Request,
                    {kCannotBranch, fmt::format("step {}", branch.step),
                     fmt::format("{} tokens stand, and whole chunks of {} up to the step are needed",
                                 tokens.size(), chunk),
                     "Fill the chunk, or branch at an earlier step"});
    return tokens;
}

} // namespace

int sequentialSteps(int length, int chunk) {
    if (length % chunk != 0) {
        const int below = length / chunk * chunk, above = below + chunk;
        refuse(fmt::format("length {}", length),
               fmt::format("vectors stand for {} tokens, and {} is no multiple of that", chunk, length),
               below > 0 ? fmt::format("Choose {} or {}", below, above) : fmt::format("Choose {}", above));
    }
    return length / chunk;
}

void requireSequentialSteps(const StepSchedule& schedule, int length, int chunk) {
    const int steps = sequentialSteps(length, chunk);
    if (schedule.steps() != steps)
        throw Error(
            ErrorKind::Schedule,
            {kCannotRun, fmt::format("the schedule of {} steps", schedule.steps()),
             chunk > 1
                 ? fmt::format("a step writes {} tokens, so {} tokens take {} steps", chunk, length, steps)
                 : fmt::format("a step writes a token, so {} tokens take {} steps", length, steps),
             fmt::format("Give it {} steps", steps)});
}

double plannedDraws(const GenerationRequest& request, GenerationKind kind) {
    if (kind != GenerationKind::Calm || request.temperature >= 1)
        return 1;
    return request.temperatureMethod == TemperatureMethod::Batch ? request.candidates
                                                                 : std::ceil(1 / request.temperature);
}

SequentialBeginning sequentialBeginning(const GenerationRequest& request, const Tokenizer& tokenizer,
                                        const ModelFacts& facts) {
    SequentialBeginning beginning;
    const auto length = static_cast<std::size_t>(request.length);
    if (request.branch) {
        beginning.tokens = standingChunks(*request.branch, facts.chunk);
    } else {
        requireUtf8(request.prompt, "the prompt");
        const std::int32_t start = startToken(tokenizer, facts);
        std::vector<std::int32_t> tokens;
        if (!request.prompt.empty()) {
            tokens = tokenizer.encode(request.prompt, true);
        } else if (start >= 0) {
            tokens = {start};
            beginning.remarks.push_back(fmt::format("Without a prompt every sample begins with the token {}.",
                                                    tokenName(tokenizer, start)));
        }
        if (tokens.empty())
            refuse("the prompt",
                   "there is none, and the tokenizer and config.json name no token to begin with",
                   "Give a prompt");
        SequentialBeginning made = fitted(std::move(tokens), request, tokenizer, facts, start);
        beginning.tokens = std::move(made.tokens);
        beginning.padding = std::move(made.padding);
        beginning.remarks.insert(beginning.remarks.end(), made.remarks.begin(), made.remarks.end());
    }
    if (beginning.tokens.size() >= length)
        refuse(request.branch ? "the branch" : "the prompt",
               fmt::format("its {} tokens fill the length, {}: nothing is left to write",
                           beginning.tokens.size(), length),
               "Shorten it, or choose a greater length");
    const int vocabulary = facts.vocabulary;
    for (const std::int32_t token : beginning.tokens)
        if (token < 0 || token >= vocabulary)
            refuse("the prompt", fmt::format("token {} is none of the model's {}", token, vocabulary),
                   "Name the tokenizer the model was trained with (--tokenizer)");
    return beginning;
}

SequentialBeginning sequentialBeginning(const GenerationRequest& request, const ModelPool& pool) {
    return sequentialBeginning(request, *pool.tokenizer(), pool.members()[0].model->facts());
}

void requireSequential(const GenerationRequest& request, const ModelFacts& facts) {
    requireSequential(request, facts.kind);
    if (facts.kind == GenerationKind::Calm)
        requireCalm(request);
    requireSequentialSteps(request.schedule, request.length, facts.chunk);
}

PlannedWork planSequential(const GenerationRequest& request, const ModelPool& pool,
                           std::span<const int> finished) {
    const GenerationKind kind = pool.kind();
    requireSequential(request, pool.members()[0].model->facts());
    PlannedWork work;
    work.maskToken = pool.maskToken();
    SequentialBeginning beginning = sequentialBeginning(request, pool);
    work.remarks = std::move(beginning.remarks);
    work.initialTokens = std::move(beginning.tokens);
    work.padding = std::move(beginning.padding);
    const int masked = request.length - static_cast<int>(work.initialTokens.size());
    work.initialTokens.resize(static_cast<std::size_t>(request.length), work.maskToken);
    work.largestCall = 1;

    const std::vector<CallCost> costs = pool.callCosts(request.length);
    const ScheduleCost cost = costOf(request.schedule, {.members = costs,
                                                        .length = request.length,
                                                        .masked = masked,
                                                        .firstStep = firstStepOf(request),
                                                        .draws = plannedDraws(request, kind)});
    const auto samples = static_cast<std::int64_t>(request.samples) - std::ssize(finished);
    for (const auto& [letter, calls] : cost.callsByLetter) {
        work.calls[letter] = std::llround(calls) * samples;
        work.totalCalls += work.calls[letter];
        work.flopsByLetter[letter] = cost.flopsByLetter.at(letter) * static_cast<double>(samples);
    }
    work.flops = cost.executedFlops * static_cast<double>(samples);
    if (kind == GenerationKind::Calm && request.temperature < 1 &&
        request.temperatureMethod == TemperatureMethod::Exact) {
        work.figures = Figures::Expected;
        work.remarks.push_back(fmt::format("The exact temperature draws until vectors agree: at least {} "
                                           "draws of a vector, which is what the "
                                           "expected cost counts, and at most {}.",
                                           plannedDraws(request, kind), request.mostDraws));
    }
    return work;
}

} // namespace steploom
