// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/pages/analysis_records.h"
#include "app/widgets/plot.h"
#include "engine/measures/step_importance.h"

namespace steploom {

enum class ImportanceMeasure {
    CrossEntropy, ///< of each member
    Divergence,   ///< of each member but the first from the first
};

/// A curve a member over t, from the run's start at the left to its end, with its intervals as a band.
Plot importancePlot(const ImportanceProfile& profile, ImportanceMeasure measure);
/// "H, L · 256 windows of 128 · the-lamplighters-geese.txt · 22 Nov"
QString importanceLabel(const StoredAnalysis& stored);
/// "L matters most at t = 0.125: 0.3147 ± 0.0270 nats more than H"; empty for one member.
QString importanceFinding(const ImportanceProfile& profile);

} // namespace steploom
