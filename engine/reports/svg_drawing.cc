// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/reports/svg_drawing.h"

#include "engine/reports/inert_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace steploom {

namespace {

/// Two decimals at most: "12", "12.5". Nothing here is finer, and files stay small.
std::string px(double value) {
    std::string text = fmt::format("{:.2f}", value);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.'))
        text.pop_back();
    return text == "-0" ? "0" : text;
}

std::string strokeOf(const DrawnStroke& stroke) {
    std::string text;
    if (stroke.width != 1)
        text += fmt::format(" stroke-width=\"{}\"", px(stroke.width));
    if (!stroke.dashes.empty())
        text += fmt::format(" stroke-dasharray=\"{}\"", stroke.dashes);
    if (stroke.opacity != 1)
        text += fmt::format(" stroke-opacity=\"{}\"", px(stroke.opacity));
    return text;
}

std::string fillOpacity(double opacity) {
    return opacity == 1 ? std::string() : fmt::format(" fill-opacity=\"{}\"", px(opacity));
}

std::string listOf(std::span<const DrawnPoint> points) {
    std::string list;
    for (const DrawnPoint& point : points)
        list += fmt::format("{}{},{}", list.empty() ? "" : " ", px(point.x), px(point.y));
    return list;
}

/// Shares of the text size: of Inter, which is wider than most, rounded up.
double widthOf(char c) {
    if (std::string_view("ijl|!'.,:;").find(c) != std::string_view::npos)
        return 0.3;
    if (std::string_view(" ()[]frtI/\\-").find(c) != std::string_view::npos)
        return 0.42;
    if (std::string_view("mwMW%@").find(c) != std::string_view::npos)
        return 0.95;
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ? 0.7 : 0.62;
}

} // namespace

double widthOfText(std::string_view text, double size) {
    double width = 0;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x80u)
            width += widthOf(c);
        else if ((byte & 0xC0u) ==
                 0xC0u) // the first byte of a character; of three, it may be as wide as high
            width += byte < 0xE3u ? 0.7 : 1.05;
    }
    return width * size;
}

void SvgDrawing::line(DrawnPoint from, DrawnPoint to, std::string_view colour, const DrawnStroke& stroke) {
    fmt::format_to(std::back_inserter(m_content),
                   "<line class=\"{}\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" stroke=\"currentColor\"{}/>\n",
                   colour, px(from.x), px(from.y), px(to.x), px(to.y), strokeOf(stroke));
}

void SvgDrawing::polyline(std::span<const DrawnPoint> points, std::string_view colour,
                          const DrawnStroke& stroke) {
    fmt::format_to(std::back_inserter(m_content),
                   "<polyline class=\"{}\" points=\"{}\" fill=\"none\" stroke=\"currentColor\" "
                   "stroke-linejoin=\"round\"{}/>\n",
                   colour, listOf(points), strokeOf(stroke));
}

void SvgDrawing::box(const DrawnBox& box, std::string_view colour, double opacity, double radius) {
    fmt::format_to(
        std::back_inserter(m_content),
        "<rect class=\"{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"currentColor\"{}{}/>\n",
        colour, px(box.left), px(box.top), px(box.width), px(box.height), fillOpacity(opacity),
        radius > 0 ? fmt::format(" rx=\"{}\"", px(radius)) : std::string());
}

void SvgDrawing::polygon(std::span<const DrawnPoint> corners, std::string_view colour, double opacity) {
    fmt::format_to(std::back_inserter(m_content),
                   "<polygon class=\"{}\" points=\"{}\" fill=\"currentColor\"{}/>\n", colour, listOf(corners),
                   fillOpacity(opacity));
}

void SvgDrawing::mark(Mark mark, DrawnPoint at, double radius, std::string_view colour, double opacity) {
    const double x = at.x, y = at.y, r = radius;
    switch (mark) {
    case Mark::Disc:
        fmt::format_to(std::back_inserter(m_content),
                       "<circle class=\"{}\" cx=\"{}\" cy=\"{}\" r=\"{}\" fill=\"currentColor\"{}/>\n",
                       colour, px(x), px(y), px(r), fillOpacity(opacity));
        return;
    case Mark::Ring:
        fmt::format_to(
            std::back_inserter(m_content),
            "<circle class=\"{}\" cx=\"{}\" cy=\"{}\" r=\"{}\" fill=\"none\" stroke=\"currentColor\" "
            "stroke-width=\"2\"{}/>\n",
            colour, px(x), px(y), px(r),
            opacity == 1 ? "" : fmt::format(" stroke-opacity=\"{}\"", px(opacity)));
        return;
    case Mark::Square:
        box({x - r, y - r, 2 * r, 2 * r}, colour, opacity);
        return;
    case Mark::Triangle:
        polygon(std::array<DrawnPoint, 3>{{{x, y - 1.2 * r}, {x + 1.15 * r, y + r}, {x - 1.15 * r, y + r}}},
                colour, opacity);
        return;
    case Mark::Diamond:
        polygon(
            std::array<DrawnPoint, 4>{
                {{x, y - 1.3 * r}, {x + 1.3 * r, y}, {x, y + 1.3 * r}, {x - 1.3 * r, y}}},
            colour, opacity);
        return;
    }
}

void SvgDrawing::text(DrawnPoint at, std::string_view text, std::string_view colour,
                      const Lettering& lettering) {
    const std::string place =
        lettering.upwards ? fmt::format("transform=\"translate({} {}) rotate(-90)\"", px(at.x), px(at.y))
                          : fmt::format("x=\"{}\" y=\"{}\"", px(at.x), px(at.y));
    fmt::format_to(std::back_inserter(m_content),
                   "<text class=\"{}\" {}{}{}{} fill=\"currentColor\">{}</text>\n", colour, place,
                   lettering.anchor == "start" ? "" : fmt::format(" text-anchor=\"{}\"", lettering.anchor),
                   lettering.size == kTextSize ? "" : fmt::format(" font-size=\"{}\"", px(lettering.size)),
                   lettering.bold ? " font-weight=\"600\"" : "", inertHtml(text));
}

std::string SvgDrawing::take() {
    return fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" "
                       "height=\"{1}\" font-family=\"Inter, sans-serif\" font-size=\"{2}\">\n{3}</svg>",
                       px(m_width), px(m_height), px(kTextSize), m_content);
}

std::string_view memberClass(std::size_t index) noexcept {
    static constexpr std::array<std::string_view, 4> kClasses = {"member-0", "member-1", "member-2",
                                                                 "member-3"};
    return kClasses[std::min(index, kClasses.size() - 1)];
}

} // namespace steploom
