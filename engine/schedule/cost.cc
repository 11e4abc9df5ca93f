// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/schedule/cost.h"

#include "engine/core/error.h"
#include "engine/core/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace steploom {

namespace {

/// What is expected to run for one sample, by pool member.
struct Expectation {
    std::vector<double> calls;
    std::vector<double> rows; ///< through the output layer
};

/// `memberOf[step]` is the index of the pool member that does the step.
Expectation expect(const std::vector<std::size_t>& memberOf, std::size_t members, int masked,
                   Sampler sampler) {
    const auto steps = static_cast<double>(memberOf.size());
    Expectation expected{std::vector<double>(members), std::vector<double>(members)};
    if (sampler == Sampler::FirstHitting) {
        for (std::size_t member : memberOf) {
            expected.calls[member] += masked / steps;
            expected.rows[member] += masked / steps;
        }
        return expected;
    }
    // 1 − (1 − p)^M without losing digits where p is small.
    const auto anyOf = [masked](double p) { return -std::expm1(masked * std::log1p(-p)); };
    const double p = (1 - kNoiseEpsilon) / steps;
    for (std::size_t member : memberOf) {
        expected.calls[member] += anyOf(p);
        expected.rows[member] += masked * p;
    }
    expected.calls[memberOf.back()] += anyOf(kNoiseEpsilon);
    expected.rows[memberOf.back()] += masked * kNoiseEpsilon;
    return expected;
}

double executedFlops(const Expectation& expected, std::span<const CallCost> members, int length) {
    double flops = 0;
    for (std::size_t i = 0; i < members.size(); ++i)
        flops += members[i].executed(expected.calls[i], expected.rows[i], length);
    return flops;
}

double saving(double flops, double reference) { return reference > 0 ? 1 - flops / reference : 0; }

} // namespace

std::string_view samplerName(Sampler sampler) noexcept {
    return sampler == Sampler::FirstHitting ? "first-hitting" : "ancestral";
}

Sampler parseSampler(std::string_view text) {
    for (Sampler sampler : {Sampler::Ancestral, Sampler::FirstHitting})
        if (text == samplerName(sampler))
            return sampler;
    throw Error(ErrorKind::Request,
                {"cannot choose the sampler", fmt::format("\"{}\"", replaceInvalidUtf8(text)),
                 "there is no sampler of that name", "Choose ancestral or first-hitting"});
}

double maskedShare(int step, int steps) noexcept { return 1 - step * (1 - kNoiseEpsilon) / steps; }

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
    std::string letters;
    for (const CallCost& member : input.members)
        letters += member.letter;
    requireLetters(schedule, letters);

    std::vector<std::size_t> memberOf;
    for (char letter : schedule.letters())
        memberOf.push_back(letters.find(letter));

    const std::span<const CallCost> members = input.members;
    const auto fullCall = [&](const CallCost& member) {
        return member.blocks + member.headPerRow * input.length;
    };
    const Expectation expected = expect(memberOf, members.size(), input.masked, input.sampler);

    ScheduleCost cost;
    cost.steps = schedule.steps();
    cost.lightShare = 1 - schedule.share(members[0].letter);
    bool calibrated = true;
    for (std::size_t i = 0; i < members.size(); ++i) {
        const int steps = schedule.count(members[i].letter);
        cost.blocksOnlyFlops += steps * members[i].blocks;
        cost.nominalFlops += steps * fullCall(members[i]);
        cost.callsByLetter[members[i].letter] = expected.calls[i];
        cost.expectedCalls += expected.calls[i];
        cost.seconds += expected.calls[i] * members[i].secondsPerCall;
        calibrated = calibrated && (steps == 0 || members[i].secondsPerCall > 0);
    }
    if (!calibrated)
        cost.seconds = 0;
    cost.executedFlops = executedFlops(expected, members, input.length);

    const Expectation allFirst =
        expect(std::vector<std::size_t>(memberOf.size(), 0), members.size(), input.masked, input.sampler);
    cost.blocksOnlySaving = saving(cost.blocksOnlyFlops, cost.steps * members[0].blocks);
    cost.nominalSaving = saving(cost.nominalFlops, cost.steps * fullCall(members[0]));
    cost.executedSaving = saving(cost.executedFlops, executedFlops(allFirst, members, input.length));
    return cost;
}

} // namespace steploom
