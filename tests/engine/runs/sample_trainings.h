// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runs/training_run.h"

#include <cmath>

namespace steploom::testing {

inline TrainingRun makeTraining(const std::string& key = "light-1") {
    TrainingRun run;
    run.summary.key = key;
    run.summary.name = "light";
    run.summary.kind = "mdlm";
    run.summary.folder = "checkpoints/light";
    run.summary.validation = "NELBO";
    run.summary.plannedSteps = 1000;
    run.config = R"({"width":384,"text":"\"λ\""})";
    run.provenance = R"({"threads":2})";
    return run;
}

/// A falling curve: one point every `every` steps up to `steps`, every second one with a validation.
inline std::vector<TrainingPoint> makeCurve(std::int64_t steps, std::int64_t every = 10, double start = 8) {
    std::vector<TrainingPoint> points;
    for (std::int64_t step = every; step <= steps; step += every) {
        const double loss = 3 + (start - 3) / std::sqrt(1 + static_cast<double>(step) / 20);
        TrainingPoint point{
            step, step * 4096, 0.25 * static_cast<double>(step), 2.5e11 * static_cast<double>(step), 3e-4,
            loss, {}};
        if (step % (2 * every) == 0)
            point.validation = loss + 0.125;
        points.push_back(point);
    }
    return points;
}

} // namespace steploom::testing
