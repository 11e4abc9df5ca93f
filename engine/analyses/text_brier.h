// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/analyses/study_text.h"
#include "engine/core/progress.h"
#include "engine/measures/brier_lm.h"
#include "engine/sampling/generation_request.h"

#include <stop_token>

namespace steploom {

// BrierLM of a pool of any kind on a text, under the request's schedule, temperature and seed.

/// Of windows of the text, at most `windows`, that the pool continues after `context` tokens: by the
/// estimator that suits the kind. A stop leaves the leading windows that are complete. Throws as the measures
/// do.
BrierLm brierOfContinuations(const ModelPool& pool, const GenerationRequest& request, const StudyText& text,
                             int windows, int context, int draws, ThreadPool* threads,
                             const Progress& progress = {}, const std::stop_token& stop = {});

/// Of a CALM pool, teacher forced over windows of the request's length (brierOfCalmText).
BrierLm brierOfText(const ModelPool& pool, const GenerationRequest& request, const StudyText& text,
                    int windows, int draws, ThreadPool* threads, const Progress& progress = {},
                    const std::stop_token& stop = {});

} // namespace steploom
