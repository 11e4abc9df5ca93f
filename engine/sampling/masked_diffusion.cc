// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sampling/masked_diffusion.h"

#include "engine/sampling/reveal_plan.h"
#include "engine/sampling/token_draw.h"

#include <algorithm>
#include <chrono>
#include <cmath>

// Masked diffusion, in the words of the papers. A sample x_t starts at t = 1 with every position masked. A
// denoising step t → s gives each masked position, with probability (t − s)/t, a token drawn from p(x₀ |
// x_t); a revealed token stays. The step schedule says which model computes p(x₀ | x_t) at each of the T
// steps. What is still masked after them takes its likeliest token, in a closing call by the last step's
// model.
//
// Why drawing the reveal plan first is exact. Under log-linear noise whether a position is revealed in the
// step t → s depends on t and s alone: not on the network, not on the tokens, not on the other positions.
// With tᵢ = 1 − i(1 − ε)/T a position meets step i still masked with probability tᵢ and is revealed there
// with probability (tᵢ − tᵢ₊₁)/tᵢ, so with (1 − ε)/T at every step alike, and with ε at none. Drawing each
// position's step from that law beforehand, and its token when the step comes, is the same process in another
// order. A step that reveals nothing leaves x_t as it was and needs no network call; one that reveals k
// positions needs k rows of the output layer.

namespace steploom {

namespace {

/// σ of the log-linear noise at time t: what time-conditioned networks are told.
float noiseLevel(double t) { return static_cast<float>(-std::log1p(-(1 - kNoiseEpsilon) * t)); }

/// A sample between its first call and its last.
struct ActiveSample {
    SampleTrace trace; ///< trace.tokens is x_t
    RevealPlan plan;
    std::size_t nextEvent = 0;
    int stillMasked = 0;

    const RevealEvent& event() const { return plan[nextEvent]; }
    bool finished() const { return nextEvent == plan.size(); }
};

class Sampling {
public:
    Sampling(const GenerationRequest& request, const ModelPool& pool, const PlannedWork& work,
             GenerationObserver& observer);
    Trace run(std::stop_token stop);

private:
    void admitWaiting();
    bool gather(char letter);
    double predict(std::size_t member);
    void reveal(std::size_t member, double seconds);
    void retireFinished();

    const GenerationRequest& m_request;
    const ModelPool& m_pool;
    const PlannedWork& m_work;
    GenerationObserver& m_observer;
    const CounterRandom m_random;
    const std::vector<CallCost> m_costs;
    const std::size_t m_length;
    const std::size_t m_vocabulary;
    const std::size_t m_drawable;       ///< ids that may be drawn; the vocabulary's padding is no text
    std::vector<std::int32_t> m_masked; ///< positions to write, ascending
    std::size_t m_batch = 1;

    std::vector<ActiveSample> m_active; ///< at most m_batch, by index
    int m_nextSample = 0;
    Trace m_trace;

    // One call: the active samples that take part, what the network is given, and what it answers. Sized
    // once.
    std::vector<ActiveSample*> m_group;
    std::vector<std::int32_t> m_tokens; ///< [group, L]
    std::vector<float> m_sigma;         ///< [group]
    std::vector<std::int32_t> m_rows;   ///< positions revealed, as sample · L + position
    std::vector<float> m_logits;        ///< [rows, V]
    std::vector<RevealedToken> m_revealed;
    TokenDraw m_draw;
};

Sampling::Sampling(const GenerationRequest& request, const ModelPool& pool, const PlannedWork& work,
                   GenerationObserver& observer)
    : m_request(request), m_pool(pool), m_work(work), m_observer(observer), m_random(request.seed),
      m_costs(pool.callCosts(request.length)), m_length(static_cast<std::size_t>(request.length)),
      m_vocabulary(static_cast<std::size_t>(pool.members()[0].model->facts().vocabulary)),
      m_drawable(static_cast<std::size_t>(pool.drawableTokens())) {
    for (std::size_t position = 0; position < m_length; ++position)
        if (work.initialTokens[position] == work.maskToken)
            m_masked.push_back(static_cast<std::int32_t>(position));

    // Few steps reveal many positions at once: the logits of a whole batch are kept within this many numbers
    // (256 MiB) by a smaller batch. Samples do not depend on each other, so the batch changes no result.
    constexpr std::size_t kMostLogits = std::size_t{1} << 26;
    const auto rowsPerSample = static_cast<std::size_t>(work.largestReveal);
    const std::size_t fitting = std::max<std::size_t>(1, kMostLogits / (rowsPerSample * m_vocabulary));
    m_batch = std::min(
        {static_cast<std::size_t>(request.batch), static_cast<std::size_t>(request.samples), fitting});

    m_active.reserve(m_batch);
    m_group.reserve(m_batch);
    m_tokens.reserve(m_batch * m_length);
    m_sigma.reserve(m_batch);
    m_rows.reserve(m_batch * rowsPerSample);
    m_logits.resize(m_batch * rowsPerSample * m_vocabulary);
    m_revealed.reserve(rowsPerSample);
    for (const PoolMember& member : pool.members()) {
        m_trace.networkCalls[member.spec.letter] = 0;
        if (work.calls.at(member.spec.letter) > 0)
            member.model->reserve(static_cast<int>(m_batch), request.length);
    }
}

Trace Sampling::run(std::stop_token stop) {
    const auto begin = std::chrono::steady_clock::now();
    m_observer.started(m_work);
    for (admitWaiting(); !m_active.empty() && !m_trace.stopped; admitWaiting()) {
        // Model by model: the active samples whose next step is this model's take that step, all in one call.
        for (std::size_t member = 0; member < m_costs.size() && !m_trace.stopped; ++member) {
            if (!gather(m_costs[member].letter))
                continue;
            m_trace.stopped = stop.stop_requested();
            if (!m_trace.stopped)
                reveal(member, predict(member));
        }
        retireFinished();
    }
    std::sort(m_trace.samples.begin(), m_trace.samples.end(),
              [](const SampleTrace& a, const SampleTrace& b) { return a.index < b.index; });
    m_trace.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return std::move(m_trace);
}

/// Starts waiting samples, everything masked that is to be written, until the batch is full.
void Sampling::admitWaiting() {
    while (m_active.size() < m_batch && m_nextSample < m_request.samples) {
        ActiveSample& sample = m_active.emplace_back();
        sample.trace.index = m_nextSample++;
        sample.trace.tokens = m_work.initialTokens;
        sample.trace.revealStep.assign(m_length, -1);
        sample.trace.member.assign(m_length, -1);
        sample.trace.logProbability.assign(m_length, 0);
        sample.trace.entropy.assign(m_length, 0);
        for (const CallCost& cost : m_costs)
            sample.trace.calls[cost.letter] = 0;
        const PlanInput input{m_masked, m_request.schedule.steps(),
                              static_cast<std::uint32_t>(sample.trace.index)};
        sample.plan = makeRevealPlan(m_request.sampler, input, m_random);
        sample.stillMasked = static_cast<int>(m_masked.size());
    }
}

/// Collects the active samples whose next step is this model's; false when there are none.
bool Sampling::gather(char letter) {
    m_group.clear();
    m_tokens.clear();
    m_sigma.clear();
    m_rows.clear();
    for (ActiveSample& sample : m_active) {
        if (sample.finished() || memberFor(sample.event(), m_request.schedule) != letter)
            continue;
        const auto firstRow = static_cast<std::int32_t>(m_tokens.size());
        for (std::int32_t position : sample.event().positions)
            m_rows.push_back(firstRow + position);
        m_tokens.insert(m_tokens.end(), sample.trace.tokens.begin(), sample.trace.tokens.end());
        m_sigma.push_back(noiseLevel(sample.event().time));
        m_group.push_back(&sample);
    }
    return !m_group.empty();
}

/// p(x₀ | x_t) of the group, as logits of the rows to be revealed. Returns the seconds it took.
double Sampling::predict(std::size_t member) {
    const DenoisingCall call{m_tokens, m_sigma, static_cast<int>(m_group.size()), m_request.length, m_rows};
    const auto begin = std::chrono::steady_clock::now();
    m_pool.members()[member].model->logits(call, std::span(m_logits).first(m_rows.size() * m_vocabulary));
    ++m_trace.networkCalls[m_costs[member].letter];
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// x_t → x_s: the planned positions of every sample in the group take their tokens.
void Sampling::reveal(std::size_t member, double seconds) {
    const double secondsEach = seconds / static_cast<double>(m_group.size());
    std::size_t row = 0;
    for (ActiveSample* sample : m_group) {
        const RevealEvent& event = sample->event();
        SampleTrace& trace = sample->trace;
        const DrawOptions options{.temperature = m_request.temperature,
                                  .topP = m_request.topP,
                                  .maskToken = m_work.maskToken,
                                  .argmax = event.step == m_request.schedule.steps(),
                                  .float32Gumbel = m_request.float32Gumbel};
        m_revealed.clear();
        for (std::int32_t position : event.positions) {
            const double uniform = m_random.uniform(Purpose::Token, static_cast<std::uint32_t>(trace.index),
                                                    static_cast<std::uint32_t>(position),
                                                    static_cast<std::uint32_t>(event.step));
            const auto logits = std::span(m_logits).subspan(row++ * m_vocabulary, m_drawable);
            RevealedToken revealed = m_draw.draw(logits, options, uniform);
            revealed.position = position;
            m_revealed.push_back(revealed);

            const auto at = static_cast<std::size_t>(position);
            trace.tokens[at] = revealed.token;
            trace.revealStep[at] = event.step;
            trace.member[at] = static_cast<std::int8_t>(member);
            trace.logProbability[at] = revealed.logProbability;
            trace.entropy[at] = revealed.entropy;
        }
        const CallCost& cost = m_costs[member];
        const double flops = cost.executed(1, static_cast<double>(m_revealed.size()), m_request.length);
        ++trace.calls[cost.letter];
        trace.flops += flops;
        trace.seconds += secondsEach;
        m_trace.flops += flops;
        sample->stillMasked -= static_cast<int>(m_revealed.size());
        m_observer.stepped({.sample = trace.index,
                            .step = event.step,
                            .member = static_cast<int>(member),
                            .time = event.time,
                            .revealed = m_revealed,
                            .stillMasked = sample->stillMasked,
                            .flops = flops,
                            .seconds = secondsEach});
        ++sample->nextEvent;
    }
}

/// Hands over the samples that are done, lowest index first, and makes room.
void Sampling::retireFinished() {
    for (ActiveSample& sample : m_active) {
        if (sample.finished()) {
            m_observer.finished(sample.trace);
            m_trace.samples.push_back(std::move(sample.trace));
        }
    }
    std::erase_if(m_active, [](const ActiveSample& sample) { return sample.finished(); });
}

} // namespace

Trace MaskedDiffusionGenerator::run(const GenerationRequest& request, GenerationObserver& observer,
                                    std::stop_token stop) {
    const PlannedWork work = planWork(request, m_pool);
    return Sampling(request, m_pool, work, observer).run(std::move(stop));
}

} // namespace steploom
