// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/reports/pdf_report.h"

#include "engine/core/error.h"
#include "engine/reports/page_drawing.h"
#include "engine/reports/page_layout.h"
#include "engine/reports/printable_text.h"
#include "engine/reports/value_text.h"

#include <cairo-pdf.h>
#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace steploom {
namespace {

struct SurfaceDestroy {
    void operator()(cairo_surface_t* surface) const noexcept { cairo_surface_destroy(surface); }
};
struct CairoDestroy {
    void operator()(cairo_t* cairo) const noexcept { cairo_destroy(cairo); }
};

cairo_status_t append(void* file, const unsigned char* bytes, unsigned length) noexcept {
    try {
        static_cast<std::string*>(file)->append(reinterpret_cast<const char*>(bytes), length);
        return CAIRO_STATUS_SUCCESS;
    } catch (const std::exception&) {
        return CAIRO_STATUS_NO_MEMORY;
    }
}

void require(cairo_status_t status) {
    if (status != CAIRO_STATUS_SUCCESS)
        throw Error(ErrorKind::File, {"cannot write the report as PDF", "", cairo_status_to_string(status),
                                      "Choose fewer runs or another format"});
}

constexpr std::size_t kLongestTitle = 300; ///< characters of a bookmark, and of the metadata

/// On one line.
std::string titleText(const std::string& text) { return shortened(printableText(text), kLongestTitle); }

bool isDate(const std::string& date) {
    constexpr std::string_view kForm = "0000-00-00T00:00:00Z";
    return std::ranges::equal(
        date, kForm, [](char c, char form) { return form == '0' ? c >= '0' && c <= '9' : c == form; });
}

void setMetadata(cairo_surface_t* surface, const ReportDocument& document) {
    const auto set = [&](cairo_pdf_metadata_t key, const std::string& value) {
        if (!value.empty())
            cairo_pdf_surface_set_metadata(surface, key, value.c_str());
    };
    set(CAIRO_PDF_METADATA_TITLE, titleText(document.title));
    set(CAIRO_PDF_METADATA_AUTHOR, titleText(document.author));
    set(CAIRO_PDF_METADATA_CREATOR, titleText(document.program));
    // Never Cairo's own, which is the time of writing.
    const std::string date = isDate(document.date) ? document.date : "1970-01-01T00:00:00Z";
    set(CAIRO_PDF_METADATA_CREATE_DATE, date);
    set(CAIRO_PDF_METADATA_MOD_DATE, date);
}

void addBookmarks(cairo_surface_t* surface, const PagedReport& report) {
    int section = CAIRO_PDF_OUTLINE_ROOT;
    for (const PageBookmark& bookmark : report.bookmarks) {
        const std::string title = titleText(bookmark.title);
        const int added = cairo_pdf_surface_add_outline(
            surface, bookmark.depth == 0 ? CAIRO_PDF_OUTLINE_ROOT : section, title.c_str(),
            fmt::format("dest='{}'", bookmark.leadsTo).c_str(), static_cast<cairo_pdf_outline_flags_t>(0));
        if (bookmark.depth == 0)
            section = added;
    }
}

} // namespace

std::string pdfReport(const ReportDocument& document) {
    const PagedReport report = layPages(document);
    std::string file;
    const std::unique_ptr<cairo_surface_t, SurfaceDestroy> surface(
        cairo_pdf_surface_create_for_stream(&append, &file, page::kWidth, page::kHeight));
    setMetadata(surface.get(), document);
    {
        const std::unique_ptr<cairo_t, CairoDestroy> cairo(cairo_create(surface.get()));
        for (const Page& page : report.pages) {
            drawPage(page, cairo.get());
            cairo_show_page(cairo.get());
        }
        require(cairo_status(cairo.get()));
    }
    addBookmarks(surface.get(), report);
    cairo_surface_finish(surface.get());
    require(cairo_surface_status(surface.get()));
    return file;
}

struct ReportPages::Laid {
    PagedReport report;
};

ReportPages::ReportPages(const ReportDocument& document)
    : m_laid(std::make_unique<Laid>(layPages(document))) {}

ReportPages::~ReportPages() = default;
ReportPages::ReportPages(ReportPages&&) noexcept = default;
ReportPages& ReportPages::operator=(ReportPages&&) noexcept = default;

int ReportPages::count() const noexcept { return static_cast<int>(m_laid->report.pages.size()); }
double ReportPages::width() const noexcept { return page::kWidth; }
double ReportPages::height() const noexcept { return page::kHeight; }

void ReportPages::draw(int page, cairo_t* cairo) const {
    if (page < 0 || page >= count())
        throw Error(ErrorKind::File, {"cannot draw a page of the report", fmt::format("page {}", page + 1),
                                      fmt::format("it has {} pages", count()), "Choose one of them"});
    drawPage(m_laid->report.pages[static_cast<std::size_t>(page)], cairo);
}

} // namespace steploom
