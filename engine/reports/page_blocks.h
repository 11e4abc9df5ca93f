// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/reports/page_flow.h"
#include "engine/reports/report_document.h"

namespace steploom {

// One function for each kind of block: it puts the block where the flow stands and ends beneath it.

namespace page {
inline const PageTextStyle kBody{.size = 9.5};
inline const PageTextStyle kAside{.size = 8.5};
inline const PageTextStyle kCaption{.size = 9, .bold = true};
} // namespace page

/// The caption above a block, kept together with `following` points of it.
void layCaption(PageFlow& flow, const std::string& caption, double following);

/// Columns as wide as they need to be; where the page is too narrow words wrap, then the type gets smaller,
/// then the columns go on in a second table beneath, with the first column repeated.
void layTable(PageFlow& flow, const ReportTable& table);
/// At most four texts side by side; further ones in further bands.
void layTexts(PageFlow& flow, const ReportTexts& texts);
void layCode(PageFlow& flow, const ReportCode& code);

} // namespace steploom
