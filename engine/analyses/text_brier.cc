// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/analyses/text_brier.h"

#include "engine/measures/brier_calm.h"
#include "engine/measures/brier_models.h"
#include "engine/measures/text_windows.h"
#include "engine/sampling/model_pool.h"

namespace steploom {

BrierLm brierOfContinuations(const ModelPool& pool, const GenerationRequest& request, const StudyText& text,
                             int windows, int context, int draws, ThreadPool* threads,
                             const Progress& progress, const std::stop_token& stop) {
    const BrierWindows cut = brierWindows(pool.tokenizer()->encode(text.content), context, windows);
    const auto scores = [&] {
        switch (pool.kind()) {
        case GenerationKind::Autoregressive:
            return brierOfAutoregressive(pool, request, cut, draws, progress, stop);
        case GenerationKind::Calm:
            return brierOfCalm(pool, request, cut, draws, progress, stop);
        case GenerationKind::MaskedDiffusion:
            break;
        }
        return brierOfMaskedDiffusion(pool, request, cut, draws, progress, stop);
    }();
    return brierLmOf(scores, draws, brierEstimatorOf(pool.kind(), request), {}, threads);
}

BrierLm brierOfText(const ModelPool& pool, const GenerationRequest& request, const StudyText& text,
                    int windows, int draws, ThreadPool* threads, const Progress& progress,
                    const std::stop_token& stop) {
    const std::vector<std::int32_t> tokens = pool.tokenizer()->encode(text.content);
    std::vector<std::int32_t> cut;
    for (const std::size_t start : spreadWindows(tokens.size(), request.length, windows)) {
        const auto from = tokens.begin() + static_cast<std::ptrdiff_t>(start);
        cut.insert(cut.end(), from, from + request.length);
    }
    return brierLmOf(brierOfCalmText(pool, request, cut, draws, progress, stop), draws, BrierEstimator::Draws,
                     {}, threads);
}

} // namespace steploom
