// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/progress.h"

#include <cstdint>
#include <span>
#include <stop_token>
#include <string_view>
#include <unordered_map>

namespace steploom {

/// How often each word occurs; the words are views into the text.
using WordCounts = std::unordered_map<std::string_view, std::uint64_t>;

/// Counts the words that GPT-2's pre-tokenizer cuts the documents into, on all processors. Returns early,
/// with part of the counts, when `stop` is requested.
WordCounts countWords(std::span<const std::string_view> documents, const Progress& progress,
                      const std::stop_token& stop);

} // namespace steploom
