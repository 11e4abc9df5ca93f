// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/reports/report_document.h"

#include <memory>
#include <string>

typedef struct _cairo cairo_t; // NOLINT: as Cairo declares it

namespace steploom {

/// A report as a PDF file on A4: text that can be searched and copied, figures as vectors, bookmarks of the
/// sections, a contents list that links to them. The same document gives the same bytes, in any process and
/// locale, as long as the fonts are the same. Throws Error(File) when a figure cannot be drawn.
std::string pdfReport(const ReportDocument& document);

/// The same pages one by one, for a preview. An object of it belongs to one thread at a time.
class ReportPages {
public:
    /// Lays the whole report out. Throws Error(File) when a figure cannot be read.
    explicit ReportPages(const ReportDocument& document);
    ~ReportPages();
    ReportPages(ReportPages&&) noexcept;
    ReportPages& operator=(ReportPages&&) noexcept;

    int count() const noexcept;
    double width() const noexcept; ///< of every page, points
    double height() const noexcept;
    /// Draws the page (from 0) with its top left corner at the origin of `cairo`, in points, without the
    /// paper. Throws Error(File) when there is no such page or it cannot be drawn.
    void draw(int page, cairo_t* cairo) const;

private:
    struct Laid;
    std::unique_ptr<Laid> m_laid;
};

} // namespace steploom
