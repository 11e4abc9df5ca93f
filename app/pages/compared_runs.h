// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runs/run.h"
#include "engine/text/tokenizer.h"

#include <QString>

#include <memory>
#include <span>
#include <vector>

namespace steploom {

/// How many runs fit side by side.
inline constexpr std::size_t kMostCompared = 4;

/// What texts are compared by.
enum class TextDifference { Position, Sequence, Off };

/// "sandwich 25%", "all heavy", or the notation.
QString comparedName(const RunSummary& run);
/// "run 12 · seed 1"
QString comparedOrigin(const RunSummary& run);
/// "3 runs · pool heavy, light · 8 samples in common"
QString comparedSummary(std::span<const Run> runs);

/// The newest two runs with texts that have the same random numbers and differ in their schedules, the older
/// one first (it is the usual baseline); failing that the newest two with texts; empty where there are no
/// two.
std::vector<qint64> newestComparable(const std::vector<RunSummary>& newestFirst);

/// Indices of the samples that any of the runs has, ascending.
std::vector<int> sampleIndices(std::span<const Run> runs);
/// Nothing where the run has no such sample.
const RunSample* sampleOf(const Run& run, int index);

/// How a run's text stands beside the baseline's.
struct ColumnDifference {
    std::vector<bool> framed; ///< by position; of the baseline: where every other text differs
    int equal = 0;            ///< tokens that are the baseline's
    int tokens = 0;           ///< of the longer text
    bool known = false;       ///< both have the sample
};

/// One for each run. Tokens of different tokenizers are compared as texts; where a run's tokenizer is not
/// known and the pools are not the same, nothing is.
std::vector<ColumnDifference> columnDifferences(std::span<const Run> runs, std::size_t baseline, int sample,
                                                TextDifference by,
                                                std::span<const std::shared_ptr<const Tokenizer>> tokenizers);

} // namespace steploom
