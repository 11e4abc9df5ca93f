// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/reports/run_text.h"
#include "engine/runs/run.h"

#include <nlohmann/json.hpp>

#include <string>

namespace steploom::cli {

/// What the commands print of runs. The JSON keys are the command line's contract: add, never rename.

/// {steps, light_share, blocks_only_saving, …, seconds}; everything per sample, seconds null when not timed.
nlohmann::json costJson(const ScheduleCost& cost);
/// costJson and what was measured: seconds_measured (all samples), calls {letter: sample-calls},
/// flops_measured.
nlohmann::json measuredCostJson(const RunSummary& run);
/// {batch, peak_memory, members: {letter: {sample_calls, network_calls, rows, rows_per_call, flops,
/// seconds; of CALM draws, attempts, fall_backs}}} of the whole run, unfinished samples included; null when
/// nobody counted (older runs).
nlohmann::json workJson(const RunSummary& run);
/// {value, low, high, n}; bounds of an interval that is infinite are null.
nlohmann::json estimateJson(const Estimate& estimate);
/// {name: {value, low, high, n, …}}; bounds of an interval that is infinite are null.
nlohmann::json measuresJson(const std::vector<Measure>& measures);
nlohmann::json sampleJson(const RunSample& sample);
/// {run, sample, step} of the run it was branched from, or null.
nlohmann::json parentJson(const GenerationRequest& request);
nlohmann::json summaryJson(const RunSummary& run);
nlohmann::json provenanceJson(const Run& run);

/// The same for people.
/// "branched from run 3, sample 0, at step 40" with a newline; empty when it was not.
std::string parentText(const GenerationRequest& request);
/// In which order a kind of model writes, and how it draws: orderText() of masked diffusion; "vector by
/// vector, temperature 0.5 by 200 draws"; "token by token, top-k 40".
std::string writingText(const GenerationRequest& request, GenerationKind kind);
/// The same of a run.
std::string writingText(const Run& run);
std::string costText(const ScheduleCost& cost);
std::string measuredText(const RunSummary& run);
/// A line for each pool member: checkpoint, precisions stored, asked for and used, SHA-256.
std::string membersText(const Run& run);
/// One estimate of a run as "31.22 ± 0.87", or "–".
std::string measureText(const RunSummary& run, std::string_view name);

} // namespace steploom::cli
