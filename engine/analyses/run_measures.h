// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/analyses/known_measures.h"
#include "engine/analyses/study_text.h"
#include "engine/measures/generative_perplexity.h"
#include "engine/sampling/model_pool.h"

#include <cstdint>
#include <functional>
#include <stop_token>

namespace steploom {

class ThreadPool;

/// What is to be measured.
struct WantedMeasures {
    bool diversity = false;  ///< of a run's samples
    bool perplexity = false; ///< of a run's samples, with entropy
    bool brierLm = false;    ///< of a schedule, on a text
    bool nelbo = false;      ///< of every pool member, on a text; masked diffusion only
    int windows = 256;       ///< of the text, at most
    /// BrierLM: tokens that are given; 0: half the canvas, of CALM in whole chunks.
    int context = 0;
    /// BrierLM of CALM: every chunk of whole windows of the request's length from the true ones before it.
    bool teacherForced = false;
    int draws = 4;          ///< BrierLM: R, continuations of each window
    std::uint64_t seed = 1; ///< of masks and draws
    bool again = false;     ///< also what is known
};

/// What measuring takes beside the run. Pointers are borrowed for the call.
struct MeasuringMeans {
    RunStore* store = nullptr;                        ///< none: nothing is kept
    std::function<const Evaluator&()> evaluator = {}; ///< for perplexity
    std::function<const ModelPool&()> pool = {};      ///< for BrierLM and NELBO; asked when it is needed
    const StudyText* text = nullptr;                  ///< for BrierLM and NELBO
    ThreadPool* threads = nullptr;
};

/// Told what is being measured ("BrierLM") and how much of it is done. Must not throw.
using MeasuringProgress = std::function<void(const char* what, double share)>;

/// Measures of a stored run, each kept with it (settings, n, interval, estimator, seconds) as soon as it is
/// there, computed once and found again. Generative perplexity also gives every sample its score; its
/// settings say "retokenised", whether the evaluator's tokenizer is another one than the pool's (null when
/// that is not to be had any more).
/// Throws Error(Request) for a run without samples or means that are missing, and as the measures do.
Measured measureRun(const Run& run, const WantedMeasures& wanted, const MeasuringMeans& means,
                    const MeasuringProgress& progress, const std::stop_token& stop);

/// BrierLM of a request's schedule and NELBO of the pool's members on a text, without a run; kept in the
/// store as analyses. Throws as above.
Measured measureOnText(const GenerationRequest& request, const WantedMeasures& wanted,
                       const MeasuringMeans& means, const MeasuringProgress& progress,
                       const std::stop_token& stop);

} // namespace steploom
