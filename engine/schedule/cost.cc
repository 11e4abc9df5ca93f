// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/schedule/cost.h"

#include "engine/core/error.h"
#include "engine/schedule/reveal_counts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace steploom {

namespace {

/// What is expected to run for one sample, by pool member.
struct Expectation {
    std::vector<double> calls;
    std::vector<double> rows; ///< through the output layer
};

/// What is expected of the steps of one sampler, added up by pool member.
class Expecting {
public:
    /// `memberOf[step]` is the index of the pool member that does the step.
    Expecting(const std::vector<std::size_t>& memberOf, std::size_t members, const CostInput& input)
        : m_memberOf(memberOf), m_steps(static_cast<int>(memberOf.size())), m_first(input.firstStep),
          m_masked(input.masked),
          m_written(input.written), m_expected{std::vector<double>(members), std::vector<double>(members)} {
        if (m_masked == 0)
            return;
        if (m_first == m_steps) {
            add(m_steps, 1, m_masked); // the closing call has all that is left
            return;
        }
        if (looksAtCandidates(input.sampler))
            ranked(input);
        else if (input.sampler == Sampler::FirstHitting)
            firstHitting();
        else if (input.remasking.kind == Remask::Confidence)
            remaskedByConfidence(input.remasking);
        else if (input.remasking.kind != Remask::None)
            remasked(input.remasking);
        else if (input.blockLength > 0)
            blocks(input.blockLength);
        else
            ancestral();
    }
    Expectation take() { return std::move(m_expected); }

private:
    void add(int step, double calls, double rows) {
        const std::size_t member = m_memberOf[static_cast<std::size_t>(std::min(step, m_steps - 1))];
        m_expected.calls[member] += calls;
        m_expected.rows[member] += rows;
    }
    /// A step that reveals each of `positions` with chance p is called when it reveals any: 1 − (1 − p)^n,
    /// without losing digits where p is small.
    void addIndependent(int step, double positions, double p) {
        add(step, p < 1 ? -std::expm1(positions * std::log1p(-p)) : 1, positions * p);
    }

    void ancestral() {
        const double share = maskedShare(m_first, m_steps);
        for (int step = m_first; step < m_steps; ++step)
            addIndependent(step, m_masked, (1 - kNoiseEpsilon) / m_steps / share);
        addIndependent(m_steps, m_masked, kNoiseEpsilon / share);
    }
    void blocks(int blockLength) {
        for (const RestBlock& block : restOfBlocks(maskedLast(), m_steps, blockLength, m_first))
            for (int step = block.begin; step < block.begin + block.steps; ++step)
                addIndependent(step, block.masked, 1.0 / block.steps);
    }
    void firstHitting() {
        const double each = static_cast<double>(m_masked) / (m_steps - m_first);
        for (int step = m_first; step < m_steps; ++step)
            add(step, each, each);
    }
    void ranked(const CostInput& input) {
        const bool threshold = input.sampler == Sampler::Threshold;
        const std::vector<bool> masked = maskedLast();
        for (const RankedCall& call : threshold
                                          ? mostThresholdCalls(masked, m_steps, input.blockLength, m_first)
                                          : rankedRest(masked, m_steps, input.blockLength, m_first))
            add(call.step, 1, call.candidates);
    }
    /// Every position is masked with probability 1 − α_t before every step, remasked or not; in a branch that
    /// share is followed from the one it begins with.
    void remasked(const Remasking& remasking) {
        const double all = m_masked + m_written;
        double masked = m_first > 0 ? m_masked / all : 1;
        for (int step = m_first; step < m_steps; ++step) {
            const RemaskingStep chances = remaskingStep(remasking, step, m_steps);
            if (m_first == 0)
                masked = chances.masked;
            addIndependent(step, all, masked * chances.reveal);
            masked += (1 - masked) * chances.remask - masked * chances.reveal;
        }
        addIndependent(m_steps, all, m_first == 0 ? maskedAfterAll(remasking) : masked);
    }
    /// The mean number masked: what is revealed leaves it, and η · σ_t^max of a token a step comes back.
    /// Taken as if independent of each other: within a few percent.
    void remaskedByConfidence(const Remasking& remasking) {
        const double all = m_masked + m_written;
        double masked = m_masked;
        for (int step = m_first; step < m_steps; ++step) {
            const RemaskingStep chances = remaskingStep(remasking, step, m_steps);
            addIndependent(step, all, masked / all * chances.reveal);
            masked += std::min(chances.remask, all - masked) - masked * chances.reveal;
        }
        addIndependent(m_steps, all, masked / all);
    }
    /// Of every position there was to write, the masked ones behind the written ones.
    std::vector<bool> maskedLast() const {
        std::vector<bool> masked(static_cast<std::size_t>(m_masked + m_written), true);
        std::fill_n(masked.begin(), m_written, false);
        return masked;
    }

    const std::vector<std::size_t>& m_memberOf;
    const int m_steps;
    const int m_first;
    const int m_masked;
    const int m_written;
    Expectation m_expected;
};

Expectation expect(const std::vector<std::size_t>& memberOf, const CostInput& input) {
    return Expecting(memberOf, input.members.size(), input).take();
}

Figures figuresOf(Sampler sampler) noexcept {
    if (sampler == Sampler::Threshold)
        return Figures::AtMost;
    return looksAtCandidates(sampler) ? Figures::Exact : Figures::Expected;
}

double executedFlops(const Expectation& expected, std::span<const CallCost> members, int length) {
    double flops = 0;
    for (std::size_t i = 0; i < members.size(); ++i)
        flops += members[i].executed(expected.calls[i], expected.rows[i], length);
    return flops;
}

double saving(double flops, double reference) { return reference > 0 ? 1 - flops / reference : 0; }

/// What the steps of a schedule that writes chunk by chunk run, by pool member.
struct SequentialWork {
    std::vector<double> calls, blocksOnly, nominal, executed;

    SequentialWork(const std::vector<std::size_t>& memberOf, const CostInput& input)
        : calls(input.members.size()), blocksOnly(calls), nominal(calls), executed(calls) {
        const int steps = static_cast<int>(memberOf.size());
        std::vector<double> held(input.members.size());
        const int first = firstWritingStep(steps, input.masked, input.members[0].chunk);
        for (int step = std::max(first, input.firstStep); step < steps; ++step) {
            const std::size_t member = memberOf[static_cast<std::size_t>(step)];
            const CallCost& cost = input.members[member];
            const double own = cost.cached(step - 1, 1), behind = cost.perStep + input.draws * cost.perDraw;
            calls[member] += 1;
            blocksOnly[member] += own;
            nominal[member] += own + behind;
            executed[member] += cost.cached(held[member], step - held[member]) + behind;
            held[member] = step;
        }
    }
    static double sum(const std::vector<double>& values) { return std::reduce(values.begin(), values.end()); }
};

ScheduleCost sequentialCost(const std::vector<std::size_t>& memberOf, const CostInput& input) {
    const SequentialWork work(memberOf, input);
    const SequentialWork allFirst(std::vector<std::size_t>(memberOf.size(), 0), input);
    ScheduleCost cost;
    cost.figures = Figures::Exact;
    cost.blocksOnlyFlops = work.sum(work.blocksOnly);
    cost.nominalFlops = work.sum(work.nominal);
    cost.executedFlops = work.sum(work.executed);
    cost.expectedCalls = work.sum(work.calls);
    bool calibrated = true;
    for (std::size_t i = 0; i < input.members.size(); ++i) {
        const CallCost& member = input.members[i];
        cost.callsByLetter[member.letter] = work.calls[i];
        cost.flopsByLetter[member.letter] = work.executed[i];
        cost.seconds += work.calls[i] * (member.seconds.call + (input.draws - 1) * member.seconds.draw);
        calibrated = calibrated && (work.calls[i] == 0 || member.seconds.call > 0);
    }
    if (!calibrated)
        cost.seconds = 0;
    cost.blocksOnlySaving = saving(cost.blocksOnlyFlops, allFirst.sum(allFirst.blocksOnly));
    cost.nominalSaving = saving(cost.nominalFlops, allFirst.sum(allFirst.nominal));
    cost.executedSaving = saving(cost.executedFlops, allFirst.sum(allFirst.executed));
    return cost;
}

} // namespace

int firstWritingStep(int steps, int masked, int chunk) noexcept {
    const int writing = (masked + chunk - 1) / std::max(1, chunk);
    return std::clamp(steps - writing, std::min(1, steps), steps);
}

ScheduleCost costOf(const StepSchedule& schedule, const CostInput& input) {
    if (schedule.empty())
        throw Error(ErrorKind::Schedule,
                    {"cannot reckon the cost", "the schedule", "it is empty", "Give it at least one step"});
    if (input.length < 1 || input.masked < 0 || input.masked > input.length)
        throw Error(ErrorKind::Request,
                    {"cannot reckon the cost",
                     fmt::format("{} masked of {} positions", input.masked, input.length),
                     "a sample has at least one position, and no more masked ones than that",
                     "Check the length and the prompt"});
    if (input.firstStep < 0 || input.firstStep > schedule.steps() || input.written < 0 ||
        input.masked + input.written > input.length)
        throw Error(ErrorKind::Request,
                    {"cannot reckon the cost",
                     fmt::format("step {}, {} positions written before", input.firstStep, input.written),
                     fmt::format("the schedule has {} steps, the sample {} positions", schedule.steps(),
                                 input.length),
                     "Branch at a step of the schedule"});
    std::string letters;
    for (const CallCost& member : input.members)
        letters += member.letter;
    requireLetters(schedule, letters);

    std::vector<std::size_t> memberOf;
    for (char letter : schedule.letters())
        memberOf.push_back(letters.find(letter));

    const std::span<const CallCost> members = input.members;
    if (!members.empty() && members[0].kind != GenerationKind::MaskedDiffusion) {
        ScheduleCost cost = sequentialCost(memberOf, input);
        cost.steps = schedule.steps();
        const auto rest = std::span(memberOf).subspan(static_cast<std::size_t>(input.firstStep));
        const auto first = static_cast<double>(std::ranges::count(rest, std::size_t{0}));
        cost.lightShare = rest.empty() ? 0 : 1 - first / static_cast<double>(rest.size());
        return cost;
    }
    const auto fullCall = [&](const CallCost& member) {
        return member.blocks + member.headPerRow * input.length;
    };
    const Expectation expected = expect(memberOf, input);
    const auto rest = std::span(memberOf).subspan(static_cast<std::size_t>(input.firstStep));
    const auto stepsOf = [rest](std::size_t member) {
        return static_cast<double>(std::ranges::count(rest, member));
    };
    const auto steps = static_cast<double>(rest.size());

    ScheduleCost cost;
    cost.steps = schedule.steps();
    cost.figures = figuresOf(input.sampler);
    cost.lightShare = steps > 0 ? 1 - stepsOf(0) / steps : 0;
    bool calibrated = true;
    for (std::size_t i = 0; i < members.size(); ++i) {
        cost.blocksOnlyFlops += stepsOf(i) * members[i].blocks;
        cost.nominalFlops += stepsOf(i) * fullCall(members[i]);
        cost.callsByLetter[members[i].letter] = expected.calls[i];
        cost.flopsByLetter[members[i].letter] =
            members[i].executed(expected.calls[i], expected.rows[i], input.length);
        cost.expectedCalls += expected.calls[i];
        cost.seconds += expected.calls[i] * members[i].seconds.call;
        calibrated = calibrated && (expected.calls[i] == 0 || members[i].seconds.call > 0);
    }
    if (!calibrated)
        cost.seconds = 0;
    cost.executedFlops = executedFlops(expected, members, input.length);

    const Expectation allFirst = expect(std::vector<std::size_t>(memberOf.size(), 0), input);
    cost.blocksOnlySaving = saving(cost.blocksOnlyFlops, steps * members[0].blocks);
    cost.nominalSaving = saving(cost.nominalFlops, steps * fullCall(members[0]));
    cost.executedSaving = saving(cost.executedFlops, executedFlops(allFirst, members, input.length));
    return cost;
}

} // namespace steploom
