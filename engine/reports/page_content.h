// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/reports/page_figure.h"
#include "engine/reports/page_style.h"
#include "engine/reports/page_text.h"

#include <memory>
#include <string>
#include <vector>

namespace steploom {

// What a page is made of, placed: points from its top left corner.

struct PlacedText {
    PageLine line;
    double x = 0, y = 0; ///< top left corner
    PageInk ink = PageInk::Ink;
    std::string leadsTo; ///< name of a mark; empty: no link
};

struct PlacedBox {
    double x = 0, y = 0, width = 0, height = 0;
    PageInk ink = PageInk::Line;
};

struct PlacedFigure {
    std::shared_ptr<const PageFigure> figure;
    double x = 0, y = 0, scale = 1;
};

/// A place that links and bookmarks lead to.
struct PageMark {
    std::string name; ///< letters, digits and hyphens
    double y = 0;
};

struct Page {
    std::vector<PlacedBox> boxes; ///< beneath the rest
    std::vector<PlacedText> texts;
    std::vector<PlacedFigure> figures;
    std::vector<PageMark> marks;
};

struct PageBookmark {
    std::string title;
    std::string leadsTo; ///< name of a mark
    int depth = 0;       ///< 0: a section, 1: something in it
    int page = 0;        ///< from 0
};

/// A report laid out. It belongs to one thread at a time.
struct PagedReport {
    PageText text; ///< first: the lines hold on to its fonts
    std::vector<Page> pages;
    std::vector<PageBookmark> bookmarks;
};

} // namespace steploom
