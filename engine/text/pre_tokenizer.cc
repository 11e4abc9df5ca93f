// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/text/pre_tokenizer.h"

#include "engine/text/json_fields.h"

#include <cctype>
#include <utility>

namespace steploom {
namespace {

/// Radford et al. 2019, as in the published encoder.py.
constexpr const char* kGpt2Pattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

/// Yang et al. 2024, as in the published tokenization_qwen2.py.
constexpr const char* kQwen2Pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|)"
    R"(\s+(?!\S)|\s+)";

constexpr const char* kSupported =
    "Steploom reads ByteLevel, Split (Isolated), and a Sequence of Splits with "
    "ByteLevel at its end, as GPT-2 and Llama 3 have them";

/// Llama 3 has two, and no published tokenizer more than five.
constexpr std::size_t kMostStages = 32;

std::string escaped(std::string_view text) {
    std::string pattern;
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x80 && !std::isalnum(static_cast<unsigned char>(c)))
            pattern += '\\';
        pattern += c;
    }
    return pattern;
}

std::string splitPattern(const nlohmann::json& split, const std::string& where) {
    // `invert` swaps matches and gaps; Isolated keeps both, so it changes nothing.
    if (const std::string& behavior = stringOf(split, "behavior", where); behavior != "Isolated")
        refuseTokenizer(where, fmt::format("a Split has behavior \"{}\"", behavior), kSupported);
    const nlohmann::json* pattern = fieldOf(split, "pattern");
    if (!pattern || !pattern->is_object())
        refuseTokenizer(where, "a Split has no \"pattern\"", kTakePublishedFile);
    return fieldOf(*pattern, "String") ? escaped(stringOf(*pattern, "String", where))
                                       : stringOf(*pattern, "Regex", where);
}

} // namespace

PreTokenizer PreTokenizer::gpt2() {
    PreTokenizer result;
    result.m_stages.push_back({false, Regex(kGpt2Pattern, "GPT-2's pre-tokenizer"), true});
    return result;
}

PreTokenizer PreTokenizer::qwen2() {
    PreTokenizer result;
    result.m_stages.push_back({false, Regex(kQwen2Pattern, "Qwen2's pre-tokenizer"), true});
    return result;
}

PreTokenizer PreTokenizer::fromJson(const nlohmann::json& description, const std::string& file) {
    const std::string where = file + ", pre_tokenizer";
    PreTokenizer result;
    if (stringOf(description, "type", where) == "Sequence")
        forEachIn(description, "pretokenizers", where,
                  [&](const nlohmann::json& stage) { result.addStage(stage, where); });
    else
        result.addStage(description, where);
    if (result.m_stages.empty() || !result.m_stages.back().byteLevel)
        refuseTokenizer(where, "it is not byte-level: it does not end in a ByteLevel stage", kSupported);
    return result;
}

void PreTokenizer::addStage(const nlohmann::json& description, const std::string& where) {
    const std::string& type = stringOf(description, "type", where);
    if (m_stages.size() == kMostStages)
        refuseTokenizer(where, fmt::format("it has more than {} stages", kMostStages), kSupported);
    // After ByteLevel the pieces are no longer text but GPT-2's spelling of bytes, which patterns would see.
    if (!m_stages.empty() && m_stages.back().byteLevel)
        refuseTokenizer(where, fmt::format("a stage \"{}\" follows ByteLevel", type), kSupported);
    if (type == "ByteLevel") {
        Stage& stage = m_stages.emplace_back();
        stage.byteLevel = true;
        stage.addPrefixSpace = flagOf(description, "add_prefix_space", true, where);
        if (flagOf(description, "use_regex", true, where))
            stage.isolate.emplace(kGpt2Pattern, where);
    } else if (type == "Split") {
        m_stages.emplace_back().isolate.emplace(splitPattern(description, where), where);
    } else {
        refuseTokenizer(where, fmt::format("a stage of type \"{}\" is not known here", type), kSupported);
    }
}

void PreTokenizer::split(std::string_view text, Words& words) const {
    words.views.clear();
    if (text.empty())
        return;
    words.views.push_back(text);
    for (const Stage& stage : m_stages) {
        if (stage.addPrefixSpace)
            for (std::string_view& word : words.views)
                if (!word.starts_with(' '))
                    word = words.prefixed.emplace_back(" " + std::string(word));
        if (!stage.isolate)
            continue;
        std::vector<std::string_view> before;
        before.swap(words.views);
        words.views.reserve(text.size() / 4);
        for (const std::string_view word : before)
            stage.isolate->isolate(word, words.views);
    }
}

std::string PreTokenizer::signature() const {
    std::string text;
    for (const Stage& stage : m_stages)
        if (stage.addPrefixSpace || stage.isolate)
            text += fmt::format("{}:{};", stage.addPrefixSpace ? "prefix" : "",
                                stage.isolate ? stage.isolate->pattern() : "");
    return text;
}

} // namespace steploom
