// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/reports/report_document.h"
#include "engine/runs/run.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace steploom {

class RunStore;

/// What the sections of a report are made of. Borrowed for the call.
struct ReportMaterial {
    const RunStore& store;
    std::span<const Run> runs; ///< at least one
    int samples = 3;           ///< shown of each run
    /// Indices into `runs` of those whose requests differ in their seed alone, by their first run; a run that
    /// differs from all others is a group of its own. A request made twice with one seed made the same
    /// samples: only the one with more of them is in a group.
    std::vector<std::vector<std::size_t>> groups = {};

    /// Whether some group has several runs, so that there are means over seeds.
    bool repeated() const noexcept {
        return std::ranges::any_of(groups, [](const auto& group) { return group.size() > 1; });
    }
};

std::vector<std::vector<std::size_t>> groupsBySettings(std::span<const Run> runs);

/// Names of the runs' measures without the entropy, which belongs to the perplexity, in the order in which
/// they are met; generative perplexity first.
std::vector<std::string> measureNames(std::span<const Run> runs);
/// Mean over runs of a group, whose measures without a finite value are left out; n counts the runs.
Estimate overSeeds(const ReportMaterial& material, std::span<const std::size_t> group, std::string_view name);
/// The measure of that name; entropy is counted from the samples where it was not kept. n = 0: not known.
Estimate estimateOf(const Run& run, std::string_view name);

/// SHA-256 of the evaluator that judged the run; empty: none did, or it is not known.
std::string evaluatorOf(const RunSummary& run);

// A section each, without id and title. No blocks: it has nothing to say.
std::vector<ReportBlock> summaryBlocks(const ReportMaterial& material);
std::vector<ReportBlock> scheduleBlocks(const ReportMaterial& material);
std::vector<ReportBlock> chartBlocks(const ReportMaterial& material);
std::vector<ReportBlock> importanceBlocks(const ReportMaterial& material);
std::vector<ReportBlock> searchBlocks(const ReportMaterial& material);
std::vector<ReportBlock> sampleBlocks(const ReportMaterial& material);
std::vector<ReportBlock> configurationBlocks(const ReportMaterial& material);
std::vector<ReportBlock> provenanceBlocks(const ReportMaterial& material);

} // namespace steploom
