// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/idle_steps.h"

namespace steploom {

void markCalls(const SampleTrace& sample, std::vector<bool>& called) {
    const auto mark = [&](int step) {
        if (step >= 0 && step < static_cast<int>(called.size()))
            called[static_cast<std::size_t>(step)] = true;
    };
    for (const std::int32_t step : sample.revealStep)
        mark(step);
    for (const RemaskedToken& token : sample.remasked)
        mark(token.revealStep);
}

} // namespace steploom
