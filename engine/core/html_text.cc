// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/html_text.h"

namespace steploom {

std::string escapedHtml(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        case '\'':
            out += "&#39;";
            break;
        case '\n':
        case '\t':
            out += c;
            break;
        default:
            if (static_cast<unsigned char>(c) < 0x20u || c == '\x7F')
                out += "\uFFFD";
            else
                out += c;
        }
    }
    return out;
}

} // namespace steploom
