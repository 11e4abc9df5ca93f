// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/text/added_tokens.h"

#include "engine/text/characters.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <algorithm>
#include <memory>

namespace steploom {
namespace {

/// Rust's `\w` (Unicode TR18): alphabetic, marks, decimal digits, connectors and joiners. The circled letters
/// are alphabetic without being of category L or Nl.
bool isWordCharacter(std::string_view character) {
    static const std::unique_ptr<pcre2_code, decltype(&pcre2_code_free)> pattern = [] {
        constexpr std::string_view kWord =
            R"(\A[\p{L}\p{M}\p{Nd}\p{Nl}\p{Pc}\x{200C}\x{200D}\x{24B6}-\x{24E9})"
            R"(\x{1F130}-\x{1F149}\x{1F150}-\x{1F169}\x{1F170}-\x{1F189}])";
        int problem = 0;
        PCRE2_SIZE offset = 0;
        return std::unique_ptr<pcre2_code, decltype(&pcre2_code_free)>(
            pcre2_compile(reinterpret_cast<PCRE2_SPTR>(kWord.data()), kWord.size(), PCRE2_UTF, &problem,
                          &offset, nullptr),
            pcre2_code_free);
    }();
    const std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)> match(
        pcre2_match_data_create(1, nullptr), pcre2_match_data_free);
    return pcre2_match(pattern.get(), reinterpret_cast<PCRE2_SPTR>(character.data()), character.size(), 0,
                       PCRE2_NO_UTF_CHECK, match.get(), nullptr) > 0;
}

bool standsAlone(std::string_view before, std::string_view after) {
    const bool joinedBefore =
        !before.empty() && isWordCharacter(before.substr(before.size() - lastCharacter(before).bytes));
    const bool joinedAfter = !after.empty() && isWordCharacter(after.substr(0, firstCharacter(after).bytes));
    return !joinedBefore && !joinedAfter;
}

std::size_t whiteSpaceAtEnd(std::string_view text) {
    std::size_t bytes = 0;
    while (bytes < text.size()) {
        const Character last = lastCharacter(text.substr(0, text.size() - bytes));
        if (!isWhiteSpace(last.code))
            break;
        bytes += last.bytes;
    }
    return bytes;
}

std::size_t whiteSpaceAtStart(std::string_view text) {
    std::size_t bytes = 0;
    while (bytes < text.size()) {
        const Character first = firstCharacter(text.substr(bytes));
        if (!isWhiteSpace(first.code))
            break;
        bytes += first.bytes;
    }
    return bytes;
}

} // namespace

const int* AddedTokens::Tree::child(int node, char byte) const noexcept {
    for (const auto& [edge, target] : m_nodes[static_cast<std::size_t>(node)].children)
        if (edge == byte)
            return &target;
    return nullptr;
}

void AddedTokens::Tree::add(std::string_view content, int token) {
    m_first[static_cast<unsigned char>(content.front())] = true;
    int node = 0;
    for (const char byte : content) {
        if (const int* known = child(node, byte)) {
            node = *known;
            continue;
        }
        const int fresh = static_cast<int>(m_nodes.size());
        m_nodes[static_cast<std::size_t>(node)].children.emplace_back(byte, fresh);
        m_nodes.emplace_back();
        node = fresh;
    }
    m_nodes[static_cast<std::size_t>(node)].token = token;
}

int AddedTokens::Tree::longestAt(std::string_view text) const noexcept {
    int node = 0, longest = -1;
    for (const char byte : text) {
        const int* next = child(node, byte);
        if (!next)
            break;
        node = *next;
        if (const int token = m_nodes[static_cast<std::size_t>(node)].token; token >= 0)
            longest = token;
    }
    return longest;
}

AddedTokens::AddedTokens(std::vector<AddedToken> tokens) : m_tokens(std::move(tokens)) {
    for (std::size_t i = 0; i < m_tokens.size(); ++i)
        (m_tokens[i].normalized ? m_normalized : m_plain).add(m_tokens[i].content, static_cast<int>(i));
}

std::vector<AddedTokens::Segment> AddedTokens::split(std::string_view text, const Normalizer& normalizer,
                                                     std::deque<std::string>& rewritten) const {
    std::vector<Segment> segments;
    cut(text, m_plain, segments);
    std::vector<Segment> finer;
    std::string storage;
    for (const Segment& segment : segments) {
        if (segment.id) {
            finer.push_back(segment);
            continue;
        }
        std::string_view normal = normalizer.apply(segment.text, storage);
        if (normal.data() != segment.text.data())
            normal = rewritten.emplace_back(normal);
        cut(normal, m_normalized, finer);
    }
    return finer;
}

void AddedTokens::cut(std::string_view text, const Tree& tree, std::vector<Segment>& segments) const {
    std::size_t done = 0;
    for (std::size_t at = 0; at < text.size() && !tree.empty();) {
        const int index = tree.mayBegin(text[at]) ? tree.longestAt(text.substr(at)) : -1;
        if (index < 0) {
            ++at;
            continue;
        }
        const AddedToken& token = m_tokens[static_cast<std::size_t>(index)];
        std::size_t begin = at, end = at + token.content.size();
        if (token.singleWord && !standsAlone(text.substr(0, begin), text.substr(end))) {
            at = end;
            continue;
        }
        if (token.lstrip)
            begin -= whiteSpaceAtEnd(text.substr(done, begin - done));
        if (token.rstrip)
            end += whiteSpaceAtStart(text.substr(end));
        if (begin > done)
            segments.push_back({text.substr(done, begin - done), std::nullopt});
        segments.push_back({text.substr(begin, end - begin), static_cast<std::int32_t>(token.id)});
        done = at = end;
    }
    if (done < text.size())
        segments.push_back({text.substr(done), std::nullopt});
}

} // namespace steploom
