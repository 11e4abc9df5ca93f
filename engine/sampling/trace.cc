// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sampling/trace.h"

namespace steploom {

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
    }
    return trace;
}

} // namespace steploom
