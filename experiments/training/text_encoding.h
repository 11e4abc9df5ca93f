// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/text/tokenizer.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string_view>

namespace steploom {

/// Tokenises documents in order and on all processors, each followed by `separator` if there is one. `ids`
/// gets the tokens stretch by stretch, in the calling thread, and how many bytes of the documents they were.
/// Returns false when it stopped early. Memory is bounded by some stretches, not by the text.
bool encodeDocuments(std::span<const std::string_view> documents, const Tokenizer& tokenizer,
                     std::optional<std::int32_t> separator, const std::stop_token& stop,
                     const std::function<void(std::span<const std::int32_t> ids, std::size_t bytes)>& ids);

} // namespace steploom
