// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/text/tokenizer.h"

#include "engine/core/utf8.h"
#include "engine/text/byte_level_tokenizer.h"
#include "engine/text/json_fields.h"

#include <system_error>

namespace steploom {
namespace {

namespace fs = std::filesystem;

bool isThere(const fs::path& path) {
    std::error_code ignored;
    return fs::exists(path, ignored);
}

bool hasVocabularyFiles(const fs::path& folder) {
    return isThere(folder / "vocab.json") && isThere(folder / "merges.txt");
}

TokenizerFile readAt(const fs::path& path) {
    std::error_code ignored;
    if (!fs::is_directory(path, ignored))
        return TokenizerFile::readJson(path);
    if (isThere(path / "tokenizer.json"))
        return TokenizerFile::readJson(path / "tokenizer.json");
    if (hasVocabularyFiles(path))
        return TokenizerFile::readVocabulary(path);
    refuseTokenizer(
        path.string(), "there is neither tokenizer.json nor vocab.json with merges.txt",
        "Published masked-diffusion folders often hold no tokenizer: name the one they were trained with "
        "(mdlm-owt: GPT-2's)");
}

} // namespace

std::shared_ptr<const Tokenizer> Tokenizer::load(const fs::path& path) {
    return std::make_shared<ByteLevelTokenizer>(readAt(path));
}

std::shared_ptr<const Tokenizer> Tokenizer::parse(std::string_view json, const std::string& path) {
    return std::make_shared<ByteLevelTokenizer>(TokenizerFile::parseJson(json, path));
}

bool Tokenizer::isPresentIn(const fs::path& folder) {
    return isThere(folder / "tokenizer.json") || hasVocabularyFiles(folder);
}

std::string StreamDecoder::add(std::int32_t id) {
    m_pending += m_tokenizer->bytesOf(id);
    const std::size_t whole = m_pending.size() - incompleteUtf8Suffix(m_pending);
    std::string text = replaceInvalidUtf8(std::string_view(m_pending).substr(0, whole));
    m_pending.erase(0, whole);
    return text;
}

std::string StreamDecoder::finish() {
    std::string text = replaceInvalidUtf8(m_pending);
    m_pending.clear();
    return text;
}

} // namespace steploom
