// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/pages/analysis_records.h"
#include "app/widgets/plot.h"
#include "engine/analyses/perplexity_anchors.h"

namespace steploom {

using AnchorRecords = AnalysisRecords<PerplexityAnchors>;

/// The newest anchors of the evaluator with this SHA-256; null: none are stored.
const PerplexityAnchors* anchorsOf(const AnchorRecords& anchors, const std::string& evaluator);
/// Adds what the evaluator says of real and of shuffled text to a chart whose y is perplexity. One that lies
/// far above everything else is left out unless y is logarithmic; the answer says so, and is empty otherwise.
QString addAnchorLines(Plot& plot, const PerplexityAnchors& anchors);

} // namespace steploom
