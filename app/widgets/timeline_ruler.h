// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/widgets/step_words.h"
#include "app/widgets/timeline_geometry.h"

#include <QString>

#include <vector>

namespace steploom {

struct RulerTick {
    double step; ///< place on the axis; whole for StepUnit::Step only
    QString label;
};

/// Ticks at round values that lie at least `spacing` px apart, over the visible steps. Steps are divided into
/// equal parts where a round number divides them (256 → 32, 1000 → 100).
std::vector<RulerTick> rulerTicks(const TimelineGeometry& geometry, StepUnit unit, double spacing);

/// "step 224 · 87.5% · 12.5% masked": a place in all three units at once; "vector 12 · 37.5% · tokens 48–51"
/// where steps write in order.
QString describeStep(int step, int steps, const StepWords& words = {});
/// "87.5% · 12.5% masked": the same without the step.
QString describePlace(int step, int steps, const StepWords& words = {});

} // namespace steploom
