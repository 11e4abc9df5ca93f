// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/pages/analysis_records.h"
#include "app/widgets/plot.h"
#include "engine/analyses/correlation_study.h"

namespace steploom {

using CorrelationRecord = AnalysisRecord<CorrelationStudy>;

/// BrierLM over cross-entropy, a point a checkpoint, with the line of least squares.
Plot correlationPlot(const CorrelationStudy& study);
/// Checkpoints whose BrierLM is not defined and that have no point.
int withoutBrierLm(const CorrelationStudy& study);
/// "8 checkpoints · 512 windows · the-lamplighters-geese.txt · 22 Nov"
QString correlationLabel(const CorrelationRecord& study);

} // namespace steploom
