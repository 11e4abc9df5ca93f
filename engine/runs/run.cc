// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/run.h"

#include <algorithm>

namespace steploom {

std::string_view runStateName(RunState state) noexcept {
    switch (state) {
    case RunState::Running:
        return "running";
    case RunState::Finished:
        return "finished";
    case RunState::Stopped:
        return "stopped";
    case RunState::CutOff:
        return "cut off";
    }
    return "cut off";
}

const Measure* RunSummary::measure(std::string_view name) const noexcept {
    const auto found = std::ranges::find(measures, name, &Measure::name);
    return found == measures.end() ? nullptr : &*found;
}

} // namespace steploom
