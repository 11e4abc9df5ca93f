// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/pages/analysis_records.h"
#include "app/widgets/plot.h"
#include "engine/analyses/brier_study.h"

namespace steploom {

using BrierRecord = AnalysisRecord<BrierStudy>;

/// Which score: 0 BrierLM, n = 1…4 Brier-n alone, which is defined where their geometric mean is not.
using BrierOrder = int;
QString brierOrderName(BrierOrder order);

/// What quality is held against.
enum class BrierAxis {
    Inference, ///< executed FLOPs for a generated token
    Training,  ///< FLOPs of the whole training, where the checkpoints tell
};

/// A score over compute, a point a model or schedule, a colour and a mark a kind; with the six rows of the
/// CALM paper, of which there is BrierLM only, as a series of their own, which is marked as published.
Plot brierPlot(const BrierStudy& study, BrierAxis axis, bool published, BrierOrder order = 0);
/// The paper's alone: what there is before anything was measured.
Plot publishedBrierPlot(BrierAxis axis);
/// Points without a place on it: BrierLM not defined, or no training FLOPs.
struct BrierLeftOut {
    int undefined = 0, untold = 0;
};
BrierLeftOut leftOut(const BrierStudy& study, BrierAxis axis, BrierOrder order = 0);

/// A score over temperature of one CALM model, a curve for each N; empty where there are no temperatures to
/// compare.
Plot ablationPlot(const BrierStudy& study, const std::string& model, BrierOrder order = 0);
/// The models that were judged at several temperatures, or with several N.
QStringList ablatedModels(const BrierStudy& study);

/// "5 points · 256 windows · tale.txt · 22 Nov"
QString brierLabel(const BrierRecord& study);

} // namespace steploom
