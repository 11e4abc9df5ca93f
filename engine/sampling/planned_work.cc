// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/error.h"
#include "engine/sampling/masked_diffusion.h"
#include "engine/sampling/reveal_plan.h"
#include "engine/sampling/sequential_sampling.h"
#include "engine/schedule/reveal_counts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

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

/// A branch of another pool's run must not bring tokens or members that this one does not have.
void requireTokensOf(const BranchPoint& branch, const ModelPool& pool) {
    const auto check = [&](std::int32_t position, std::int32_t token, int member) {
        if (token < pool.drawableTokens() && token != pool.maskToken() &&
            member < static_cast<int>(pool.members().size()))
            return;
        throw Error(ErrorKind::Request,
                    {"cannot go on from this canvas", fmt::format("position {}", position),
                     fmt::format("token {} of member {} is none of this pool's", token, member),
                     "Load the pool of the run that it was branched from"});
    };
    for (const StandingToken& token : branch.tokens)
        check(token.position, token.token, token.member);
    for (const RemaskedToken& token : branch.before)
        check(token.position, token.token, token.member);
}

} // namespace

namespace {

/// Adds up what one sample after another will do.
class Planning {
public:
    Planning(const GenerationRequest& request, const ModelPool& pool, std::span<const int> finished,
             PlannedWork& work)
        : m_request(request), m_pool(pool), m_finished(finished),
          m_samples(request.samples - static_cast<int>(finished.size())),
          m_costs(pool.callCosts(request.length)), m_work(work) {
        for (std::size_t position = 0; position < work.initialTokens.size(); ++position)
            if (work.initialTokens[position] == work.maskToken)
                m_masked.push_back(static_cast<std::int32_t>(position));
        for (const CallCost& cost : m_costs) {
            work.calls[cost.letter] = 0;
            work.flopsByLetter[cost.letter] = 0;
        }
    }

    /// The order is drawn beforehand: exactly these calls.
    void drawn() {
        const CounterRandom random(m_request.seed);
        for (int sample = 0; sample < m_request.samples; ++sample) {
            if (std::ranges::binary_search(m_finished, sample))
                continue;
            for (const RevealEvent& event :
                 makeRevealPlan(m_request.sampler, planInputOf(m_request, m_masked, sample), random))
                add(event.step, static_cast<int>(event.positions.size()), 1);
        }
    }

    /// The same number of calls and candidates in every sample.
    void ranked(const std::vector<RankedCall>& calls) {
        for (const RankedCall& call : calls)
            add(call.step, call.candidates, m_samples);
    }
    void ranked() {
        ranked(rankedRest(stillMasked(planInputOf(m_request, m_masked, 0)), m_request.schedule.steps(),
                          m_request.blockLength, firstStepOf(m_request)));
    }
    void threshold() {
        ranked(mostThresholdCalls(stillMasked(planInputOf(m_request, m_masked, 0)),
                                  m_request.schedule.steps(), m_request.blockLength, firstStepOf(m_request)));
        m_work.figures = Figures::AtMost;
    }

    /// What is masked again depends on the network: the means.
    void expected() {
        const ScheduleCost cost = costOf(m_request.schedule, {.members = m_costs,
                                                              .length = m_request.length,
                                                              .masked = masked(),
                                                              .sampler = m_request.sampler,
                                                              .remasking = m_request.remasking,
                                                              .firstStep = firstStepOf(m_request),
                                                              .written = writtenIn(m_request)});
        for (const auto& [letter, calls] : cost.callsByLetter) {
            m_work.calls[letter] = std::llround(calls * m_samples);
            m_work.totalCalls += m_work.calls[letter];
        }
        for (const auto& [letter, flops] : cost.flopsByLetter)
            m_work.flopsByLetter[letter] = flops * m_samples;
        m_work.flops = cost.executedFlops * m_samples;
        m_work.figures = Figures::Expected;
        // Masked positions are at most all of them; eight standard deviations are added to the mean revealed.
        const int steps = m_request.schedule.steps(), first = firstStepOf(m_request);
        const double all = masked() + writtenIn(m_request);
        for (int step = first; step < steps; ++step) {
            const RemaskingStep chances = remaskingStep(m_request.remasking, step, steps);
            const double share = m_request.branch ? 1 : chances.masked;
            const double mean = std::min(share * all + step, all) * chances.reveal;
            const double most = std::min(mean + 8 * std::sqrt(mean) + 8, all);
            m_work.largestCall = std::max(m_work.largestCall, static_cast<int>(most));
        }
        if (first == steps)
            m_work.largestCall = masked();
    }

private:
    int masked() const { return static_cast<int>(m_masked.size()); }

    void add(int step, int rows, std::int64_t samples) {
        const char letter = memberFor(step, m_request.schedule);
        const CallCost& cost = m_costs[static_cast<std::size_t>(m_pool.indexOf(letter))];
        m_work.calls[letter] += samples;
        m_work.totalCalls += samples;
        const double flops = cost.executed(static_cast<double>(samples), static_cast<double>(samples) * rows,
                                           m_request.length);
        m_work.flops += flops;
        m_work.flopsByLetter[letter] += flops;
        m_work.largestCall = std::max(m_work.largestCall, rows);
    }

    const GenerationRequest& m_request;
    const ModelPool& m_pool;
    const std::span<const int> m_finished;
    const int m_samples; ///< to be made
    const std::vector<CallCost> m_costs;
    PlannedWork& m_work;
    std::vector<std::int32_t> m_masked;
};

} // namespace

PlanInput planInputOf(const GenerationRequest& request, std::span<const std::int32_t> maskedPositions,
                      int sample) {
    PlanInput input{.maskedPositions = maskedPositions,
                    .steps = request.schedule.steps(),
                    .sample = noiseOf(request, sample),
                    .blockLength = request.blockLength,
                    .remasking = request.remasking,
                    .firstStep = firstStepOf(request)};
    if (request.branch)
        input.standing = request.branch->tokens;
    return input;
}

int writtenIn(const GenerationRequest& request) noexcept {
    return !request.branch ? 0
                           : static_cast<int>(std::ranges::count_if(
                                 request.branch->tokens,
                                 [](const StandingToken& token) { return token.revealStep >= 0; }));
}

int fittingBatch(int rowsPerSample, const ModelPool& pool) {
    constexpr std::int64_t kMostLogits = std::int64_t{1} << 26;
    const std::int64_t vocabulary = pool.members()[0].model->facts().vocabulary;
    const std::int64_t fitting = kMostLogits / (std::max(1, rowsPerSample) * vocabulary);
    return static_cast<int>(std::clamp<std::int64_t>(fitting, 1, kLargestBatch));
}

PlannedWork planWork(const GenerationRequest& request, const ModelPool& pool, std::span<const int> finished) {
    requireRunnable(request);
    requirePoolOf(request, pool);

    if (request.branch)
        requireTokensOf(*request.branch, pool);
    if (pool.kind() != GenerationKind::MaskedDiffusion)
        return planSequential(request, pool, finished);
    if (request.topK > 0)
        throw Error(ErrorKind::Request, {"cannot run the request", fmt::format("top-k {}", request.topK),
                                         "masked-diffusion models draw with temperature and top-p",
                                         "Leave top-k away, or load an autoregressive model"});

    PlannedWork work;
    work.maskToken = pool.maskToken();
    work.initialTokens = initialTokens(request, *pool.tokenizer(), work.maskToken);
    Planning planning(request, pool, finished, work);
    if (request.sampler == Sampler::Threshold)
        planning.threshold();
    else if (looksAtCandidates(request.sampler))
        planning.ranked();
    else if (request.remasking.kind == Remask::Confidence)
        planning.expected();
    else
        planning.drawn();
    const int wanted = request.batch > 0 ? request.batch : kUntimedBatch;
    work.batch = std::min({wanted, request.samples, fittingBatch(work.largestCall, pool)});
    return work;
}

} // namespace steploom
