// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/text/tokenizer.h"
#include "tests/testing/paths.h"
#include "tests/testing/tiny_checkpoint.h"

#include <nlohmann/json.hpp>

#include <functional>
#include <memory>
#include <string>

namespace steploom::testing {

/// The document of a byte tokenizer (ids of '!'…'~' are 0…93, "<|endoftext|>" is 256), changed as a test
/// needs.
inline nlohmann::json byteTokenizer(const std::function<void(nlohmann::json& document)>& change = {}) {
    TemporaryFolder folder;
    writeByteTokenizer(folder.path());
    nlohmann::json document = nlohmann::json::parse(readText(folder / "tokenizer.json"));
    if (change)
        change(document);
    return document;
}

inline std::shared_ptr<const Tokenizer> load(const nlohmann::json& document) {
    TemporaryFolder folder;
    writeText(folder / "tokenizer.json", document.dump());
    return Tokenizer::load(folder / "tokenizer.json");
}

inline std::shared_ptr<const Tokenizer>
loadChanged(const std::function<void(nlohmann::json& document)>& change) {
    return load(byteTokenizer(change));
}

/// Pieces made of two others get the next free ids: {"a", "b"} becomes "ab".
inline void addMerge(nlohmann::json& document, const std::string& left, const std::string& right) {
    auto& model = document["model"];
    int next = static_cast<int>(model["vocab"].size() + document["added_tokens"].size());
    if (!model["vocab"].contains(left + right))
        model["vocab"][left + right] = next;
    model["merges"].push_back(left + " " + right);
}

inline nlohmann::json addedToken(int id, const std::string& content) {
    return {{"id", id},        {"content", content},  {"single_word", false}, {"lstrip", false},
            {"rstrip", false}, {"normalized", false}, {"special", false}};
}

/// The texts of the single tokens, "|" between them.
inline std::string tokensOf(const Tokenizer& tokenizer, const std::string& text, bool withTemplate = false) {
    std::string shown;
    for (const std::int32_t id : tokenizer.encode(text, withTemplate))
        shown += (shown.empty() ? "" : "|") + std::string(tokenizer.bytesOf(id));
    return shown;
}

} // namespace steploom::testing
