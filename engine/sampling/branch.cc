// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sampling/branch.h"

#include "engine/core/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace steploom {

namespace {

constexpr std::uint32_t kIndexMask = (std::uint32_t{1} << kNoiseIndexBits) - 1;

/// The first token at the position or behind it.
auto firstFrom(auto& tokens, int position) {
    return std::ranges::lower_bound(tokens, position, {}, &StandingToken::position);
}

/// Before the hand changes what a model wrote, it is kept as what stood until s. What was given from the
/// start or written by hand leaves no trace.
void keepBefore(BranchPoint& branch, const StandingToken& token) {
    if (token.member < 0 || token.revealStep >= branch.step - 1)
        return;
    branch.before.push_back({.position = token.position,
                             .token = token.token,
                             .revealStep = token.revealStep,
                             .remaskStep = branch.step - 1,
                             .member = token.member,
                             .logProbability = token.logProbability,
                             .entropy = token.entropy});
}

[[noreturn]] void refuse(const std::string& where, const std::string& why) {
    throw Error(ErrorKind::Request,
                {"cannot go on from this canvas", where, why, "Branch from the run's sample once more"});
}

} // namespace

std::uint32_t noiseOf(const BranchPoint& branch, int sample) noexcept {
    return (branch.noise & ~kIndexMask) | ((branch.noise + static_cast<std::uint32_t>(sample)) & kIndexMask);
}

void takeNextStream(BranchPoint& branch) noexcept { branch.noise += kIndexMask + 1; }

BranchPoint branchAt(const SampleTrace& trace, std::int32_t maskToken, int step, std::uint32_t noise) {
    BranchPoint branch;
    branch.sample = trace.index;
    branch.step = step;
    branch.noise = noise;
    const SampleTrace then = traceAfter(trace, step - 1);
    for (std::size_t i = 0; i < then.tokens.size(); ++i)
        if (then.tokens[i] != maskToken && then.revealStep[i] < step)
            branch.tokens.push_back({.position = static_cast<std::int32_t>(i),
                                     .token = then.tokens[i],
                                     .revealStep = then.revealStep[i],
                                     .member = then.member[i],
                                     .logProbability = then.logProbability[i],
                                     .entropy = then.entropy[i]});
    std::ranges::copy_if(trace.remasked, std::back_inserter(branch.before),
                         [step](const RemaskedToken& token) { return token.remaskStep < step; });
    return branch;
}

BranchPoint movedTo(BranchPoint branch, int steps, int newStep, int newSteps) {
    if (newStep == branch.step && newSteps == steps)
        return branch;
    const bool earlier =
        newStep < branch.step || std::int64_t{newStep} * steps < std::int64_t{branch.step} * newSteps;
    if (earlier)
        takeNextStream(branch);
    const auto moved = [&](std::int32_t step) {
        const auto scaled = static_cast<std::int32_t>(std::int64_t{step} * newSteps / std::max(1, steps));
        return step < 0 ? step : std::min(scaled, newStep - 1);
    };
    branch.step = newStep;
    for (StandingToken& token : branch.tokens) {
        token.revealStep = moved(token.revealStep);
    }
    for (RemaskedToken& token : branch.before) {
        token.revealStep = moved(token.revealStep);
        token.remaskStep = moved(token.remaskStep);
    }
    // What would have stood for no step at all on the coarser axis has nothing to show.
    std::erase_if(branch.before,
                  [](const RemaskedToken& token) { return token.revealStep >= token.remaskStep; });
    return branch;
}

const StandingToken* standingAt(const BranchPoint& branch, int position) noexcept {
    const auto found = firstFrom(branch.tokens, position);
    return found != branch.tokens.end() && found->position == position ? &*found : nullptr;
}

void writeToken(BranchPoint& branch, int position, std::int32_t token) {
    auto at = firstFrom(branch.tokens, position);
    if (at == branch.tokens.end() || at->position != position)
        at = branch.tokens.insert(at, StandingToken{});
    else
        keepBefore(branch, *at);
    *at = {.position = position, .token = token, .revealStep = branch.step - 1};
}

void maskToken(BranchPoint& branch, int position) {
    const auto at = firstFrom(branch.tokens, position);
    if (at == branch.tokens.end() || at->position != position)
        return;
    keepBefore(branch, *at);
    branch.tokens.erase(at);
}

void fixToken(BranchPoint& branch, int position) {
    const auto at = firstFrom(branch.tokens, position);
    if (at == branch.tokens.end() || at->position != position)
        return;
    at->member = -1;
    at->logProbability = at->entropy = 0;
}

SampleTrace traceOf(const BranchPoint& branch, int length, std::int32_t maskToken) {
    const auto size = static_cast<std::size_t>(length);
    SampleTrace trace;
    trace.tokens.assign(size, maskToken);
    trace.revealStep.assign(size, -1);
    trace.member.assign(size, -1);
    trace.logProbability.assign(size, 0);
    trace.entropy.assign(size, 0);
    for (const StandingToken& token : branch.tokens) {
        const auto at = static_cast<std::size_t>(token.position);
        trace.tokens[at] = token.token;
        trace.revealStep[at] = token.revealStep;
        trace.member[at] = token.member;
        trace.logProbability[at] = token.logProbability;
        trace.entropy[at] = token.entropy;
    }
    trace.remasked = branch.before;
    return trace;
}

void requireRunnable(const BranchPoint& branch, int length, int steps) {
    if (branch.step < 0 || branch.step > steps)
        refuse(fmt::format("step {}", branch.step), fmt::format("the schedule has {} steps", steps));
    if (branch.parent < 0 || branch.sample < 0)
        refuse(fmt::format("run {}, sample {}", branch.parent, branch.sample), "there is no such sample");
    std::int32_t next = 0;
    for (const StandingToken& token : branch.tokens) {
        const std::string where = fmt::format("position {}", token.position);
        if (token.position < next || token.position >= length)
            refuse(where, fmt::format("its {} positions must come in order", length));
        if (token.revealStep < -1 || token.revealStep >= std::max(branch.step, 0))
            refuse(where, fmt::format("it was revealed at step {}, the rest begins at step {}",
                                      token.revealStep, branch.step));
        if (token.member < -1 || token.token < 0)
            refuse(where, fmt::format("token {} of member {} is none", token.token, int{token.member}));
        // What cannot be: exp of it is the ψ of ReMDM's confidence schedule.
        if (!(token.logProbability <= 0 && token.entropy >= 0) || std::isinf(token.logProbability) ||
            std::isinf(token.entropy))
            refuse(where, fmt::format("log-probability {} and entropy {} are none", token.logProbability,
                                      token.entropy));
        next = token.position + 1;
    }
    for (const RemaskedToken& token : branch.before)
        if (token.position < 0 || token.position >= length || token.token < 0 || token.member < 0 ||
            token.revealStep < 0 || token.remaskStep < token.revealStep || token.remaskStep >= branch.step)
            refuse(fmt::format("position {}", token.position),
                   fmt::format("it cannot have stood from step {} to step {}", token.revealStep,
                               token.remaskStep));
    if (branch.tokens.size() == static_cast<std::size_t>(length))
        throw Error(ErrorKind::Request, {"cannot go on from this canvas", fmt::format("step {}", branch.step),
                                         fmt::format("all its {} positions are written", length),
                                         "Mask some of them, or branch from an earlier step"});
}

} // namespace steploom
