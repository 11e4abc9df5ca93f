// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/progress.h"
#include "engine/measures/brier_lm.h"
#include "engine/sampling/generation_request.h"

#include <stop_token>

namespace steploom {

// BrierLM of CALM pools (arXiv 2510.27688, section 5), by brierFromDraws() from R ≥ 2 draws: a draw is a
// chunk of K tokens at the request's temperature, as generation takes it. Of the request schedule, length,
// temperature with its method, and seed count. All throw Error(Request) where these are out of range, and
// Error(Schedule) for a letter without a member.

/// Brier-n of windows that the pool continues: for K ≥ 4 the first four tokens of one drawn chunk, by the
/// member of the chunk's step; for fewer, chunk after chunk until there are four. The context must be whole
/// chunks. A stop leaves none.
std::vector<BrierScores> brierOfCalm(const ModelPool& pool, const GenerationRequest& request,
                                     const BrierWindows& windows, int draws, const Progress& progress = {},
                                     const std::stop_token& stop = {});

/// Brier-n of whole windows `tokens` [windows, request.length]: every chunk but the first is predicted from
/// the true ones before it, by its step's member, and a window's score is the mean over them. One pass of
/// each member in use over each window. K ≥ 4. A stop leaves the leading windows that are complete.
std::vector<BrierScores> brierOfCalmText(const ModelPool& pool, const GenerationRequest& request,
                                         std::span<const std::int32_t> tokens, int draws,
                                         const Progress& progress = {}, const std::stop_token& stop = {});

/// The multiple of K nearest to a context of `wanted` tokens or below it, but at least one chunk.
int calmContext(int wanted, int chunk) noexcept;

} // namespace steploom
