// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace steploom {

/// What a tokenizer does to text before it is cut: nothing, or Unicode's composed form NFC (Qwen2, Dream), in
/// which e and a combining acute accent are the one character é.
class Normalizer {
public:
    Normalizer() = default;
    static Normalizer nfc();
    /// tokenizer.json's `normalizer`: null, NFC, and sequences of it; throws Error(Tokenizer) for others.
    /// `file` is named in errors.
    static Normalizer fromJson(const nlohmann::json& description, const std::string& file);

    /// Valid UTF-8 text in normal form: `text` itself where it has it already, else what `storage` then
    /// holds.
    std::string_view apply(std::string_view text, std::string& storage) const;

    /// The same for normalizers that do alike, empty for the one that does nothing: part of the tokenizer's
    /// fingerprint.
    std::string signature() const { return m_composes ? "NFC;" : ""; }

private:
    bool m_composes = false;
};

} // namespace steploom
