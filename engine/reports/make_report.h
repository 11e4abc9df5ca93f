// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/reports/report_choice.h"
#include "engine/reports/report_document.h"
#include "engine/runs/run.h"

#include <span>

namespace steploom {

class RunStore;

/// What a report of these runs says. The same store and choice give the same document, at any time. A part
/// that has nothing to show is left out, or says in one line why. Throws Error(Request) when the choice names
/// no run, Error(Store) when one is not there or cannot be read.
ReportDocument makeReport(const RunStore& store, const ReportChoice& choice);

/// The runs of a choice, in its order. Throws as makeReport() does.
std::vector<Run> runsOfReport(const RunStore& store, const ReportChoice& choice);
/// The same of runs that are read already, which are those of the choice.
ReportDocument makeReport(const RunStore& store, const ReportChoice& choice, std::span<const Run> runs);

} // namespace steploom
