// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/training/text_stretches.h"

namespace steploom {
namespace {

bool isLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// The first place to cut at or after `from`, or the text's end. Line breaks are "\n" or "\r\n".
std::size_t nextCut(std::string_view text, std::size_t from) {
    for (std::size_t at = text.find('\n', from); at != std::string_view::npos; at = text.find('\n', at + 1)) {
        const std::size_t lineEnd = at > 0 && text[at - 1] == '\r' ? at - 1 : at;
        if (lineEnd > 0 && isLetter(text[lineEnd - 1]))
            return lineEnd;
    }
    return text.size();
}

} // namespace

std::vector<std::string_view> stretchesOf(std::string_view document, std::size_t bytes) {
    std::vector<std::string_view> stretches;
    while (document.size() > bytes) {
        const std::size_t end = nextCut(document, bytes);
        stretches.push_back(document.substr(0, end));
        document.remove_prefix(end);
    }
    if (!document.empty())
        stretches.push_back(document);
    return stretches;
}

} // namespace steploom
