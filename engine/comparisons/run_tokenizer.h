// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/sampling/generation_request.h"
#include "engine/text/tokenizer.h"

#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace steploom {

/// Where a run's tokenizer lies: the file that its request names, or else the first of its members' folders
/// that holds one; empty where none does (any more).
std::string tokenizerPathOf(const GenerationRequest& request);

/// Loads it, without the models. Throws Error(Pool) when the folders are gone or hold none, and what
/// Tokenizer::load throws.
std::shared_ptr<const Tokenizer> loadTokenizerOf(const GenerationRequest& request);

/// Numbers that are equal where the tokens' texts are, whatever tokenizer they are of: what tokens of runs
/// with different tokenizers are compared by.
class TokenTexts {
public:
    /// A number for each token, in the order of `tokens`.
    std::vector<std::int32_t> numbersOf(std::span<const std::int32_t> tokens, const Tokenizer& tokenizer);

private:
    std::unordered_map<std::string, std::int32_t> m_numbers;
};

} // namespace steploom
