// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace steploom {

/// A point of a drawing, px: x to the right, y downwards.
struct DrawnPoint {
    double x = 0, y = 0;
};

struct DrawnBox {
    double left = 0, top = 0, width = 0, height = 0;

    double right() const noexcept { return left + width; }
    double bottom() const noexcept { return top + height; }
    bool meets(const DrawnBox& other) const noexcept {
        return left < other.right() && other.left < right() && top < other.bottom() && other.top < bottom();
    }
    bool holds(const DrawnBox& other) const noexcept {
        return other.left >= left && other.right() <= right() && other.top >= top &&
               other.bottom() <= bottom();
    }
};

/// Most px that a text of this size is wide in Inter or in what a system has instead of it.
double widthOfText(std::string_view text, double size);

struct DrawnStroke {
    double width = 1;
    std::string_view dashes = {}; ///< "4 3"; empty: solid
    double opacity = 1;
};

struct Lettering {
    std::string_view anchor = "start"; ///< "middle", "end"
    double size = 12;
    bool bold = false;
    bool upwards = false; ///< turned by a quarter, to be read from below
};

/// An <svg> element as ReportFigure has it: colours are classes alone, which set `color`; shapes are filled
/// and stroked with currentColor. No identifiers, so that a page can hold many.
class SvgDrawing {
public:
    static constexpr double kTextSize = 12;

    SvgDrawing(double width, double height) : m_width(width), m_height(height) {}

    void line(DrawnPoint from, DrawnPoint to, std::string_view colour, const DrawnStroke& stroke = {});
    void polyline(std::span<const DrawnPoint> points, std::string_view colour,
                  const DrawnStroke& stroke = {});
    void box(const DrawnBox& box, std::string_view colour, double opacity = 1, double radius = 0);
    void polygon(std::span<const DrawnPoint> corners, std::string_view colour, double opacity = 1);

    enum class Mark { Disc, Ring, Square, Triangle, Diamond };
    /// `radius`: half of the mark's size.
    void mark(Mark mark, DrawnPoint at, double radius, std::string_view colour, double opacity = 1);

    /// `at`: on the base line.
    void text(DrawnPoint at, std::string_view text, std::string_view colour, const Lettering& lettering = {});

    double width() const noexcept { return m_width; }
    double height() const noexcept { return m_height; }
    /// The whole element.
    std::string take();

private:
    double m_width, m_height;
    std::string m_content;
};

/// Class of a pool member's colour, "member-0"; those beyond the fourth share its colour.
std::string_view memberClass(std::size_t index) noexcept;

} // namespace steploom
