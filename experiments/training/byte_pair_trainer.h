// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/progress.h"

#include <cstdint>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

namespace steploom {

struct BytePairTraining {
    /// Pieces of the tokenizer: 256 bytes, what merges make, and "<|endoftext|>" as the last.
    int vocabulary = 4096;
    Progress progress;
    std::stop_token stop;
};

struct TrainedTokenizer {
    std::string json; ///< the text of a tokenizer.json, as Tokenizer::load and Hugging Face read it
    int pieces = 0;   ///< as asked for
    int merges = 0;
    std::uint64_t bytes = 0;  ///< of the text
    std::uint64_t tokens = 0; ///< of the text in this tokenizer, without separators
};

/// Learns a byte-level BPE tokenizer from documents as Hugging Face's `tokenizers` does (BpeTrainer with the
/// byte-level alphabet and a least frequency of two): words are cut by GPT-2's pattern; the pair of pieces
/// that stands side by side most often becomes a piece, again and again. Of pairs equally frequent the one
/// whose left piece has the lower id comes first, then the lower right one. Pieces number the byte-level
/// alphabet in the order of its characters, then the merges in theirs. Where two merges spell the same piece
/// both are kept and the piece counts once.
///
/// One difference: a pair that a second spelling of a piece brings about again is counted together with its
/// earlier occurrences; `tokenizers` may merge the two groups apart.
///
/// The result is a function of the text and the size. Throws Error(Tokenizer) for fewer than 257 pieces, for
/// more than the text supports (no pair occurs twice any more; says how many it does), and when stopped.
TrainedTokenizer trainBytePairs(std::span<const std::string_view> documents,
                                const BytePairTraining& training);

} // namespace steploom
