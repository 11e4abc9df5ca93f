// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/progress.h"
#include "engine/measures/brier_lm.h"
#include "engine/sampling/generation_request.h"

#include <stop_token>

namespace steploom {

class CausalModel;

/// Brier-n of windows that masked diffusion continues under the request's schedule, sampler, temperature and
/// seed, `draws` times each: the canvas is the request's length, its beginning is the window's context, the
/// rest is masked, and the four tokens that follow the context count. The request's prompt, template, branch
/// and number of samples are not used. A stop leaves the leading windows that are complete.
///
/// Throws as Generator::run does, and Error(Request) when draws are fewer than two or context and four tokens
/// do not fit the canvas.
std::vector<BrierScores> brierOfMaskedDiffusion(const ModelPool& pool, GenerationRequest request,
                                                const BrierWindows& windows, int draws,
                                                const Progress& progress = {},
                                                const std::stop_token& stop = {});

/// Brier-n of windows that a causal model continues at temperature 1, by brierFromProbabilities().
/// `drawable`: ids below it are the tokenizer's. Throws Error(Request) when draws are fewer than one or the
/// windows are longer than the model's positions.
std::vector<BrierScores> brierOfCausal(CausalModel& model, int drawable, const BrierWindows& windows,
                                       int draws, std::uint64_t seed, const Progress& progress = {},
                                       const std::stop_token& stop = {});

/// Brier-n of windows that a pool of autoregressive models continues under the request's schedule (token p by
/// the member of step p), temperature, top-k, top-p and seed; of the request's length, prompt and so on
/// nothing but the schedule counts. By brierFromProbabilities() where the whole distribution counts, from the
/// draws alone under top-k or top-p. Throws Error(Request) as above, for draws fewer than two there, and for
/// windows that are longer than the schedule; Error(Schedule) for a letter without a member.
std::vector<BrierScores> brierOfAutoregressive(const ModelPool& pool, const GenerationRequest& request,
                                               const BrierWindows& windows, int draws,
                                               const Progress& progress = {},
                                               const std::stop_token& stop = {});

/// How a pool of this kind is judged under the request.
BrierEstimator brierEstimatorOf(GenerationKind kind, const GenerationRequest& request);

} // namespace steploom
