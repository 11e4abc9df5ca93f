// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/reports/page_drawing.h"

#include "engine/core/error.h"

#include <pango/pangocairo.h>

#include <fmt/format.h>

namespace steploom {
namespace {

void setInk(cairo_t* cairo, PageInk ink) {
    const PageColor color = pageColor(ink);
    cairo_set_source_rgb(cairo, color.red, color.green, color.blue);
}

void drawText(const PlacedText& text, cairo_t* cairo) {
    setInk(cairo, text.ink);
    cairo_move_to(cairo, text.x, text.y + text.line.baseline);
    if (!text.leadsTo.empty())
        cairo_tag_begin(cairo, CAIRO_TAG_LINK, fmt::format("dest='{}'", text.leadsTo).c_str());
    pango_cairo_show_layout_line(cairo, text.line.line);
    if (!text.leadsTo.empty())
        cairo_tag_end(cairo, CAIRO_TAG_LINK);
}

} // namespace

void drawPage(const Page& page, cairo_t* cairo) {
    cairo_save(cairo);
    for (const PlacedBox& box : page.boxes) {
        setInk(cairo, box.ink);
        cairo_rectangle(cairo, box.x, box.y, box.width, box.height);
        cairo_fill(cairo);
    }
    for (const PageMark& mark : page.marks) {
        // An explicit place: without one it would be that of what is drawn within the tag. In whole points,
        // since Cairo reads decimals as the locale writes them.
        const std::string place = fmt::format("name='{}' x={:.0f} y={:.0f}", mark.name, page::kLeft, mark.y);
        cairo_tag_begin(cairo, CAIRO_TAG_DEST, place.c_str());
        cairo_tag_end(cairo, CAIRO_TAG_DEST);
    }
    for (const PlacedFigure& figure : page.figures)
        figure.figure->draw(cairo, figure.x, figure.y, figure.scale);
    for (const PlacedText& text : page.texts)
        drawText(text, cairo);
    cairo_restore(cairo);
    if (const cairo_status_t status = cairo_status(cairo); status != CAIRO_STATUS_SUCCESS)
        throw Error(ErrorKind::File, {"cannot draw a page of the report", "", cairo_status_to_string(status),
                                      "Choose fewer runs or another format"});
}

} // namespace steploom
