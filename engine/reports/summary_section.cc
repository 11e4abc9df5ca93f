// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/comparisons/run_comparison.h"
#include "engine/core/error.h"
#include "engine/reports/report_material.h"
#include "engine/reports/run_text.h"
#include "engine/reports/value_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>

namespace steploom {

namespace {

constexpr const char* kNone = "–";
constexpr std::size_t kMeasuresInTable = 5;

using Column = ReportTable::Column;

std::string countOf(std::size_t count, std::string_view one, std::string_view several) {
    return fmt::format("{} {}", count, count == 1 ? one : several);
}

/// "3 runs of 2 checkpoints: H heavy, L light; 12 samples of 128 tokens in all."
std::string opening(const ReportMaterial& material) {
    std::set<std::string> pools;
    std::set<int> lengths;
    std::size_t samples = 0;
    for (const Run& run : material.runs) {
        std::string pool;
        for (const PoolMemberSpec& member : run.summary.request.pool)
            pool += fmt::format("{}{} {}", pool.empty() ? "" : ", ", member.letter, member.name);
        pools.insert(pool);
        lengths.insert(run.summary.request.length);
        samples += run.samples.size();
    }
    std::string text = countOf(material.runs.size(), "run", "runs");
    if (pools.size() == 1 && !pools.begin()->empty())
        text += fmt::format(" of {}", *pools.begin());
    else if (pools.size() > 1)
        text += fmt::format(" of {} pools of models", pools.size());
    text += fmt::format("; {}", countOf(samples, "finished sample", "finished samples"));
    if (lengths.size() == 1)
        text += fmt::format(" of {} tokens", *lengths.begin());
    return text + ".";
}

std::string samplesText(const RunSummary& run) {
    std::string text = run.finishedSamples == run.request.samples
                           ? std::to_string(run.finishedSamples)
                           : fmt::format("{} of {}", run.finishedSamples, run.request.samples);
    return run.state == RunState::Finished ? text : fmt::format("{}, {}", text, runStateName(run.state));
}

ReportTable costTable(const ReportMaterial& material) {
    ReportTable table{.caption = "What the runs cost, a sample on average",
                      .columns = {{"run"},
                                  {"samples", true},
                                  {"steps", true},
                                  {"light steps", true},
                                  {"saved, blocks only", true},
                                  {"saved, nominal", true},
                                  {"saved, executed", true},
                                  {"FLOPs executed", true},
                                  {"time", true}}};
    for (const Run& run : material.runs) {
        const RunSummary& s = run.summary;
        const int n = s.finishedSamples;
        table.rows.push_back({runName(s), samplesText(s), std::to_string(s.request.schedule.steps()),
                              shareText(s.cost.lightShare), shareText(s.cost.blocksOnlySaving),
                              shareText(s.cost.nominalSaving), shareText(s.cost.executedSaving),
                              n > 0 ? flopsText(s.executedFlops / n) : kNone,
                              n > 0 ? durationText(s.seconds / n) : kNone});
    }
    return table;
}

/// Heading of a measure, as the first run that has it puts it.
std::string titleOf(std::span<const Run> runs, const std::string& name) {
    for (const Run& run : runs)
        if (const Measure* measure = run.summary.measure(name))
            return measureTitle(*measure);
    return name == "entropy" ? "entropy, nats" : name;
}

/// With its n where that is not the run's samples.
std::string measuredText(const Estimate& estimate, int samples) {
    if (estimate.n == 0)
        return kNone;
    return estimateText(estimate) + (estimate.n == samples ? "" : fmt::format(" (n = {})", estimate.n));
}

/// Perplexity never stands without entropy: text that repeats itself is likely, and says nothing.
std::vector<std::string> namesWithEntropy(std::span<const Run> runs) {
    std::vector<std::string> names = measureNames(runs);
    const bool perplexity = !names.empty() && names.front() == "generative_perplexity";
    names.insert(names.begin() + (perplexity ? 1 : 0), "entropy");
    return names;
}

std::vector<ReportBlock> measureTables(const ReportMaterial& material) {
    std::vector<ReportBlock> blocks;
    const std::vector<std::string> names = namesWithEntropy(material.runs);
    for (std::size_t begin = 0; begin < names.size(); begin += kMeasuresInTable) {
        const std::size_t end = std::min(names.size(), begin + kMeasuresInTable);
        ReportTable table{.caption = begin == 0 ? "Measures with 95% intervals" : "Measures, continued",
                          .columns = {{"run"}, {"n", true}}};
        for (std::size_t i = begin; i < end; ++i)
            table.columns.push_back({titleOf(material.runs, names[i]), true});
        for (const Run& run : material.runs) {
            const int n = run.summary.finishedSamples;
            std::vector<std::string>& row = table.rows.emplace_back();
            row = {runName(run.summary), std::to_string(n)};
            for (std::size_t i = begin; i < end; ++i)
                row.push_back(measuredText(estimateOf(run, names[i]), n));
        }
        blocks.emplace_back(std::move(table));
    }
    return blocks;
}

ReportTable seedTable(const ReportMaterial& material) {
    ReportTable table{.caption = "Means over runs that differ in their seed alone",
                      .columns = {{"settings"}, {"runs", true}, {"seeds"}}};
    std::vector<std::string> names = namesWithEntropy(material.runs);
    names.resize(std::min(names.size(), kMeasuresInTable));
    for (const std::string& name : names)
        table.columns.push_back({titleOf(material.runs, name), true});
    table.columns.push_back({"FLOPs executed", true});
    table.columns.push_back({"time, s", true});
    for (const std::vector<std::size_t>& group : material.groups) {
        if (group.size() < 2)
            continue;
        std::vector<std::string>& row = table.rows.emplace_back();
        std::string seeds;
        std::vector<double> flops, seconds;
        for (const std::size_t i : group) {
            const RunSummary& run = material.runs[i].summary;
            seeds += fmt::format("{}{}", seeds.empty() ? "" : ", ", run.request.seed);
            if (run.finishedSamples > 0) {
                flops.push_back(run.executedFlops / run.finishedSamples);
                seconds.push_back(run.seconds / run.finishedSamples);
            }
        }
        row = {settingsName(material.runs[group.front()].summary.request), std::to_string(group.size()),
               shortened(seeds, 40)};
        for (const std::string& name : names)
            row.push_back(measuredText(overSeeds(material, group, name), static_cast<int>(group.size())));
        const Estimate meanFlops = meanWithInterval(flops);
        row.push_back(flops.empty() ? kNone : flopsText(meanFlops.value));
        row.push_back(estimateText(meanWithInterval(seconds)));
    }
    return table;
}

std::vector<TextScore> scoresOf(const Run& run) {
    std::vector<TextScore> scores;
    for (const RunSample& sample : run.samples)
        scores.push_back(sample.score.value_or(TextScore{})); // without a scored token: left out of the pairs
    return scores;
}

std::string ratioText(const Estimate& ratio) {
    return std::isfinite(ratio.low) && std::isfinite(ratio.high)
               ? fmt::format("{} ({}–{})", numberText(ratio.value), numberText(ratio.low),
                             numberText(ratio.high))
               : numberText(ratio.value);
}

/// Every run less the first one, sample against sample, where both have the same random numbers.
std::vector<ReportBlock> pairedTable(const ReportMaterial& material) {
    const Run& first = material.runs.front();
    ReportTable table{.caption = fmt::format("Paired differences from run {}", runName(first.summary)),
                      .columns = {{"run"},
                                  {"pairs", true},
                                  {"nats a token", true},
                                  {"p", true},
                                  {"perplexity ratio", true},
                                  {"entropy, nats", true}}};
    const std::vector<TextScore> firstScores = scoresOf(first);
    const std::string evaluator = evaluatorOf(first.summary);
    for (const Run& run : material.runs.subspan(1)) {
        // Scores of two evaluators cannot be subtracted; entropy is counted without one.
        const bool oneEvaluator = !evaluator.empty() && evaluatorOf(run.summary) == evaluator;
        try {
            const RunComparison found = compareRuns(first, firstScores, run, scoresOf(run));
            if (found.entropy.n == 0)
                continue;
            const bool judged = oneEvaluator && found.natsPerToken.n > 0;
            table.rows.push_back(
                {runName(run.summary), std::to_string(found.entropy.n),
                 judged ? estimateText(found.natsPerToken) : kNone, judged ? numberText(found.pValue) : kNone,
                 judged ? ratioText(found.perplexityRatio) : kNone, estimateText(found.entropy)});
        } catch (const Error&) { // of another seed, length or prompt: nothing is shared
        }
    }
    if (table.rows.empty())
        return {};
    return {table, ReportParagraph{
                       "Run less the first one, sample against sample of the same seed, whose random numbers "
                       "are the same; intervals of the paired t test. A perplexity ratio below 1 is better "
                       "than the first run. Runs of another seed, length or prompt are left out.",
                       true}};
}

/// What CALM drew below temperature 1; empty where no run did.
std::string drawsText(const ReportMaterial& material) {
    std::string text;
    for (const Run& run : material.runs)
        for (const auto& [letter, member] : run.summary.work.members)
            if (member.draws > member.sampleCalls)
                text += fmt::format(
                    "{}{}, {}: {} draws a vector, acceptance {}{}.", text.empty() ? "" : " ",
                    runName(run.summary), letter,
                    numberText(static_cast<double>(member.draws) / static_cast<double>(member.sampleCalls)),
                    numberText(static_cast<double>(member.sampleCalls) /
                               static_cast<double>(std::max<std::int64_t>(1, member.attempts))),
                    member.fallBacks > 0
                        ? fmt::format(", {} by their counts at the limit of draws", member.fallBacks)
                        : std::string());
    return text;
}

/// What every member did, a line each.
std::vector<ReportBlock> workTable(const ReportMaterial& material) {
    ReportTable table{.caption = "Work done, unfinished samples included",
                      .columns = {{"run"},
                                  {"member"},
                                  {"calls", true},
                                  {"network calls", true},
                                  {"rows a call", true},
                                  {"FLOPs executed", true},
                                  {"time in calls", true},
                                  {"time, all", true},
                                  {"batch", true},
                                  {"peak memory", true}}};
    for (const Run& run : material.runs) {
        const RunWork& done = run.summary.work;
        for (const auto& [letter, member] : done.members) {
            if (member.sampleCalls == 0)
                continue; // no step was this one's
            table.rows.push_back(
                {runName(run.summary), std::string(1, letter), std::to_string(member.sampleCalls),
                 std::to_string(member.networkCalls),
                 member.sampleCalls > 0 ? numberText(member.rowsPerCall()) : kNone, flopsText(member.flops),
                 durationText(member.seconds), durationText(run.summary.seconds),
                 done.batch > 0 ? std::to_string(done.batch) : kNone,
                 done.peakMemory > 0 ? memoryText(static_cast<double>(done.peakMemory)) : kNone});
        }
    }
    if (table.rows.empty())
        return {};
    std::vector<ReportBlock> blocks{
        table,
        ReportParagraph{"Calls count every sample in a call of the network; rows are the positions of a "
                        "sample that passed its last block and output layer. Peak memory is the most "
                        "that the process had held.",
                        true}};
    if (const std::string draws = drawsText(material); !draws.empty())
        blocks.push_back(ReportParagraph{draws, true});
    return blocks;
}

} // namespace

std::vector<ReportBlock> summaryBlocks(const ReportMaterial& material) {
    std::vector<ReportBlock> blocks = {ReportParagraph{opening(material)}};
    const auto add = [&blocks](std::vector<ReportBlock> more) {
        std::ranges::move(more, std::back_inserter(blocks));
    };
    add(measureTables(material));
    blocks.emplace_back(ReportParagraph{"± is half of the 95% interval over samples; where that is not "
                                        "symmetric, its ends stand in brackets. "
                                        "Perplexity falls when text repeats itself; entropy (unigram, of a "
                                        "sample's tokens) shows that, so the two "
                                        "belong together.",
                                        true});
    if (material.repeated())
        add({seedTable(material), ReportParagraph{"Here the interval is over runs, by Student's t.", true}});
    if (material.runs.size() > 1)
        add(pairedTable(material));
    blocks.emplace_back(costTable(material));
    blocks.emplace_back(ReportParagraph{"Savings are shares of what the first pool member alone would cost: "
                                        "blocks only counts every step and the "
                                        "transformer blocks, nominal adds the output layer for all rows, "
                                        "executed counts the calls that reveal "
                                        "something and the rows they ask for; for the threshold order, where "
                                        "the network decides, it compares upper "
                                        "bounds.",
                                        true});
    add(workTable(material));
    return blocks;
}

} // namespace steploom
