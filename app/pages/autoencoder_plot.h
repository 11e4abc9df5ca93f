// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/pages/analysis_records.h"
#include "app/widgets/plot.h"
#include "engine/analyses/autoencoder_analysis.h"

namespace steploom {

using AutoencoderRecord = AnalysisRecord<AutoencoderQuality>;

/// KL of each dimension of the vector, the largest first; collapsed ones are drawn quiet.
Plot divergencePlot(const AutoencoderQuality& quality);
/// "autoencoder · 4,096 chunks · tale.txt · 22 Nov"
QString autoencoderLabel(const AutoencoderRecord& record);

} // namespace steploom
