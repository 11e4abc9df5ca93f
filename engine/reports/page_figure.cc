// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/reports/page_figure.h"

#include "engine/core/error.h"

#include <cmath>
#include <string_view>

namespace steploom {
namespace {

/// The classes of ReportFigure::svg in the light colours, as app/widgets/theme.cc has them.
constexpr std::string_view kStyle = R"(
svg { font-family: Inter, sans-serif; color: #1B2430; }
.ink { color: #1B2430; } .dim { color: #667085; } .line { color: #E2E6EC; } .card { color: #FFFFFF; }
.member-0 { color: #2B5FB3; } .member-1 { color: #E69F00; } .member-2 { color: #009E73; }
.member-3 { color: #CC79A7; } .heat { color: #B33A3A; } .good { color: #2E7D5B; } .masked { color: #D5DAE1; }
)";
constexpr double kPointsPerPixel = 0.75; ///< CSS: 96 px an inch

[[noreturn]] void refuse(const std::string& caption, GError* error) {
    const std::string why = error ? error->message : "it has no size";
    g_clear_error(&error);
    throw Error(ErrorKind::File, {"cannot draw a figure of the report", caption, why,
                                  "Leave its section out of the report, or choose another format"});
}

} // namespace

PageFigure::PageFigure(const ReportFigure& figure) : m_caption(figure.caption) {
    GError* error = nullptr;
    m_svg.reset(rsvg_handle_new_from_data(reinterpret_cast<const guint8*>(figure.svg.data()),
                                          figure.svg.size(), &error));
    if (!m_svg || !rsvg_handle_set_stylesheet(m_svg.get(), reinterpret_cast<const guint8*>(kStyle.data()),
                                              kStyle.size(), &error))
        refuse(m_caption, error);
    rsvg_handle_set_dpi(m_svg.get(), 96);
    const auto fits = [](double length) { return std::isfinite(length) && length > 0 && length < 1e6; };
    if (!fits(figure.width) || !fits(figure.height))
        refuse(m_caption, nullptr);
    m_width = figure.width * kPointsPerPixel;
    m_height = figure.height * kPointsPerPixel;
}

void PageFigure::draw(cairo_t* cairo, double x, double y, double scale) const {
    const RsvgRectangle place{x, y, m_width * scale, m_height * scale};
    GError* error = nullptr;
    if (!rsvg_handle_render_document(m_svg.get(), cairo, &place, &error))
        refuse(m_caption, error);
}

} // namespace steploom
