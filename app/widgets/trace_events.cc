// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/trace_events.h"

#include <algorithm>

namespace steploom {

std::vector<int> eventsOf(const SampleTrace& trace, std::int32_t maskToken) {
    std::vector<int> events;
    for (std::size_t i = 0; i < trace.revealStep.size(); ++i)
        if (trace.revealStep[i] >= 0 && trace.tokens[i] != maskToken)
            events.push_back(trace.revealStep[i]);
    for (const RemaskedToken& remasked : trace.remasked)
        events.insert(events.end(), {remasked.revealStep, remasked.remaskStep});
    std::sort(events.begin(), events.end());
    events.erase(std::unique(events.begin(), events.end()), events.end());
    return events;
}

} // namespace steploom
