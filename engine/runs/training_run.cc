// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/training_run.h"

namespace steploom {

std::string_view trainingStateName(TrainingState state) noexcept {
    switch (state) {
    case TrainingState::Running:
        return "running";
    case TrainingState::Finished:
        return "finished";
    case TrainingState::Stopped:
        return "stopped";
    case TrainingState::CutOff:
        return "cut off";
    case TrainingState::Failed:
        return "failed";
    }
    return "cut off";
}

} // namespace steploom
