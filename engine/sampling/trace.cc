// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sampling/trace.h"

#include <algorithm>

namespace steploom {

void ExecutedWork::count(const StepEvent& event) noexcept {
    ++sampleCalls;
    networkCalls += event.opensCall;
    rows += event.rows;
    flops += event.flops;
    seconds += event.seconds;
    draws += event.draws;
    attempts += event.attempts;
    fallBacks += event.fellBack;
}

double ExecutedWork::rowsPerCall() const noexcept {
    return sampleCalls > 0 ? static_cast<double>(rows) / static_cast<double>(sampleCalls) : 0;
}

double ExecutedWork::samplesPerCall() const noexcept {
    return networkCalls > 0 ? static_cast<double>(sampleCalls) / static_cast<double>(networkCalls) : 0;
}

SampleTrace traceAfter(SampleTrace trace, int step) {
    for (const RemaskedToken& stood : trace.remasked) {
        if (stood.revealStep > step || stood.remaskStep <= step)
            continue;
        const auto at = static_cast<std::size_t>(stood.position);
        trace.tokens[at] = stood.token;
        trace.revealStep[at] = stood.revealStep;
        trace.member[at] = stood.member;
        trace.logProbability[at] = stood.logProbability;
        trace.entropy[at] = stood.entropy;
        const auto k = static_cast<std::size_t>(trace.topTokens);
        if (trace.likely.size() >= (at + 1) * k)
            std::fill_n(trace.likely.begin() + static_cast<std::ptrdiff_t>(at * k), k, LikelyToken{});
    }
    return trace;
}

} // namespace steploom
