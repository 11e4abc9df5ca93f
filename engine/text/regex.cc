// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/text/regex.h"

#include "engine/core/error.h"
#include "engine/text/characters.h"

#include <fmt/format.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <algorithm>
#include <array>
#include <new>

namespace steploom {
namespace {

std::string messageOf(int code) {
    std::array<PCRE2_UCHAR, 256> text{};
    pcre2_get_error_message(code, text.data(), text.size());
    return reinterpret_cast<const char*>(text.data());
}

/// Characters of a pattern at most; those of published tokenizers have two hundred.
constexpr std::size_t kLongestPattern = 10'000;

/// Steps that one match may take. Patterns that cut words take some for each character, which in a run of
/// white space is looked through to its end; a pattern that tries every way to divide the text (`(a+)+$`)
/// takes exponentially many, and PCRE2's own limit is a minute's work for each place of the text.
std::uint32_t mostSteps(std::size_t textBytes) {
    constexpr std::size_t kAnyText = 100'000, kEachByte = 50, kMost = 10'000'000;
    return static_cast<std::uint32_t>(std::min(kMost, kAnyText + kEachByte * std::min(textBytes, kMost)));
}
constexpr std::uint32_t kMostHeapKibibytes = 64 * 1024;

[[noreturn]] void refuse(const std::string& where, std::string why) {
    throw Error(ErrorKind::Tokenizer, {"cannot use the tokenizer's split pattern", where, std::move(why),
                                       "Use a pattern that both PCRE2 and Oniguruma understand"});
}

/// Rewrites Oniguruma's meaning into PCRE2's, see the class comment. `\S` inside a class stays PCRE2's, which
/// differs in U+180E alone.
std::string translate(const std::string& pattern, const std::string& where) {
    std::string result;
    bool inClass = false;
    std::size_t classContent = 0; ///< where the class's first member stands: a ']' there is a member
    for (std::size_t at = 0; at < pattern.size(); ++at) {
        const char c = pattern[at];
        const char next = at + 1 < pattern.size() ? pattern[at + 1] : '\0';
        if (c == '\\' && next == 's') {
            result += inClass ? std::string(kWhiteSpaceClass) : fmt::format("[{}]", kWhiteSpaceClass);
            ++at;
        } else if (c == '\\' && next == 'S' && !inClass) {
            result += fmt::format("[^{}]", kWhiteSpaceClass);
            ++at;
        } else if (c == '\\' && at + 1 < pattern.size()) {
            result.append({c, next});
            ++at;
        } else if (!inClass && c == '[') {
            inClass = true;
            classContent = at + (next == '^' ? 2 : 1);
            result += c;
        } else if (inClass && c == '[' && next == ':') {
            const std::size_t end = pattern.find(":]", at + 2);
            if (end == std::string::npos)
                refuse(where, fmt::format("the class at character {} is not closed", at));
            result += pattern.substr(at, end + 2 - at);
            at = end + 1;
        } else if (inClass && (c == '[' || (c == '&' && next == '&'))) {
            refuse(where,
                   fmt::format("the set at character {} of \"{}\" nests or intersects sets", at, pattern));
        } else {
            inClass = inClass && !(c == ']' && at != classContent);
            result += c;
        }
    }
    return result;
}

using MatchContext = std::unique_ptr<pcre2_match_context, decltype(&pcre2_match_context_free)>;
using MatchData = std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)>;

} // namespace

struct Regex::Code {
    std::unique_ptr<pcre2_code, decltype(&pcre2_code_free)> code{nullptr, pcre2_code_free};
};

Regex::Regex(const std::string& pattern, const std::string& where) : m_pattern(pattern) {
    if (pattern.size() > kLongestPattern)
        refuse(where, fmt::format("it has {} bytes, more than the {} that a pattern may have", pattern.size(),
                                  kLongestPattern));
    const std::string translated = translate(pattern, where);
    int problem = 0;
    PCRE2_SIZE offset = 0;
    const auto code = std::make_shared<Code>();
    code->code.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(translated.data()), translated.size(),
                                   PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C, &problem, &offset,
                                   nullptr));
    if (!code->code)
        refuse(where, fmt::format("\"{}\" cannot be compiled: {}", pattern, messageOf(problem)));
    // Where there is no just-in-time compiler the pattern is interpreted: slower, same result.
    pcre2_jit_compile(code->code.get(), PCRE2_JIT_COMPLETE);
    m_code = code;
}

void Regex::isolate(std::string_view text, std::vector<std::string_view>& pieces) const {
    const auto* subject = reinterpret_cast<PCRE2_SPTR>(text.data());
    const MatchData match(pcre2_match_data_create(1, nullptr), pcre2_match_data_free);
    const MatchContext limits(pcre2_match_context_create(nullptr), pcre2_match_context_free);
    if (!match || !limits)
        throw std::bad_alloc();
    pcre2_set_match_limit(limits.get(), mostSteps(text.size()));
    pcre2_set_heap_limit(limits.get(), kMostHeapKibibytes);
    const PCRE2_SIZE* span = pcre2_get_ovector_pointer(match.get());
    std::size_t done = 0; // end of the last piece
    std::size_t from = 0; // where the next match may begin
    while (from < text.size()) {
        int found = pcre2_match(m_code->code.get(), subject, text.size(), from, PCRE2_NO_UTF_CHECK,
                                match.get(), limits.get());
        if (found == PCRE2_ERROR_JIT_STACKLIMIT) // the interpreter keeps its state on the heap
            found = pcre2_match(m_code->code.get(), subject, text.size(), from,
                                PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, match.get(), limits.get());
        if (found == PCRE2_ERROR_NOMATCH)
            break;
        if (found < 0)
            refuse(fmt::format("byte {} of the text", from),
                   fmt::format("matching \"{}\" gave up: {}", m_pattern, messageOf(found)));
        const std::size_t begin = span[0], end = span[1];
        if (begin < done || end <= begin) { // an empty match cuts nothing
            from = std::max(from, begin);
            if (from < text.size())
                from += firstCharacter(text.substr(from)).bytes;
            continue;
        }
        if (begin > done)
            pieces.push_back(text.substr(done, begin - done));
        pieces.push_back(text.substr(begin, end - begin));
        done = from = end;
    }
    if (done < text.size())
        pieces.push_back(text.substr(done));
}

} // namespace steploom
