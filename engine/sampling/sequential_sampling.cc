// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sampling/sequential_sampling.h"

#include "engine/sampling/autoregressive_generator.h"
#include "engine/sampling/calm_generator.h"
#include "engine/sampling/stopped_writing.h"

#include <algorithm>
#include <chrono>

namespace steploom {

namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

class SequentialSampling {
public:
    SequentialSampling(const GenerationRequest& request, const ModelPool& pool, const PlannedWork& work,
                       const MakeWriter& makeWriter, GenerationObserver& observer)
        : m_request(request), m_work(work), m_observer(observer), m_costs(pool.callCosts(request.length)),
          m_chunk(static_cast<std::size_t>(pool.chunk())),
          m_firstStep(static_cast<int>(std::ranges::count_if(
                          work.initialTokens, [&](std::int32_t token) { return token != work.maskToken; })) /
                      pool.chunk()),
          m_writers(pool.members().size()) {
        for (int step = m_firstStep; step < request.schedule.steps(); ++step) {
            const int member = pool.indexOf(request.schedule.at(step));
            m_memberOf.push_back(static_cast<std::size_t>(member));
            if (!m_writers[m_memberOf.back()])
                m_writers[m_memberOf.back()] = makeWriter(m_memberOf.back());
        }
        m_blank = traceOf(request.branch.value_or(BranchPoint()), request.length, work.maskToken);
        m_blank.tokens = work.initialTokens;
        m_blank.topTokens = request.topTokens;
        m_blank.likely.resize(work.initialTokens.size() * static_cast<std::size_t>(request.topTokens));
        if (pool.kind() == GenerationKind::Calm)
            m_blank.chunkDraws.resize(static_cast<std::size_t>(request.schedule.steps()));
        for (const CallCost& cost : m_costs) {
            m_blank.calls[cost.letter] = 0;
            m_trace.work[cost.letter] = {};
        }
    }

    Trace run(std::span<const int> finished, const std::stop_token& stop) {
        const auto begin = Clock::now();
        m_observer.started(m_work);
        for (int index = 0; index < m_request.samples && !m_trace.stopped; ++index)
            if (!std::ranges::binary_search(finished, index))
                sample(index, stop);
        m_trace.seconds = secondsSince(begin);
        return std::move(m_trace);
    }

private:
    void sample(int index, const std::stop_token& stop) {
        SampleTrace trace = m_blank;
        trace.index = index;
        for (const auto& writer : m_writers)
            if (writer)
                writer->begin(noiseOf(m_request, index));
        for (std::size_t i = 0; i < m_memberOf.size(); ++i) {
            m_trace.stopped = stop.stop_requested();
            if (m_trace.stopped || !this->step(m_firstStep + static_cast<int>(i), m_memberOf[i], trace))
                return;
        }
        m_observer.finished(trace);
        m_trace.samples.push_back(std::move(trace));
    }

    /// False when a stop came.
    bool step(int step, std::size_t member, SampleTrace& trace) {
        const auto begin = Clock::now();
        ChunkWriter& writer = *m_writers[member];
        const int held = writer.held(), missing = step - held;
        try {
            if (missing > 0) // what this member has not seen yet, in one call
                writer.read(std::span<const std::int32_t>(trace.tokens)
                                .subspan(static_cast<std::size_t>(held) * m_chunk,
                                         static_cast<std::size_t>(missing) * m_chunk));
            writer.write(step, m_written);
        } catch (const StoppedWriting&) {
            m_trace.stopped = true;
            return false;
        }
        const double seconds = secondsSince(begin);
        const CallCost& cost = m_costs[member];
        const double flops =
            cost.cached(held, missing) + cost.perStep + std::max(m_written.drawn, 1) * cost.perDraw;
        keep(step, member, trace);
        ++trace.calls[cost.letter];
        trace.flops += flops;
        trace.seconds += seconds;
        m_trace.flops += flops;
        const auto length = static_cast<double>(trace.tokens.size());
        const auto before = static_cast<double>(static_cast<std::size_t>(step) * m_chunk);
        const StepEvent event{.sample = trace.index,
                              .step = step,
                              .member = static_cast<int>(member),
                              .time = 1 - before / length,
                              .revealed = m_written.revealed,
                              .likely = m_written.likely,
                              .stillMasked = static_cast<int>(length - before) - static_cast<int>(m_chunk),
                              .opensCall = true,
                              .rows = missing,
                              .flops = flops,
                              .seconds = seconds,
                              .draws = m_written.drawn,
                              .attempts = m_written.attempts,
                              .fellBack = m_written.fellBack};
        m_trace.work.at(cost.letter).count(event);
        m_observer.stepped(event);
        return true;
    }

    /// The chunk as part of the sample.
    void keep(int step, std::size_t member, SampleTrace& trace) {
        const auto k = static_cast<std::size_t>(trace.topTokens);
        for (std::size_t i = 0; i < m_chunk; ++i) {
            RevealedToken& revealed = m_written.revealed[i];
            const std::size_t at = static_cast<std::size_t>(step) * m_chunk + i;
            revealed.position = static_cast<std::int32_t>(at);
            trace.tokens[at] = revealed.token;
            trace.revealStep[at] = step;
            trace.member[at] = static_cast<std::int8_t>(member);
            trace.logProbability[at] = revealed.logProbability;
            trace.entropy[at] = revealed.entropy;
            std::ranges::copy(std::span(m_written.likely).subspan(i * k, k),
                              trace.likely.begin() + static_cast<std::ptrdiff_t>(at * k));
        }
        if (!trace.chunkDraws.empty())
            trace.chunkDraws[static_cast<std::size_t>(step)] = m_written.counted;
    }

    const GenerationRequest& m_request;
    const PlannedWork& m_work;
    GenerationObserver& m_observer;
    const std::vector<CallCost> m_costs;
    const std::size_t m_chunk;                           ///< K
    const int m_firstStep;                               ///< the chunks before it are given
    std::vector<std::size_t> m_memberOf;                 ///< of the steps from there on
    std::vector<std::unique_ptr<ChunkWriter>> m_writers; ///< by member; none for one that is not used
    SampleTrace m_blank;
    WrittenChunk m_written;
    Trace m_trace;
};

} // namespace

Trace runSequential(const GenerationRequest& request, const ModelPool& pool, const PlannedWork& work,
                    std::span<const int> finished, const MakeWriter& makeWriter, GenerationObserver& observer,
                    std::stop_token stop) {
    return SequentialSampling(request, pool, work, makeWriter, observer).run(finished, stop);
}

namespace {

/// Seconds of the median step of the request half way through it; 0: it has too few chunks.
double secondsOfMedianStep(const PoolMember& member, const GenerationRequest& request) {
    constexpr int kTimedSteps = 3;
    const ModelFacts& facts = member.model->facts();
    const int chunks = request.length / facts.chunk, before = std::max(1, chunks / 2);
    const std::unique_ptr<ChunkWriter> writer =
        facts.kind == GenerationKind::Calm ? makeCalmWriter(member.calm(), request, {})
                                           : makeTokenWriter(member.causal(), request, facts.vocabulary);
    const std::vector<std::int32_t> tokens(static_cast<std::size_t>(request.length));
    const auto chunk = static_cast<std::size_t>(facts.chunk);
    WrittenChunk written;
    writer->begin(0);
    writer->read(std::span(tokens).first(static_cast<std::size_t>(before) * chunk));
    writer->write(before, written); // builds primitives and touches the weights
    std::vector<double> seconds;
    for (int step = before + 1; step < chunks && std::ssize(seconds) < kTimedSteps + 1; ++step) {
        const auto begin = Clock::now();
        writer->read(std::span(tokens).first(chunk));
        writer->write(step, written);
        seconds.push_back(secondsSince(begin));
    }
    if (seconds.empty())
        return 0;
    std::ranges::sort(seconds);
    return seconds[(seconds.size() - 1) / 2];
}

} // namespace

CallSeconds secondsOfStep(const PoolMember& member, int length) {
    constexpr int kLeastChunks = 8, kDraws = 65;
    const ModelFacts& facts = member.model->facts();
    GenerationRequest request;
    request.topTokens = 0;
    request.length = std::min(std::max(length, kLeastChunks * facts.chunk), facts.length);
    CallSeconds seconds{secondsOfMedianStep(member, request)};
    if (facts.kind == GenerationKind::Calm) {
        request.temperature = 0.5;
        request.candidates = kDraws;
        seconds.draw = std::max(0.0, secondsOfMedianStep(member, request) - seconds.call) / (kDraws - 1);
    }
    return seconds;
}

} // namespace steploom
