// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace steploom {

/// Reads tokenizer.json's `post_processor` and fills in the ids it puts before and after a single text. Knows
/// TemplateProcessing, ByteLevel (which concerns offsets only) and sequences of them; throws Error(Tokenizer)
/// for others. `file` is named in errors.
void readTemplate(const nlohmann::json& processor, const std::string& file, std::vector<std::int32_t>& before,
                  std::vector<std::int32_t>& after);

} // namespace steploom
