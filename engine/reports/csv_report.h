// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/reports/report_choice.h"
#include "engine/runs/run.h"

#include <span>
#include <string>
#include <string_view>

namespace steploom {

// CSV as RFC 4180 has it: UTF-8, lines end in CR LF, numbers with every digit that they have and a point.
// What is not a number of Steploom's own and begins as a formula would (= + - @, tab, line end) gets an
// apostrophe in front, so that no spreadsheet computes what a model wrote.

/// A text as a cell.
std::string csvCell(std::string_view text);

/// A row for each measure of each run: run, started, state, label, schedule, pool, seed, measure, unit,
/// value, low, high, n, estimator. What the runs cost comes first, as measures without an interval.
std::string longCsv(std::span<const Run> runs);

/// A row a run: settings, cost, and for every measure that one of them has NAME, NAME_low, NAME_high, NAME_n;
/// then prompt and note, and with the part Samples the choice's first texts as text_INDEX.
std::string wideCsv(std::span<const Run> runs, const ReportChoice& choice);

} // namespace steploom
