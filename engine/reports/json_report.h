// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/reports/report_choice.h"
#include "engine/reports/report_document.h"
#include "engine/runs/run.h"

#include <span>
#include <string>

namespace steploom {

class RunStore;

/// Version of the documents that are written here; later ones are refused.
inline constexpr int kReportFormat = 1;

/// The runs to their last bit as one JSON document in ASCII, which importReport() reads again:
///
///     {steploom_report: 1, program, title, author, remarks, date, runs: [run as in bundles
///     (bundled_run_json.h)
///      with id and traces: [base64 of a trace as in the store (trace_blob.h)], one a sample]}
///
/// A run that is running is left out, for it may be another one a moment later, and so is one that no import
/// would take. `store` knows the runs that others were branched from. With `indent` ≥ 0 it is spread over
/// lines.
std::string jsonReport(const ReportDocument& document, const RunStore& store, std::span<const Run> runs,
                       int indent);

} // namespace steploom
