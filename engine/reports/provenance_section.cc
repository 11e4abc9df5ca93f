// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/models/precision_text.h"
#include "engine/reports/repeat_command.h"
#include "engine/reports/report_material.h"
#include "engine/reports/run_text.h"
#include "engine/reports/value_text.h"
#include "engine/runs/run_json.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <utility>

namespace steploom {

namespace {

/// "1, 2, 5"
std::string listOf(const std::vector<std::int64_t>& runs) { return fmt::format("{}", fmt::join(runs, ", ")); }

/// Rows that several runs have are written once, with the runs' numbers in front.
class SharedRows {
public:
    void add(std::int64_t run, std::vector<std::string> row) {
        const auto found = std::ranges::find(
            m_rows, row, &std::pair<std::vector<std::string>, std::vector<std::int64_t>>::first);
        if (found == m_rows.end())
            m_rows.push_back({std::move(row), {run}});
        else if (found->second.back() != run)
            found->second.push_back(run);
    }
    std::vector<std::vector<std::string>> take() {
        std::vector<std::vector<std::string>> rows;
        for (auto& [cells, runs] : m_rows) {
            cells.insert(cells.begin(), listOf(runs));
            rows.push_back(std::move(cells));
        }
        return rows;
    }

private:
    std::vector<std::pair<std::vector<std::string>, std::vector<std::int64_t>>> m_rows;
};

ReportTable checkpointTable(const ReportMaterial& material) {
    SharedRows rows;
    for (const Run& run : material.runs) {
        const auto& pool = run.summary.request.pool;
        for (std::size_t i = 0; i < pool.size(); ++i) {
            const ModelFacts facts =
                i < run.provenance.members.size() ? run.provenance.members[i] : ModelFacts{};
            rows.add(run.summary.id,
                     {std::string(1, pool[i].letter), pool[i].name, facts.architecture,
                      countText(static_cast<double>(facts.parameters)), std::to_string(facts.blocks),
                      storedPrecision(facts), std::string(precisionName(pool[i].precision)),
                      computedPrecision(facts), pool[i].sha256});
        }
    }
    return {.caption = "Checkpoints",
            .columns = {{"runs"},
                        {"member"},
                        {"checkpoint"},
                        {"kind"},
                        {"parameters", true},
                        {"blocks", true},
                        {"stored"},
                        {"asked for"},
                        {"computed in"},
                        {"SHA-256"}},
            .rows = rows.take()};
}

ReportTable evaluatorTable(const ReportMaterial& material) {
    SharedRows rows;
    for (const Run& run : material.runs)
        for (const Measure& measure : run.summary.measures)
            rows.add(run.summary.id, {measureTitle(measure), measure.estimator, jsonText(measure.settings)});
    return {.caption = "How it was measured",
            .columns = {{"runs"}, {"measure"}, {"estimator"}, {"settings"}},
            .rows = rows.take()};
}

ReportTable machineTable(const ReportMaterial& material) {
    ReportTable table{.caption = "When and where it was made",
                      .columns = {{"run"},
                                  {"seed", true},
                                  {"started (UTC)"},
                                  {"time", true},
                                  {"Steploom"},
                                  {"oneDNN"},
                                  {"processor"},
                                  {"threads", true}}};
    for (const Run& run : material.runs) {
        const Provenance& made = run.provenance;
        table.rows.push_back({runName(run.summary), std::to_string(run.summary.request.seed),
                              run.summary.started, durationText(run.summary.seconds), made.version,
                              made.onednn, made.processor, std::to_string(made.threads)});
    }
    return table;
}

/// Runs that were branched say from where; notes are the researcher's.
void addRemarks(const ReportMaterial& material, std::vector<ReportBlock>& blocks) {
    for (const Run& run : material.runs) {
        if (const auto& branch = run.summary.request.branch)
            blocks.emplace_back(
                ReportParagraph{fmt::format("Run {} was branched from run {}, sample {}, at step {}.",
                                            run.summary.id, branch->parent, branch->sample, branch->step)});
        if (!run.summary.note.empty())
            blocks.emplace_back(
                ReportParagraph{fmt::format("Note on run {}: {}", run.summary.id, run.summary.note)});
        if (!run.summary.tags.empty())
            blocks.emplace_back(ReportParagraph{
                fmt::format("Tags of run {}: {}", run.summary.id, fmt::join(run.summary.tags, ", "))});
    }
}

} // namespace

std::vector<ReportBlock> provenanceBlocks(const ReportMaterial& material) {
    std::vector<ReportBlock> blocks;
    for (ReportTable table : {checkpointTable(material), machineTable(material), evaluatorTable(material)})
        if (!table.rows.empty())
            blocks.emplace_back(std::move(table));
    addRemarks(material, blocks);
    std::string commands;
    for (const Run& run : material.runs)
        commands += fmt::format("{}# {}\n{}\n", commands.empty() ? "" : "\n",
                                shortened(runName(run.summary), 120), commandOf(run.summary));
    blocks.emplace_back(ReportCode{"To make the runs again", std::move(commands)});
    return blocks;
}

} // namespace steploom
