// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/reports/page_content.h"
#include "engine/reports/report_document.h"

namespace steploom {

/// Lays a report out on pages: title, contents, sections, and a line above and below each page. Throws
/// Error(File) when a figure cannot be read.
PagedReport layPages(const ReportDocument& document);

} // namespace steploom
