// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

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

} // namespace steploom
