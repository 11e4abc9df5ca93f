// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/reports/page_content.h"

namespace steploom {

/// Draws a page in points, without the paper. On a PDF surface marks and links are kept. Throws Error(File)
/// when Cairo or librsvg refuses.
void drawPage(const Page& page, cairo_t* cairo);

} // namespace steploom
