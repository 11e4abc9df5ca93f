// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/error.h"
#include "engine/sampling/masked_diffusion.h"
#include "engine/sampling/reveal_plan.h"

#include <fmt/format.h>

#include <algorithm>

namespace steploom {

namespace {

void requirePoolOf(const GenerationRequest& request, const ModelPool& pool) {
    std::string asked;
    for (const PoolMemberSpec& member : request.pool)
        asked += member.letter;
    if (!asked.empty() && asked != pool.letters())
        throw Error(ErrorKind::Pool, {"cannot run the request", "the pool",
                                      fmt::format("the request was made for {}, the pool has {}",
                                                  fmt::join(asked, ", "), fmt::join(pool.letters(), ", ")),
                                      "Load the models that the request names"});
    requireLetters(request.schedule, pool.letters());
    for (const PoolMember& member : pool.members()) {
        const int longest = member.model->facts().length;
        if (request.schedule.count(member.spec.letter) > 0 && request.length > longest)
            throw Error(ErrorKind::Request,
                        {"cannot run the request", fmt::format("model {}", member.spec.letter),
                         fmt::format("the length is {}, the model was made for {} positions", request.length,
                                     longest),
                         fmt::format("Choose a length of {} or less", longest)});
    }
}

} // namespace

PlannedWork planWork(const GenerationRequest& request, const ModelPool& pool) {
    requireRunnable(request);
    requirePoolOf(request, pool);

    PlannedWork work;
    work.maskToken = pool.maskToken();
    work.initialTokens = initialTokens(request, *pool.tokenizer(), work.maskToken);
    std::vector<std::int32_t> masked;
    for (std::size_t position = 0; position < work.initialTokens.size(); ++position)
        if (work.initialTokens[position] == work.maskToken)
            masked.push_back(static_cast<std::int32_t>(position));

    const std::vector<CallCost> costs = pool.callCosts(request.length);
    for (const CallCost& cost : costs)
        work.calls[cost.letter] = 0;
    const CounterRandom random(request.seed);
    for (int sample = 0; sample < request.samples; ++sample) {
        const PlanInput input{masked, request.schedule.steps(), static_cast<std::uint32_t>(sample)};
        for (const RevealEvent& event : makeRevealPlan(request.sampler, input, random)) {
            const char letter = memberFor(event, request.schedule);
            const CallCost& cost = costs[static_cast<std::size_t>(pool.indexOf(letter))];
            const auto rows = static_cast<int>(event.positions.size());
            ++work.calls[letter];
            ++work.totalCalls;
            work.flops += cost.executed(1, rows, request.length);
            work.largestReveal = std::max(work.largestReveal, rows);
        }
    }
    return work;
}

} // namespace steploom
