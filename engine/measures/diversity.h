// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/measures/measure.h"

#include <cstdint>
#include <span>
#include <vector>

namespace steploom {

using TokenTexts = std::span<const std::vector<std::int32_t>>;

/// Share of distinct n-grams, n = 1…4, among all n-grams of all samples (Li et al. 2016, distinct-n), with
/// the jackknife's t interval over samples. Falls with the number of samples: compare only equal numbers of
/// equal length. NaN without an n-gram.
Estimate distinctShare(TokenTexts samples, int n);

/// Share of a sample's n-grams that stood in it before; 0 for a text of fewer than n tokens.
double repeatedShare(std::span<const std::int32_t> tokens, int n);

/// BLEU-4 of each sample against all others as references (Zhu et al. 2018, self-BLEU): 1 when all say the
/// same. Orders without a match count as 0.1 matches (Chen and Cherry 2014, method 1); the reference length
/// is the nearest one. A sample that nothing can be held against (one alone, or empty) has NaN.
std::vector<double> selfBleu(TokenTexts samples);

/// "distinct_1", "distinct_2", "distinct_3", "repeated_4", and with two samples or more "self_bleu".
std::vector<Measure> diversityMeasures(TokenTexts samples);

} // namespace steploom
