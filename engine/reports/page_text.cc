// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/reports/page_text.h"

#include "engine/reports/printable_text.h"

#include <pango/pangocairo.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace steploom {
namespace {

/// Bytes that are set at once. Pango's time to break a paragraph grows with its square, so a long text is set
/// in pieces: the last line of a piece is set once more as the first of the next.
constexpr std::size_t kPiece = 1024;
/// The same within a word that fills lines, where every character is a place to try.
constexpr std::size_t kPieceOfWord = 256;
/// Bytes that are looked at for the width of a column: more than any column holds in one line.
constexpr std::size_t kMeasured = 600;

double points(int pangoUnits) { return static_cast<double>(pangoUnits) / PANGO_SCALE; }

/// The longest beginning of valid UTF-8 of at most `bytes` that does not cut a character.
std::string_view beginning(std::string_view text, std::size_t bytes) {
    if (text.size() <= bytes)
        return text;
    while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0u) == 0x80u)
        --bytes;
    return text.substr(0, bytes);
}

std::string_view nextPiece(std::string_view rest) {
    const std::string_view ofWord = beginning(rest, kPieceOfWord);
    return ofWord.find_first_of(" \n") == std::string_view::npos ? ofWord : beginning(rest, kPiece);
}

PageLine lineOf(const std::shared_ptr<PangoLayout>& layout, PangoLayoutLine* line,
                const PageTextStyle& style) {
    PangoRectangle extents;
    pango_layout_line_get_extents(line, nullptr, &extents);
    PageLine result;
    result.layout = layout;
    result.line = line;
    result.width = points(extents.width);
    result.height = std::max(points(extents.height), style.size * style.leading);
    result.baseline = (result.height - points(extents.height)) / 2 - points(extents.y);
    result.rightToLeft = pango_layout_line_get_resolved_direction(line) == PANGO_DIRECTION_RTL;
    return result;
}

} // namespace

double heightOf(const std::vector<PageLine>& lines) {
    double height = 0;
    for (const PageLine& line : lines)
        height += line.height;
    return height;
}

PageText::PageText()
    : m_fonts(pango_cairo_font_map_new()), m_context(pango_font_map_create_context(m_fonts.get())) {
    // Metrics as they are designed, so that a page is the same at every size and on every surface.
    cairo_font_options_t* options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    pango_cairo_context_set_font_options(m_context.get(), options);
    cairo_font_options_destroy(options);
    pango_context_set_round_glyph_positions(m_context.get(), FALSE);
    // Else the locale's, which chooses among fonts.
    pango_context_set_language(m_context.get(), pango_language_from_string("en"));
}

std::shared_ptr<PangoLayout> PageText::layoutOf(std::string_view printable,
                                                const PageTextStyle& style) const {
    std::shared_ptr<PangoLayout> layout(pango_layout_new(m_context.get()), ObjectUnref());
    PangoFontDescription* font = pango_font_description_new();
    pango_font_description_set_family_static(font,
                                             style.code ? "DejaVu Sans Mono,monospace" : "Inter,sans-serif");
    pango_font_description_set_absolute_size(font, std::round(style.size * PANGO_SCALE));
    pango_font_description_set_weight(font, style.bold ? PANGO_WEIGHT_SEMIBOLD : PANGO_WEIGHT_NORMAL);
    pango_layout_set_font_description(layout.get(), font);
    pango_font_description_free(font);
    if (style.tabular || style.code) {
        PangoAttrList* attributes = pango_attr_list_new();
        // Code: "!=" and "->" are two characters each, and are to be copied as such.
        pango_attr_list_insert(attributes,
                               pango_attr_font_features_new(style.code ? "liga=0, calt=0" : "tnum=1"));
        pango_layout_set_attributes(layout.get(), attributes);
        pango_attr_list_unref(attributes);
    }
    pango_layout_set_wrap(layout.get(), PANGO_WRAP_WORD_CHAR);
    pango_layout_set_text(layout.get(), printable.data(), static_cast<int>(printable.size()));
    return layout;
}

std::vector<PageLine> PageText::lines(std::string_view text, const PageTextStyle& style, double width) const {
    const std::string printable = printableText(text);
    std::vector<PageLine> result;
    for (std::string_view rest = printable;;) {
        const std::string_view piece = nextPiece(rest);
        const std::shared_ptr<PangoLayout> layout = layoutOf(piece, style);
        pango_layout_set_width(layout.get(), static_cast<int>(std::max(1.0, width) * PANGO_SCALE));
        const bool whole = piece.size() == rest.size();
        std::size_t used = piece.size();
        for (GSList* at = pango_layout_get_lines_readonly(layout.get()); at; at = at->next) {
            auto* line = static_cast<PangoLayoutLine*>(at->data);
            const int start = pango_layout_line_get_start_index(line);
            if (!whole && !at->next && start > 0) {
                used = static_cast<std::size_t>(start);
                break;
            }
            result.push_back(lineOf(layout, line, style));
        }
        if (whole)
            return result;
        rest.remove_prefix(used);
    }
}

PageLine PageText::line(std::string_view text, const PageTextStyle& style, double width) const {
    std::string printable = printableText(text.substr(0, kPiece));
    std::ranges::replace(printable, '\n', ' ');
    const std::shared_ptr<PangoLayout> layout = layoutOf(printable, style);
    pango_layout_set_width(layout.get(), static_cast<int>(std::max(1.0, width) * PANGO_SCALE));
    pango_layout_set_ellipsize(layout.get(), PANGO_ELLIPSIZE_END);
    return lineOf(layout, pango_layout_get_line_readonly(layout.get(), 0), style);
}

double PageText::measured(std::string_view printable, const PageTextStyle& style) const {
    int width = 0;
    pango_layout_get_size(layoutOf(beginning(printable, kMeasured), style).get(), &width, nullptr);
    return points(width);
}

double PageText::widthOf(std::string_view text, const PageTextStyle& style) const {
    return measured(printableText(text.substr(0, kMeasured)), style);
}

double PageText::wordWidthOf(std::string_view text, const PageTextStyle& style) const {
    const std::string printable = printableText(text.substr(0, kMeasured));
    std::string_view longest;
    for (std::string_view rest = printable; !rest.empty();) {
        const std::string_view word = rest.substr(0, rest.find_first_of(" \n\t"));
        if (word.size() > longest.size())
            longest = word;
        rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    }
    return measured(longest, style);
}

} // namespace steploom
