// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/reports/page_object.h"
#include "engine/reports/report_document.h"

#include <cairo.h>
#include <librsvg/rsvg.h>

namespace steploom {

/// A figure as librsvg has read it, in the colours of paper. It loads nothing from outside of itself.
class PageFigure {
public:
    /// Throws Error(File) when the SVG cannot be read.
    explicit PageFigure(const ReportFigure& figure);

    double width() const noexcept { return m_width; } ///< points, unscaled
    double height() const noexcept { return m_height; }
    /// With its top left corner at (x, y), `scale` times its own size, as vectors where the surface keeps
    /// them. Throws Error(File).
    void draw(cairo_t* cairo, double x, double y, double scale) const;

private:
    ObjectPtr<RsvgHandle> m_svg;
    std::string m_caption;
    double m_width = 0, m_height = 0;
};

} // namespace steploom
