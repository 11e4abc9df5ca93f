// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/measures/statistics.h"
#include "engine/sampling/generation_request.h"

#include <span>
#include <string>
#include <vector>

namespace steploom::cli {

/// Round numbers that divide [low, high] into about `count` parts: 1, 2 or 5 times a power of ten apart, from
/// the last one at or below `low` to the first at or above `high`.
std::vector<double> axisTicks(double low, double high, int count);

/// One run in the chart of quality against compute.
struct ChartPoint {
    std::string label;
    double gigaflops = 0; ///< executed, per sample
    Estimate perplexity;
};

/// Generative perplexity over executed FLOPs as an inline SVG, intervals drawn. At least one point.
std::string qualityChart(std::span<const ChartPoint> points);

/// The schedule as a bar of segments in the colours of the pool, letters in those that are wide enough.
std::string scheduleBar(const GenerationRequest& request);

} // namespace steploom::cli
