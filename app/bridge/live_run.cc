// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/bridge/live_run.h"

#include <algorithm>

namespace steploom {

namespace {

double secondsBetween(std::chrono::steady_clock::time_point from, std::chrono::steady_clock::time_point to) {
    return std::chrono::duration<double>(to - from).count();
}

} // namespace

void LiveRun::begin(qint64 run, const PlannedWork& work, const GenerationRequest& request,
                    const std::vector<CallCost>& costs) {
    Sample blank;
    const std::size_t length = work.initialTokens.size();
    const int samples = request.samples;
    blank.trace = traceOf(request.branch.value_or(BranchPoint()), static_cast<int>(length), work.maskToken);
    blank.trace.tokens = work.initialTokens;
    blank.trace.topTokens = request.topTokens;
    blank.trace.likely.resize(length * static_cast<std::size_t>(request.topTokens));
    blank.lastStep = firstStepOf(request) - 1;

    const std::scoped_lock lock(m_mutex);
    m_run = run;
    m_samples.assign(static_cast<std::size_t>(samples), blank);
    for (int i = 0; i < samples; ++i)
        m_samples[static_cast<std::size_t>(i)].trace.index = i;
    m_callsDone = 0;
    m_callsTotal = work.totalCalls;
    m_flops = 0;
    m_remaining = RemainingTime(work, costs, request.length);
    m_letters.clear();
    for (const CallCost& cost : costs)
        m_letters.push_back(cost.letter);
    m_figures = work.figures;
    m_maskToken = work.maskToken;
    m_finished = 0;
    m_start = m_lastCall = Clock::now();
}

void LiveRun::step(const StepEvent& event) {
    const std::scoped_lock lock(m_mutex);
    const auto index = static_cast<std::size_t>(event.sample);
    if (index >= m_samples.size())
        return;
    Sample& sample = m_samples[index];
    const auto k = static_cast<std::size_t>(sample.trace.topTokens);
    const auto maskAgain = [&](std::span<const RemaskedToken> tokens) {
        for (const RemaskedToken& token : tokens) {
            const auto at = static_cast<std::size_t>(token.position);
            sample.trace.tokens[at] = m_maskToken;
            sample.trace.revealStep[at] = sample.trace.member[at] = -1;
            sample.trace.logProbability[at] = sample.trace.entropy[at] = 0;
            std::ranges::fill(std::span(sample.trace.likely).subspan(at * k, k), LikelyToken{});
        }
        sample.trace.remasked.insert(sample.trace.remasked.end(), tokens.begin(), tokens.end());
    };
    maskAgain(event.remaskedBefore);
    auto likely = event.likely.begin();
    for (const RevealedToken& token : event.revealed) {
        const auto at = static_cast<std::size_t>(token.position);
        sample.trace.tokens[at] = token.token;
        sample.trace.revealStep[at] = event.step;
        sample.trace.member[at] = static_cast<std::int8_t>(event.member);
        sample.trace.logProbability[at] = token.logProbability;
        sample.trace.entropy[at] = token.entropy;
        if (k > 0 && event.likely.size() == event.revealed.size() * k) {
            std::copy_n(likely, k, sample.trace.likely.begin() + static_cast<std::ptrdiff_t>(at * k));
            likely += static_cast<std::ptrdiff_t>(k);
        }
    }
    maskAgain(event.remasked);
    sample.lastStep = event.step;
    sample.lastMember = event.member;
    sample.lastRevealed = static_cast<int>(event.revealed.size());
    sample.trace.flops += event.flops;
    sample.trace.seconds += event.seconds;
    m_flops += event.flops;
    ++m_callsDone;
    m_lastCall = Clock::now();
    if (const auto member = static_cast<std::size_t>(event.member); member < m_letters.size())
        m_remaining.count(m_letters[member], event, secondsBetween(m_start, m_lastCall));
}

void LiveRun::finishSample(const SampleTrace& trace) {
    const std::scoped_lock lock(m_mutex);
    const auto index = static_cast<std::size_t>(trace.index);
    if (index >= m_samples.size())
        return;
    m_samples[index].trace = trace;
    ++m_finished;
}

LiveState LiveRun::snapshot(int sample) const {
    const std::scoped_lock lock(m_mutex);
    LiveState state;
    state.run = m_run;
    if (!m_samples.empty()) {
        const auto index = std::clamp<std::ptrdiff_t>(sample, 0, std::ssize(m_samples) - 1);
        const Sample& watched = m_samples[static_cast<std::size_t>(index)];
        state.watched = watched.trace;
        state.lastStep = watched.lastStep;
        state.lastMember = watched.lastMember;
        state.lastRevealed = watched.lastRevealed;
    }
    state.callsDone = m_callsDone;
    state.callsTotal = m_callsTotal;
    state.flops = m_flops;
    state.samplesFinished = m_finished;
    state.figures = m_figures;
    if (m_run != 0 || !m_samples.empty()) {
        const Clock::time_point now = Clock::now();
        state.seconds = secondsBetween(m_start, now);
        if (const std::optional<double> left = m_remaining.seconds(); left && *left > 0)
            // The call under way has taken some of it, but until it is over something is left.
            state.secondsLeft = std::max(*left - secondsBetween(m_lastCall, now), *left / 1000);
    }
    return state;
}

bool LiveRun::takeAnnouncement() {
    const std::scoped_lock lock(m_mutex);
    if (m_announced)
        return false;
    m_announced = true;
    return true;
}

void LiveRun::acknowledge() {
    const std::scoped_lock lock(m_mutex);
    m_announced = false;
}

} // namespace steploom
