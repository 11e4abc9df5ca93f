// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runs/run.h"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace steploom {

/// Why samples of the same index do not have the same random numbers and the same task in both runs, so that
/// they are no pairs: "they differ in seed (1 and 2), prompt". Empty where they are pairs.
std::string whyUnpaired(const RunSummary& first, const RunSummary& second);

/// Samples of the same index in both runs, by their places in `first.samples` and `second.samples`, ascending
/// by index.
std::vector<std::pair<std::size_t, std::size_t>> samplePairs(const Run& first, const Run& second);

} // namespace steploom
