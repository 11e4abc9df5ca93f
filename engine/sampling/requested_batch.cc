// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sampling/masked_diffusion.h"

#include <algorithm>
#include <cmath>

namespace steploom {

namespace {

/// Rows wanted of one sample in a call, on average: what is left of the FLOPs without the part that every
/// call costs.
int rowsPerCall(const PlannedWork& work, const std::vector<CallCost>& costs, int length) {
    double left = work.flops, perRow = 0;
    for (const CallCost& cost : costs) {
        const auto calls = static_cast<double>(work.calls.at(cost.letter));
        left -= cost.executed(calls, 0, length);
        perRow += cost.executed(0, calls, length);
    }
    return perRow > 0 ? std::clamp(static_cast<int>(std::lround(left / perRow)), 1, length) : 1;
}

} // namespace

int requestedBatch(const GenerationRequest& request, ModelPool& pool, const std::stop_token& stop) {
    if (pool.kind() != GenerationKind::MaskedDiffusion)
        return 1; // sample after sample, each with its cache
    if (request.batch != kAutomaticBatch)
        return std::min(request.batch, request.samples);
    // A few samples tell which models are called how often, and for how many rows.
    constexpr int kTypical = 4;
    GenerationRequest few = request;
    few.samples = std::min(request.samples, kTypical);
    const PlannedWork work = planWork(few, pool);

    BatchQuestion question{.maskToken = work.maskToken,
                           .length = request.length,
                           .rowsPerSample = rowsPerCall(work, pool.callCosts(request.length), request.length),
                           .most = std::min(request.samples, fittingBatch(work.largestCall, pool))};
    for (const PoolMember& member : pool.members())
        if (const auto calls = work.calls.at(member.spec.letter); calls > 0)
            question.members.push_back(
                {std::dynamic_pointer_cast<MaskedDiffusionModel>(member.model), static_cast<double>(calls)});
    return pool.batches().choose(question, stop);
}

} // namespace steploom
