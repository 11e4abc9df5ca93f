// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/bridge/call_times.h"

#include "engine/core/error.h"
#include "engine/models/precision_text.h"
#include "engine/sampling/masked_diffusion.h"
#include "engine/sampling/sequential_sampling.h"

#include <algorithm>

namespace steploom {
namespace {

constexpr std::size_t kNewestRuns = 300;

/// Positions to write; all of them where the fixed text cannot be read without its tokenizer.
int maskedOf(const GenerationRequest& request, const PoolFacts* pool) {
    if (request.branch)
        return request.length - static_cast<int>(request.branch->tokens.size());
    if (!pool || !pool->tokenizer || (request.prompt.empty() && request.templateText.empty()))
        return request.length;
    const auto tokens = initialTokens(request, *pool->tokenizer, pool->maskToken);
    return static_cast<int>(std::ranges::count(tokens, pool->maskToken));
}

} // namespace

std::string CallTimes::key(const PoolMemberSpec& member, int length, double draws) {
    std::string key =
        member.path + '\n' + std::string(precisionName(member.precision)) + '\n' + std::to_string(length);
    return draws == 1 ? key : key + '\n' + std::to_string(draws);
}

std::optional<CallTimes::Rate> CallTimes::find(const PoolMemberSpec& member, int length, double draws) const {
    if (const auto found = m_measured.find(key(member, length, draws)); found != m_measured.end())
        return found->second;
    const auto found = m_calibrated.find(key(member, length, 1));
    if (found == m_calibrated.end())
        return std::nullopt;
    Rate rate = found->second;
    if (draws != 1) // many draws are computed at once: they take less than their FLOPs tell
        rate = {rate.perCall + (draws - 1) * rate.perDraw, 0, 0};
    return rate;
}

void CallTimes::learnRuns(const std::vector<RunSummary>& runs) {
    m_measured.clear();
    for (std::size_t i = 0; i < std::min(runs.size(), kNewestRuns); ++i) {
        const RunSummary& run = runs[i];
        double inCalls = 0;
        for (const auto& [letter, work] : run.work.members)
            inCalls += work.seconds;
        if (run.finishedSamples == 0 || inCalls <= 0)
            continue;
        // What passes between the calls belongs to them.
        const double whole = std::max(1.0, run.seconds / inCalls);
        for (const PoolMemberSpec& member : run.request.pool) {
            const auto work = run.work.members.find(member.letter);
            if (work == run.work.members.end() || work->second.sampleCalls == 0)
                continue;
            const double seconds = work->second.seconds * whole;
            m_measured.try_emplace(key(member, run.request.length, plannedDraws(run.request, run.kind)),
                                   Rate{seconds / static_cast<double>(work->second.sampleCalls),
                                        work->second.flops > 0 ? seconds / work->second.flops : 0});
        }
    }
}

void CallTimes::learnPool(const PoolFacts& pool, int length, const std::vector<CallSeconds>& seconds) {
    const std::vector<CallCost> costs = pool.callCosts(length);
    for (std::size_t i = 0; i < std::min(costs.size(), seconds.size()); ++i) {
        const auto [call, draw] = seconds[i];
        if (call <= 0)
            continue;
        const double flops = costs[i].executed(1, 1, length); // calibrated with one row
        m_calibrated[key(pool.members[i].spec, length, 1)] = {call, flops > 0 ? call / flops : 0, draw};
    }
}

std::optional<ScheduleCost> expectedCost(const GenerationRequest& request, const PoolFacts& loaded) {
    const bool serves = loaded.serves(request.pool);
    std::vector<CallCost> costs;
    if (serves)
        costs = loaded.callCosts(request.length);
    else
        for (const PoolMemberSpec& member : request.pool)
            costs.push_back({.letter = member.letter});
    try {
        return costOf(request.schedule, {.members = costs,
                                         .length = request.length,
                                         .masked = maskedOf(request, serves ? &loaded : nullptr),
                                         .sampler = request.sampler,
                                         .blockLength = request.blockLength,
                                         .remasking = request.remasking,
                                         .firstStep = firstStepOf(request),
                                         .written = writtenIn(request),
                                         .draws = serves ? plannedDraws(request, loaded.kind()) : 1});
    } catch (const Error&) {
        return std::nullopt; // running it will say why
    }
}

std::optional<double> CallTimes::secondsPerSample(const GenerationRequest& request,
                                                  const PoolFacts& loaded) const {
    std::optional<ScheduleCost> cost = expectedCost(request, loaded);
    if (!cost)
        return std::nullopt;
    const double draws = loaded.serves(request.pool) ? plannedDraws(request, loaded.kind()) : 1;
    double seconds = 0;
    for (const PoolMemberSpec& member : request.pool) {
        const double calls = cost->callsByLetter[member.letter];
        if (calls <= 0)
            continue;
        const auto rate = find(member, request.length, draws);
        if (!rate)
            return std::nullopt;
        const double flops = cost->flopsByLetter[member.letter];
        seconds += flops > 0 && rate->perFlop > 0 ? flops * rate->perFlop : calls * rate->perCall;
    }
    return seconds;
}

std::optional<double> CallTimes::secondsPerCall(const PoolMemberSpec& member, const CallCost& cost,
                                                double rows, int length) const {
    const auto rate = find(member, length, 1);
    if (!rate)
        return std::nullopt;
    const double flops = cost.executed(1, rows, length);
    return flops > 0 && rate->perFlop > 0 ? flops * rate->perFlop : rate->perCall;
}

} // namespace steploom
