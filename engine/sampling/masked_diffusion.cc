// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sampling/masked_diffusion.h"

#include "engine/core/error.h"
#include "engine/sampling/certainty.h"
#include "engine/sampling/reveal_order.h"
#include "engine/sampling/token_draw.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>
#include <utility>

// Masked diffusion, in the words of the papers. A sample x_t starts at t = 1 with every position masked. A
// denoising step t → s gives each masked position, with probability (t − s)/t, a token drawn from p(x₀ |
// x_t); a revealed token stays. The step schedule says which model computes p(x₀ | x_t) at each of the T
// steps. What is still masked after them takes its likeliest token, in a closing call by the last step's
// model.
//
// Two things vary. Which masked positions a step reveals: at random, as above, or those the network is surest
// of (confidence, margin, entropy, threshold; block by block). And whether a revealed token stays: ReMDM
// masks it again with probability σ_t. Both are the sample's RevealOrder; it is asked two questions a call:
//
//     which rows must the network give?        wanted()            x_t → p(x₀ | x_t), rows through the head
//     a token is drawn for each of them        TokenDraw           x̂₀ ~ p(x₀ | x_t)
//     which of them are revealed?              choose()            x_s keeps x̂₀ there
//     which tokens are masked again?           proceed()           ReMDM only
//
// Why drawing the reveal plan first is exact. Under log-linear noise whether a position is revealed in the
// step t → s depends on t and s alone: not on the network, not on the tokens, not on the other positions.
// With tᵢ = 1 − i(1 − ε)/T a position meets step i still masked with probability tᵢ and is revealed there
// with probability (tᵢ − tᵢ₊₁)/tᵢ, so with (1 − ε)/T at every step alike, and with ε at none. Drawing each
// position's step from that law beforehand, and its token when the step comes, is the same process in another
// order. A step that reveals nothing leaves x_t as it was, or masks more of it, and needs no network call;
// one that reveals k positions needs k rows of the output layer. Orders that look at the network's answer
// need the rows of all candidates.

namespace steploom {

namespace {

void requireAlike(std::span<const std::int32_t> canvases, int length, const ModelPool& pool) {
    const auto refuse = [](const std::string& where, const std::string& why) {
        throw Error(ErrorKind::Request, {"cannot generate from these canvases", where, why,
                                         "Give canvases of the request's length with the same holes"});
    };
    const auto row = static_cast<std::size_t>(length);
    if (canvases.empty() || canvases.size() % row != 0)
        refuse("length", fmt::format("{} tokens are no canvases of {}", canvases.size(), length));
    for (std::size_t i = 0; i < canvases.size(); ++i) {
        const std::int32_t token = canvases[i];
        const bool masked = token == pool.maskToken();
        const std::string where = fmt::format("canvas {}, position {}", i / row, i % row);
        if (masked != (canvases[i % row] == pool.maskToken()))
            refuse(where, "it is masked in one canvas and not in the other");
        if (!masked && (token < 0 || token >= pool.drawableTokens()))
            refuse(where, fmt::format("token {} is none of this pool's", token));
    }
}

/// A sample between its first call and its last.
struct ActiveSample {
    SampleTrace trace; ///< trace.tokens is x_t
    std::unique_ptr<RevealOrder> order;
    WantedCall call; ///< the next one; not valid when finished
    int stillMasked = 0;
    std::uint32_t noise = 0;           ///< index of its random numbers
    std::vector<RemaskedToken> before; ///< masked again before its first call; empty from then on

    bool enough = false; ///< all that was asked for is revealed

    bool finished() const { return enough || order->finished(); }
};

class Sampling {
public:
    Sampling(const GenerationRequest& request, const ModelPool& pool, const PlannedWork& work,
             std::span<const int> finished, GenerationObserver& observer);
    /// Sample i starts from canvas ⌊i / samplesEach⌋ of these [n, L]; borrowed.
    void startFrom(std::span<const std::int32_t> canvases, int samplesEach) {
        m_canvases = canvases;
        m_samplesEach = static_cast<std::size_t>(samplesEach);
    }
    /// A sample ends when these positions are revealed; borrowed.
    void endAt(std::span<const std::int32_t> positions) { m_until = positions; }
    Trace run(std::stop_token stop);

private:
    void admitWaiting();
    bool gather(char letter);
    double predict(std::size_t member);
    void step(std::size_t member, double seconds);
    std::size_t draw(const ActiveSample& sample, std::size_t firstRow);
    void reveal(ActiveSample& sample, std::size_t member, std::size_t firstRow);
    DrawOptions drawOptions(int step) const;
    void maskAgain(ActiveSample& sample, std::span<const Remasked> positions);
    void retireFinished();

    const GenerationRequest& m_request;
    const ModelPool& m_pool;
    const PlannedWork& m_work;
    const std::span<const int> m_finished; ///< indices of samples that are there already, ascending
    GenerationObserver& m_observer;
    const CounterRandom m_random;
    const std::vector<CallCost> m_costs;
    const std::size_t m_length;
    const std::size_t m_vocabulary;
    const std::size_t m_drawable;             ///< ids that may be drawn; the vocabulary's padding is no text
    std::vector<std::int32_t> m_masked;       ///< positions to write, ascending
    SampleTrace m_blank;                      ///< what every sample begins as
    std::span<const std::int32_t> m_canvases; ///< where they differ in what is given; empty: they do not
    std::size_t m_samplesEach = 1;
    std::span<const std::int32_t> m_until; ///< positions that end a sample; empty: the end of the run does
    const std::size_t m_batch;

    std::vector<ActiveSample> m_active; ///< at most m_batch, by index
    int m_nextSample = 0;
    Trace m_trace;

    // One call: the active samples that take part, what the network is given, and what it answers. Sized
    // once.
    std::vector<ActiveSample*> m_group;
    std::vector<std::int32_t> m_tokens; ///< [group, L]
    std::vector<float> m_sigma;         ///< [group]
    std::vector<std::int32_t> m_rows;   ///< positions wanted, as sample · L + position
    std::vector<float> m_logits;        ///< [rows, V]
    TokenDraw m_draw;

    // One sample of the call.
    std::vector<RevealedToken> m_candidates; ///< x̂₀ at the positions wanted
    std::vector<DrawnFrom> m_drawnFrom;      ///< what each was drawn from
    std::vector<double> m_certainty;         ///< of each
    std::vector<std::int32_t> m_chosen;      ///< which of them are revealed
    std::vector<RevealedToken> m_revealed;
    std::vector<LikelyToken> m_likely; ///< [revealed, k]
    std::vector<RemaskedToken> m_remasked;
};

Sampling::Sampling(const GenerationRequest& request, const ModelPool& pool, const PlannedWork& work,
                   std::span<const int> finished, GenerationObserver& observer)
    : m_request(request), m_pool(pool), m_work(work), m_finished(finished), m_observer(observer),
      m_random(request.seed), m_costs(pool.callCosts(request.length)),
      m_length(static_cast<std::size_t>(request.length)),
      m_vocabulary(static_cast<std::size_t>(pool.members()[0].model->facts().vocabulary)),
      m_drawable(static_cast<std::size_t>(pool.drawableTokens())),
      m_batch(static_cast<std::size_t>(work.batch)) {
    for (std::size_t position = 0; position < m_length; ++position)
        if (work.initialTokens[position] == work.maskToken)
            m_masked.push_back(static_cast<std::int32_t>(position));

    m_blank = traceOf(request.branch.value_or(BranchPoint()), request.length, work.maskToken);
    m_blank.tokens = work.initialTokens;
    m_blank.topTokens = request.topTokens;
    m_blank.likely.resize(m_length * static_cast<std::size_t>(request.topTokens));
    for (const CallCost& cost : m_costs)
        m_blank.calls[cost.letter] = 0;

    const auto rowsPerSample = static_cast<std::size_t>(work.largestCall);
    const std::size_t most = m_masked.size() + (request.branch ? request.branch->tokens.size() : 0);
    m_active.reserve(m_batch);
    m_group.reserve(m_batch);
    m_tokens.reserve(m_batch * m_length);
    m_sigma.reserve(m_batch);
    m_rows.reserve(m_batch * rowsPerSample);
    m_logits.resize(m_batch * rowsPerSample * m_vocabulary);
    m_draw.reserve(m_vocabulary);
    m_candidates.reserve(most);
    m_drawnFrom.reserve(most);
    m_certainty.reserve(most);
    m_chosen.reserve(most);
    m_revealed.reserve(most);
    m_likely.reserve(most * static_cast<std::size_t>(request.topTokens));
    m_remasked.reserve(most);
    for (const PoolMember& member : pool.members()) {
        m_trace.work[member.spec.letter] = {};
        if (work.calls.at(member.spec.letter) > 0)
            member.maskedDiffusion().reserve(static_cast<int>(m_batch), request.length);
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
                step(member, predict(member));
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
        const int index = m_nextSample++;
        if (std::ranges::binary_search(m_finished, index))
            continue;
        ActiveSample& sample = m_active.emplace_back();
        sample.trace = m_blank;
        sample.trace.index = index;
        if (!m_canvases.empty())
            std::ranges::copy(m_canvases.subspan(sample.trace.index / m_samplesEach * m_length, m_length),
                              sample.trace.tokens.begin());
        const PlanInput input = planInputOf(m_request, m_masked, sample.trace.index);
        sample.noise = input.sample;
        sample.order = makeRevealOrder(m_request, input, m_random);
        sample.trace.remasked.reserve(m_blank.remasked.size() + sample.order->remaskedInAll());
        sample.stillMasked = static_cast<int>(m_masked.size());
        maskAgain(sample, sample.order->remaskedFirst());
        sample.before = m_remasked;
        sample.call = sample.order->wanted();
    }
}

/// Collects the active samples whose next step is this model's; false when there are none.
bool Sampling::gather(char letter) {
    m_group.clear();
    m_tokens.clear();
    m_sigma.clear();
    m_rows.clear();
    for (ActiveSample& sample : m_active) {
        if (sample.finished() || memberFor(sample.call.step, m_request.schedule) != letter)
            continue;
        const auto firstRow = static_cast<std::int32_t>(m_tokens.size());
        for (std::int32_t position : sample.call.positions)
            m_rows.push_back(firstRow + position);
        m_tokens.insert(m_tokens.end(), sample.trace.tokens.begin(), sample.trace.tokens.end());
        m_sigma.push_back(static_cast<float>(noiseLevel(sample.call.time)));
        m_group.push_back(&sample);
    }
    return !m_group.empty();
}

/// p(x₀ | x_t) of the group, as logits of the rows wanted. Returns the seconds it took.
double Sampling::predict(std::size_t member) {
    if (const std::size_t numbers = m_rows.size() * m_vocabulary; numbers > m_logits.size())
        m_logits.resize(numbers); // only where rows depend on chance, and then hardly ever
    const DenoisingCall call{m_tokens, m_sigma, static_cast<int>(m_group.size()), m_request.length, m_rows};
    const auto begin = std::chrono::steady_clock::now();
    m_pool.members()[member].maskedDiffusion().logits(
        call, std::span(m_logits).first(m_rows.size() * m_vocabulary));
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// x_t → x_s for every sample in the group.
void Sampling::step(std::size_t member, double seconds) {
    const double secondsEach = seconds / static_cast<double>(m_group.size());
    std::size_t row = 0;
    for (ActiveSample* sample : m_group) {
        const WantedCall call = sample->call;
        const std::size_t firstRow = std::exchange(row, draw(*sample, row));
        reveal(*sample, member, firstRow);
        maskAgain(*sample, sample->order->proceed(m_revealed));
        sample->enough = !m_until.empty() && std::ranges::none_of(m_until, [&](std::int32_t position) {
            return sample->trace.tokens[static_cast<std::size_t>(position)] == m_work.maskToken;
        });
        if (!sample->finished())
            sample->call = sample->order->wanted();

        const CallCost& cost = m_costs[member];
        const double flops = cost.executed(1, static_cast<double>(m_candidates.size()), m_request.length);
        SampleTrace& trace = sample->trace;
        ++trace.calls[cost.letter];
        trace.flops += flops;
        trace.seconds += secondsEach;
        m_trace.flops += flops;
        const StepEvent event{.sample = trace.index,
                              .step = call.step,
                              .member = static_cast<int>(member),
                              .time = call.time,
                              .remaskedBefore = sample->before,
                              .revealed = m_revealed,
                              .likely = m_likely,
                              .remasked = m_remasked,
                              .stillMasked = sample->stillMasked,
                              .opensCall = sample == m_group.front(),
                              .rows = static_cast<int>(m_candidates.size()),
                              .flops = flops,
                              .seconds = secondsEach};
        m_trace.work.at(cost.letter).count(event);
        m_observer.stepped(event);
        sample->before.clear();
    }
}

DrawOptions Sampling::drawOptions(int step) const {
    return {.temperature = m_request.temperature,
            .topP = m_request.topP,
            .maskToken = m_work.maskToken,
            .argmax = step == m_request.schedule.steps(),
            .float32Gumbel = m_request.float32Gumbel};
}

/// x̂₀ ~ p(x₀ | x_t) at every position wanted, and how sure the network is of it. Returns the row behind them.
std::size_t Sampling::draw(const ActiveSample& sample, std::size_t firstRow) {
    const WantedCall& call = sample.call;
    const DrawOptions options = drawOptions(call.step);
    const bool judged = looksAtCandidates(m_request.sampler);
    m_candidates.clear();
    m_drawnFrom.clear();
    m_certainty.clear();
    std::size_t row = firstRow;
    for (std::int32_t position : call.positions) {
        const double uniform =
            m_random.uniform(Purpose::Token, sample.noise, static_cast<std::uint32_t>(position), call.draw);
        const auto logits = std::span(m_logits).subspan(row++ * m_vocabulary, m_drawable);
        RevealedToken& candidate = m_candidates.emplace_back(m_draw.draw(logits, options, uniform));
        candidate.position = position;
        m_drawnFrom.push_back(m_draw.drawnFrom());
        if (judged)
            m_certainty.push_back(certaintyOf(m_request.sampler, logits, m_work.maskToken, candidate.token));
    }
    return row;
}

/// The chosen candidates become x_s.
void Sampling::reveal(ActiveSample& sample, std::size_t member, std::size_t firstRow) {
    sample.order->choose(m_certainty, m_chosen);
    m_revealed.clear();
    const DrawOptions options = drawOptions(sample.call.step);
    const auto k = static_cast<std::size_t>(m_request.topTokens);
    m_likely.resize(m_chosen.size() * k);
    for (std::int32_t chosen : m_chosen) {
        const auto index = static_cast<std::size_t>(chosen);
        const auto likely = std::span(m_likely).subspan(m_revealed.size() * k, k);
        const RevealedToken& revealed = m_revealed.emplace_back(m_candidates[index]);
        TokenDraw::likeliest(std::span(m_logits).subspan((firstRow + index) * m_vocabulary, m_drawable),
                             options, m_drawnFrom[index], likely);
        std::ranges::copy(likely,
                          sample.trace.likely.begin() + static_cast<std::ptrdiff_t>(k) * revealed.position);
        const auto at = static_cast<std::size_t>(revealed.position);
        SampleTrace& trace = sample.trace;
        trace.tokens[at] = revealed.token;
        trace.revealStep[at] = sample.call.step;
        trace.member[at] = static_cast<std::int8_t>(member);
        trace.logProbability[at] = revealed.logProbability;
        trace.entropy[at] = revealed.entropy;
    }
    sample.stillMasked -= static_cast<int>(m_revealed.size());
}

/// ReMDM: what the order masks before the sample's next call is the mask token again; the trace keeps what
/// stood there.
void Sampling::maskAgain(ActiveSample& sample, std::span<const Remasked> positions) {
    m_remasked.clear();
    SampleTrace& trace = sample.trace;
    const auto k = static_cast<std::size_t>(trace.topTokens);
    for (const Remasked& remasked : positions) {
        const auto at = static_cast<std::size_t>(remasked.position);
        m_remasked.push_back({.position = remasked.position,
                              .token = trace.tokens[at],
                              .revealStep = trace.revealStep[at],
                              .remaskStep = remasked.step,
                              .member = trace.member[at],
                              .logProbability = trace.logProbability[at],
                              .entropy = trace.entropy[at]});
        trace.tokens[at] = m_work.maskToken;
        trace.revealStep[at] = trace.member[at] = -1;
        trace.logProbability[at] = trace.entropy[at] = 0;
        std::ranges::fill(std::span(trace.likely).subspan(at * k, k), LikelyToken{});
    }
    trace.remasked.insert(trace.remasked.end(), m_remasked.begin(), m_remasked.end());
    sample.stillMasked += static_cast<int>(m_remasked.size());
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
    const PlannedWork work = planWork(request, m_pool, m_finished);
    return Sampling(request, m_pool, work, m_finished, observer).run(std::move(stop));
}

Trace MaskedDiffusionGenerator::runFrom(std::span<const std::int32_t> canvases, int samplesEach,
                                        GenerationRequest request, GenerationObserver& observer,
                                        std::stop_token stop, std::span<const std::int32_t> until) {
    requireRunnable(request);
    requireAlike(canvases, request.length, m_pool);
    // What is given stands like a branch's before its first step: nothing of it is drawn or masked again.
    request.prompt.clear();
    request.templateText.clear();
    request.branch = BranchPoint();
    for (std::int32_t position = 0; position < request.length; ++position)
        if (const std::int32_t token = canvases[static_cast<std::size_t>(position)];
            token != m_pool.maskToken())
            request.branch->tokens.push_back({.position = position, .token = token});
    request.samples = static_cast<int>(canvases.size()) / request.length * samplesEach;
    const PlannedWork work = planWork(request, m_pool);
    Sampling sampling(request, m_pool, work, {}, observer);
    sampling.startFrom(canvases, samplesEach);
    if (request.remasking.kind == Remask::None)
        sampling.endAt(until);
    return sampling.run(std::move(stop));
}

} // namespace steploom
