// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/measures/statistics.h"
#include "engine/runs/run.h"

#include <array>
#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace steploom {

/// What every finished sample has a value of, in the order of tables.
enum class SampleMeasure {
    LogPerplexity, ///< negative log-likelihood per token under the runs' evaluator, nats
    Entropy,       ///< unigram, nats
    Flops,         ///< executed
    Seconds,       ///< share of the wall time of its calls
};
inline constexpr std::size_t kSampleMeasures = 4;

struct SampleMeasureFacts {
    SampleMeasure measure;
    std::string_view name;  ///< "log_perplexity": in JSON
    std::string_view title; ///< "log-perplexity"
    bool lessIsBetter;      ///< otherwise neither more nor less is
    bool relative;          ///< differences are given as shares of the baseline's mean
};
const std::array<SampleMeasureFacts, kSampleMeasures>& sampleMeasures() noexcept;

/// How a run differs from the baseline in one measure.
struct MeasureDifference {
    /// Run − baseline with its 95% interval; of a relative measure (run − baseline) / baseline, −0.158 for
    /// 15.8% less. n counts the pairs, or the samples of both where there are none.
    Estimate estimate;
    /// Of the difference: Student's paired t test, or Welch's. NaN below two pairs.
    double pValue = std::numeric_limits<double>::quiet_NaN();
    /// The same, adjusted for as many comparisons as there are runs beside the baseline (Benjamini and
    /// Hochberg).
    double adjusted = std::numeric_limits<double>::quiet_NaN();

    /// The interval excludes 0: only then is one of the two called better.
    bool isClear() const noexcept { return estimate.low > 0 || estimate.high < 0; }
};

struct RunDifference {
    std::size_t run = 0;  ///< index in the runs compared
    std::string unpaired; ///< why samples of one index are no pairs (Welch's interval then); empty: pairs
    int pairs = 0;        ///< samples of the same index
    /// FLOPs as the paper counts them, every step and the blocks alone, against the baseline: −0.167. NaN
    /// where the runs do not know it.
    double blocksOnly = std::numeric_limits<double>::quiet_NaN();
    std::array<std::optional<MeasureDifference>, kSampleMeasures> measures;
    std::array<std::string, kSampleMeasures> missing; ///< why a measure has no difference

    const std::optional<MeasureDifference>& of(SampleMeasure measure) const {
        return measures[static_cast<std::size_t>(measure)];
    }
};

struct MeasureComparison {
    std::size_t baseline = 0;
    std::vector<RunDifference> runs; ///< all but the baseline, in their order
    /// The run with the least mean, where its interval against each other run excludes 0; nothing where the
    /// samples do not decide, or less is not better.
    std::array<std::optional<std::size_t>, kSampleMeasures> best;
};

/// Differences of runs from one of them, over their finished samples. Where seed, length, prompt and template
/// are the same, samples of one index have common random numbers and are compared in pairs, which takes out
/// what they share; otherwise the means are (Welch). `baseline`: an index of `runs`.
MeasureComparison compareMeasures(std::span<const Run> runs, std::size_t baseline, double level = 0.95);

} // namespace steploom
