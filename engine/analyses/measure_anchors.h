// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/analyses/perplexity_anchors.h"
#include "engine/analyses/study_text.h"
#include "engine/core/progress.h"

#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>

namespace steploom {

class Evaluator;
class RunStore;

struct AnchorSettings {
    int length = 128; ///< evaluator's tokens of a piece; the samples' own is the fair one
    int pieces = 100; ///< of the text at most, spread over it evenly; they do not overlap
    std::uint64_t seed = 1;
};

struct KnownAnchors {
    PerplexityAnchors anchors;
    bool known = false;   ///< the store had them
    bool stopped = false; ///< broken off: the anchors are of fewer pieces, or of none
};

/// The words of a text in random order; what stands between them (blanks, line ends) stays where it is.
std::string shuffledWords(std::string_view text, std::uint64_t seed, std::uint32_t piece);

/// Generative perplexity and unigram entropy (of the evaluator's tokens) of pieces of real text, and of the
/// same pieces with their words shuffled. Taken from `store` (null: none) when it has them for this
/// evaluator, text and settings; else measured, and kept there unless stopped. Throws Error(Text) when the
/// text is shorter than a piece or no UTF-8, Error(Request) for settings out of range.
KnownAnchors findOrMeasureAnchors(RunStore* store, const StudyText& text, const Evaluator& evaluator,
                                  const AnchorSettings& settings, const Progress& progress = {},
                                  const std::stop_token& stop = {});

} // namespace steploom
