// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/reports/page_object.h"

#include <pango/pango.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace steploom {

struct PageTextStyle {
    double size = 9.5;     ///< points
    bool bold = false;     ///< half bold, as headings are
    bool code = false;     ///< in a monospace font
    bool tabular = false;  ///< figures of one width
    double leading = 1.42; ///< height of a line over the size; a taller font gets what it needs

    PageTextStyle sized(double points) const {
        PageTextStyle style = *this;
        style.size = points;
        return style;
    }
};

/// One line of text, set and ready to be drawn.
struct PageLine {
    std::shared_ptr<PangoLayout> layout; ///< what `line` belongs to
    PangoLayoutLine* line = nullptr;
    double width = 0, height = 0; ///< points
    double baseline = 0;          ///< below the top
    bool rightToLeft = false;
};

double heightOf(const std::vector<PageLine>& lines);

/// Sets text with Pango, in Inter where it is installed. Nothing depends on locale, screen or what else the
/// process has set: the same text gives the same lines. Text is printed as printableText() has it. An object
/// of it, and the lines made by it, belong to one thread at a time.
class PageText {
public:
    PageText();

    /// Broken at `width` points: between words, within one where a word is wider. At least one line. Takes
    /// time in proportion to the text, whatever it holds.
    std::vector<PageLine> lines(std::string_view text, const PageTextStyle& style, double width) const;
    /// One line, cut off with "…" where it is wider.
    PageLine line(std::string_view text, const PageTextStyle& style, double width) const;
    /// Width of the widest line when nothing is broken; of a very long text what its beginning takes.
    double widthOf(std::string_view text, const PageTextStyle& style) const;
    /// Width of the longest word, as above.
    double wordWidthOf(std::string_view text, const PageTextStyle& style) const;

private:
    std::shared_ptr<PangoLayout> layoutOf(std::string_view printable, const PageTextStyle& style) const;
    double measured(std::string_view printable, const PageTextStyle& style) const;

    ObjectPtr<PangoFontMap> m_fonts;
    ObjectPtr<PangoContext> m_context;
};

} // namespace steploom
