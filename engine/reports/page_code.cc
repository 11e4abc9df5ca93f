// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/reports/page_blocks.h"

namespace steploom {
namespace {

const PageTextStyle kCode{.size = 7.5, .code = true, .leading = 1.5};
constexpr double kPadding = 8;

} // namespace

void layCode(PageFlow& flow, const ReportCode& code) {
    FlowColumn column;
    column.x = page::kLeft + kPadding;
    column.width = page::kTextWidth - 2 * kPadding;
    column.lines = flow.text().lines(code.text, kCode, column.width);
    const double height = heightOf(column.lines) + 2 * kPadding;
    layCaption(flow, code.caption, std::min(height, 60.0));
    if (height < page::kTextHeight / 4)
        flow.keepTogether(height);
    flow.flow(std::span(&column, 1), {.padding = kPadding, .ground = true});
}

} // namespace steploom
