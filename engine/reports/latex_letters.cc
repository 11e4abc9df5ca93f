// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/reports/latex_letters.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace steploom {

namespace {

struct Letter {
    std::uint32_t codePoint;
    std::string_view latex;
};

/// Latin-1, Latin Extended-A, Greek and some signs, in the order of their numbers.
constexpr Letter kLetters[] = {
    {0xA0, "~"},
    {0xA1, "\\textexclamdown{}"},
    {0xA2, "\\textcent{}"},
    {0xA3, "\\pounds{}"},
    {0xA5, "\\textyen{}"},
    {0xA6, "\\textbrokenbar{}"},
    {0xA7, "\\S{}"},
    {0xA9, "\\textcopyright{}"},
    {0xAA, "\\textordfeminine{}"},
    {0xAB, "\\guillemotleft{}"},
    {0xAC, "\\textlnot{}"},
    {0xAE, "\\textregistered{}"},
    {0xB0, "\\textdegree{}"},
    {0xB1, "\\textpm{}"},
    {0xB2, "\\texttwosuperior{}"},
    {0xB3, "\\textthreesuperior{}"},
    {0xB5, "\\textmu{}"},
    {0xB6, "\\P{}"},
    {0xB7, "\\textperiodcentered{}"},
    {0xB9, "\\textonesuperior{}"},
    {0xBA, "\\textordmasculine{}"},
    {0xBB, "\\guillemotright{}"},
    {0xBC, "\\textonequarter{}"},
    {0xBD, "\\textonehalf{}"},
    {0xBE, "\\textthreequarters{}"},
    {0xBF, "\\textquestiondown{}"},
    {0xC0, "\\`{A}"},
    {0xC1, "\\'{A}"},
    {0xC2, "\\^{A}"},
    {0xC3, "\\~{A}"},
    {0xC4, "\\\"{A}"},
    {0xC5, "\\r{A}"},
    {0xC6, "\\AE{}"},
    {0xC7, "\\c{C}"},
    {0xC8, "\\`{E}"},
    {0xC9, "\\'{E}"},
    {0xCA, "\\^{E}"},
    {0xCB, "\\\"{E}"},
    {0xCC, "\\`{I}"},
    {0xCD, "\\'{I}"},
    {0xCE, "\\^{I}"},
    {0xCF, "\\\"{I}"},
    {0xD0, "\\DH{}"},
    {0xD1, "\\~{N}"},
    {0xD2, "\\`{O}"},
    {0xD3, "\\'{O}"},
    {0xD4, "\\^{O}"},
    {0xD5, "\\~{O}"},
    {0xD6, "\\\"{O}"},
    {0xD7, "\\texttimes{}"},
    {0xD8, "\\O{}"},
    {0xD9, "\\`{U}"},
    {0xDA, "\\'{U}"},
    {0xDB, "\\^{U}"},
    {0xDC, "\\\"{U}"},
    {0xDD, "\\'{Y}"},
    {0xDE, "\\TH{}"},
    {0xDF, "\\ss{}"},
    {0xE0, "\\`{a}"},
    {0xE1, "\\'{a}"},
    {0xE2, "\\^{a}"},
    {0xE3, "\\~{a}"},
    {0xE4, "\\\"{a}"},
    {0xE5, "\\r{a}"},
    {0xE6, "\\ae{}"},
    {0xE7, "\\c{c}"},
    {0xE8, "\\`{e}"},
    {0xE9, "\\'{e}"},
    {0xEA, "\\^{e}"},
    {0xEB, "\\\"{e}"},
    {0xEC, "\\`{\\i}"},
    {0xED, "\\'{\\i}"},
    {0xEE, "\\^{\\i}"},
    {0xEF, "\\\"{\\i}"},
    {0xF0, "\\dh{}"},
    {0xF1, "\\~{n}"},
    {0xF2, "\\`{o}"},
    {0xF3, "\\'{o}"},
    {0xF4, "\\^{o}"},
    {0xF5, "\\~{o}"},
    {0xF6, "\\\"{o}"},
    {0xF7, "\\textdiv{}"},
    {0xF8, "\\o{}"},
    {0xF9, "\\`{u}"},
    {0xFA, "\\'{u}"},
    {0xFB, "\\^{u}"},
    {0xFC, "\\\"{u}"},
    {0xFD, "\\'{y}"},
    {0xFE, "\\th{}"},
    {0xFF, "\\\"{y}"},
    {0x100, "\\={A}"},
    {0x101, "\\={a}"},
    {0x102, "\\u{A}"},
    {0x103, "\\u{a}"},
    {0x104, "\\k{A}"},
    {0x105, "\\k{a}"},
    {0x106, "\\'{C}"},
    {0x107, "\\'{c}"},
    {0x108, "\\^{C}"},
    {0x109, "\\^{c}"},
    {0x10A, "\\.{C}"},
    {0x10B, "\\.{c}"},
    {0x10C, "\\v{C}"},
    {0x10D, "\\v{c}"},
    {0x10E, "\\v{D}"},
    {0x10F, "\\v{d}"},
    {0x110, "\\DJ{}"},
    {0x111, "\\dj{}"},
    {0x112, "\\={E}"},
    {0x113, "\\={e}"},
    {0x114, "\\u{E}"},
    {0x115, "\\u{e}"},
    {0x116, "\\.{E}"},
    {0x117, "\\.{e}"},
    {0x118, "\\k{E}"},
    {0x119, "\\k{e}"},
    {0x11A, "\\v{E}"},
    {0x11B, "\\v{e}"},
    {0x11C, "\\^{G}"},
    {0x11D, "\\^{g}"},
    {0x11E, "\\u{G}"},
    {0x11F, "\\u{g}"},
    {0x120, "\\.{G}"},
    {0x121, "\\.{g}"},
    {0x122, "\\c{G}"},
    {0x123, "\\c{g}"},
    {0x124, "\\^{H}"},
    {0x125, "\\^{h}"},
    {0x128, "\\~{I}"},
    {0x129, "\\~{\\i}"},
    {0x12A, "\\={I}"},
    {0x12B, "\\={\\i}"},
    {0x12C, "\\u{I}"},
    {0x12D, "\\u{\\i}"},
    {0x12E, "\\k{I}"},
    {0x12F, "\\k{\\i}"},
    {0x130, "\\.{I}"},
    {0x131, "\\i{}"},
    {0x134, "\\^{J}"},
    {0x135, "\\^{\\j}"},
    {0x136, "\\c{K}"},
    {0x137, "\\c{k}"},
    {0x139, "\\'{L}"},
    {0x13A, "\\'{l}"},
    {0x13B, "\\c{L}"},
    {0x13C, "\\c{l}"},
    {0x13D, "\\v{L}"},
    {0x13E, "\\v{l}"},
    {0x141, "\\L{}"},
    {0x142, "\\l{}"},
    {0x143, "\\'{N}"},
    {0x144, "\\'{n}"},
    {0x145, "\\c{N}"},
    {0x146, "\\c{n}"},
    {0x147, "\\v{N}"},
    {0x148, "\\v{n}"},
    {0x14C, "\\={O}"},
    {0x14D, "\\={o}"},
    {0x14E, "\\u{O}"},
    {0x14F, "\\u{o}"},
    {0x150, "\\H{O}"},
    {0x151, "\\H{o}"},
    {0x152, "\\OE{}"},
    {0x153, "\\oe{}"},
    {0x154, "\\'{R}"},
    {0x155, "\\'{r}"},
    {0x156, "\\c{R}"},
    {0x157, "\\c{r}"},
    {0x158, "\\v{R}"},
    {0x159, "\\v{r}"},
    {0x15A, "\\'{S}"},
    {0x15B, "\\'{s}"},
    {0x15C, "\\^{S}"},
    {0x15D, "\\^{s}"},
    {0x15E, "\\c{S}"},
    {0x15F, "\\c{s}"},
    {0x160, "\\v{S}"},
    {0x161, "\\v{s}"},
    {0x162, "\\c{T}"},
    {0x163, "\\c{t}"},
    {0x164, "\\v{T}"},
    {0x165, "\\v{t}"},
    {0x168, "\\~{U}"},
    {0x169, "\\~{u}"},
    {0x16A, "\\={U}"},
    {0x16B, "\\={u}"},
    {0x16C, "\\u{U}"},
    {0x16D, "\\u{u}"},
    {0x16E, "\\r{U}"},
    {0x16F, "\\r{u}"},
    {0x170, "\\H{U}"},
    {0x171, "\\H{u}"},
    {0x172, "\\k{U}"},
    {0x173, "\\k{u}"},
    {0x174, "\\^{W}"},
    {0x175, "\\^{w}"},
    {0x176, "\\^{Y}"},
    {0x177, "\\^{y}"},
    {0x178, "\\\"{Y}"},
    {0x179, "\\'{Z}"},
    {0x17A, "\\'{z}"},
    {0x17B, "\\.{Z}"},
    {0x17C, "\\.{z}"},
    {0x17D, "\\v{Z}"},
    {0x17E, "\\v{z}"},
    {0x393, "\\ensuremath{\\Gamma}"},
    {0x394, "\\ensuremath{\\Delta}"},
    {0x398, "\\ensuremath{\\Theta}"},
    {0x39B, "\\ensuremath{\\Lambda}"},
    {0x39E, "\\ensuremath{\\Xi}"},
    {0x3A0, "\\ensuremath{\\Pi}"},
    {0x3A3, "\\ensuremath{\\Sigma}"},
    {0x3A5, "\\ensuremath{\\Upsilon}"},
    {0x3A6, "\\ensuremath{\\Phi}"},
    {0x3A8, "\\ensuremath{\\Psi}"},
    {0x3A9, "\\ensuremath{\\Omega}"},
    {0x3B1, "\\ensuremath{\\alpha}"},
    {0x3B2, "\\ensuremath{\\beta}"},
    {0x3B3, "\\ensuremath{\\gamma}"},
    {0x3B4, "\\ensuremath{\\delta}"},
    {0x3B5, "\\ensuremath{\\epsilon}"},
    {0x3B6, "\\ensuremath{\\zeta}"},
    {0x3B7, "\\ensuremath{\\eta}"},
    {0x3B8, "\\ensuremath{\\theta}"},
    {0x3B9, "\\ensuremath{\\iota}"},
    {0x3BA, "\\ensuremath{\\kappa}"},
    {0x3BB, "\\ensuremath{\\lambda}"},
    {0x3BC, "\\ensuremath{\\mu}"},
    {0x3BD, "\\ensuremath{\\nu}"},
    {0x3BE, "\\ensuremath{\\xi}"},
    {0x3C0, "\\ensuremath{\\pi}"},
    {0x3C1, "\\ensuremath{\\rho}"},
    {0x3C2, "\\ensuremath{\\varsigma}"},
    {0x3C3, "\\ensuremath{\\sigma}"},
    {0x3C4, "\\ensuremath{\\tau}"},
    {0x3C5, "\\ensuremath{\\upsilon}"},
    {0x3C6, "\\ensuremath{\\phi}"},
    {0x3C7, "\\ensuremath{\\chi}"},
    {0x3C8, "\\ensuremath{\\psi}"},
    {0x3C9, "\\ensuremath{\\omega}"},
    {0x2013, "\\textendash{}"},
    {0x2014, "\\textemdash{}"},
    {0x2018, "\\textquoteleft{}"},
    {0x2019, "\\textquoteright{}"},
    {0x201A, "\\quotesinglbase{}"},
    {0x201C, "\\textquotedblleft{}"},
    {0x201D, "\\textquotedblright{}"},
    {0x201E, "\\quotedblbase{}"},
    {0x2020, "\\textdagger{}"},
    {0x2021, "\\textdaggerdbl{}"},
    {0x2022, "\\textbullet{}"},
    {0x2026, "\\textellipsis{}"},
    {0x2030, "\\textperthousand{}"},
    {0x2032, "\\ensuremath{\\prime}"},
    {0x2039, "\\guilsinglleft{}"},
    {0x203A, "\\guilsinglright{}"},
    {0x20AC, "\\texteuro{}"},
    {0x2122, "\\texttrademark{}"},
    {0x2190, "\\textleftarrow{}"},
    {0x2191, "\\textuparrow{}"},
    {0x2192, "\\textrightarrow{}"},
    {0x2193, "\\textdownarrow{}"},
    {0x2208, "\\ensuremath{\\in}"},
    {0x2211, "\\ensuremath{\\sum}"},
    {0x2212, "\\textminus{}"},
    {0x221A, "\\ensuremath{\\surd}"},
    {0x221E, "\\ensuremath{\\infty}"},
    {0x2229, "\\ensuremath{\\cap}"},
    {0x222A, "\\ensuremath{\\cup}"},
    {0x2248, "\\ensuremath{\\approx}"},
    {0x2260, "\\ensuremath{\\neq}"},
    {0x2264, "\\ensuremath{\\leq}"},
    {0x2265, "\\ensuremath{\\geq}"},
};

/// Printable ASCII that is a command, or that T1 fonts join with its neighbour or turn into another sign.
std::string_view commandOfAscii(char c) {
    switch (c) {
    case '\\':
        return "\\textbackslash{}";
    case '{':
        return "\\{";
    case '}':
        return "\\}";
    case '$':
        return "\\$";
    case '&':
        return "\\&";
    case '#':
        return "\\#";
    case '%':
        return "\\%";
    case '_':
        return "\\_";
    case '^':
        return "\\textasciicircum{}";
    case '~':
        return "\\textasciitilde{}";
    case '"':
        return "\\textquotedbl{}";
    case '\'':
        return "\\textquotesingle{}";
    case '`':
        return "\\textasciigrave{}";
    case '<':
        return "\\textless{}";
    case '>':
        return "\\textgreater{}";
    case '|':
        return "\\textbar{}";
    case '-':
        return "-{}"; // two would be a dash
    case ',':
        return ",{}"; // two would be a quotation mark
    default:
        return {};
    }
}

} // namespace

std::string latexLetter(std::uint32_t codePoint) {
    if (codePoint < 0x80u) {
        const char c = static_cast<char>(codePoint);
        const std::string_view command = commandOfAscii(c);
        return command.empty() ? std::string(1, c) : std::string(command);
    }
    const auto found = std::ranges::lower_bound(kLetters, codePoint, {}, &Letter::codePoint);
    if (found != std::end(kLetters) && found->codePoint == codePoint)
        return std::string(found->latex);
    return fmt::format("[U+{:04X}]", codePoint);
}

} // namespace steploom
