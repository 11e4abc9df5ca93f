// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

namespace steploom {

// Kinds of stored analyses and what their results are (beside kImportanceKind). Settings hold everything that
// a result depends on.

/// SearchResult. Settings: models, request, evaluator_sha256, evaluator_precision, segments, light, most,
/// stop_early; for display pool and evaluator.
inline constexpr const char* kSearchKind = "segment search";
/// Frontier. Settings: models, request, evaluator_sha256, evaluator_precision, schedules, temperatures; for
/// display pool and evaluator.
inline constexpr const char* kFrontierKind = "temperature frontier";
/// CorrelationStudy. Settings: checkpoints (SHA-256), text_sha256, text, windows, context, draws, seed.
inline constexpr const char* kCorrelationKind = "correlation study";
/// PerplexityAnchors. Settings: evaluator_sha256, evaluator_precision, text_sha256, length, pieces, seed.
inline constexpr const char* kAnchorsKind = "perplexity anchors";

/// BrierStudy. Settings: checkpoints (SHA-256), schedules, temperatures, candidates, steps, length, windows,
/// context, draws, precision, seed, text_sha256; for display text.
inline constexpr const char* kBrierStudyKind = "BrierLM study";
/// AutoencoderQuality. Settings: autoencoder_sha256, text_sha256, chunks, seed; for display autoencoder and
/// text.
inline constexpr const char* kAutoencoderKind = "autoencoder quality";

/// Whether an analysis of this kind loads what it is about itself, one by one: the pool of the request is
/// not used.
inline bool bringsItsModels(std::string_view kind) {
    return kind == kCorrelationKind || kind == kBrierStudyKind || kind == kAutoencoderKind;
}

} // namespace steploom
