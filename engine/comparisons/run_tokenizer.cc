// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/comparisons/run_tokenizer.h"

#include "engine/core/error.h"

#include <filesystem>

namespace steploom {

std::string tokenizerPathOf(const GenerationRequest& request) {
    if (!request.tokenizer.empty())
        return request.tokenizer;
    for (const PoolMemberSpec& member : request.pool)
        if (Tokenizer::isPresentIn(member.path))
            return member.path;
    return {};
}

std::shared_ptr<const Tokenizer> loadTokenizerOf(const GenerationRequest& request) {
    const std::string path = tokenizerPathOf(request);
    if (!path.empty())
        return Tokenizer::load(path);
    if (request.pool.empty())
        throw Error(ErrorKind::Pool, {"cannot read the run's tokens", "", "it names no checkpoint",
                                      "Its text is kept without them"});
    const std::string& folder = request.pool.front().path;
    const bool gone = !std::filesystem::is_directory(folder);
    throw Error(
        ErrorKind::Pool,
        {"cannot read the run's tokens", folder,
         gone ? "the checkpoint folder is not there any more" : "the folder holds no tokenizer",
         gone ? "Put it back, and the tokens can be told apart again" : "Put its tokenizer.json there"});
}

std::vector<std::int32_t> TokenTexts::numbersOf(std::span<const std::int32_t> tokens,
                                                const Tokenizer& tokenizer) {
    std::vector<std::int32_t> numbers;
    numbers.reserve(tokens.size());
    for (const std::int32_t token : tokens) {
        const auto next = static_cast<std::int32_t>(m_numbers.size());
        numbers.push_back(m_numbers.try_emplace(std::string(tokenizer.bytesOf(token)), next).first->second);
    }
    return numbers;
}

} // namespace steploom
