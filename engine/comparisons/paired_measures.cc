// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/comparisons/paired_measures.h"

#include "engine/comparisons/sample_pairs.h"
#include "engine/measures/generative_perplexity.h"
#include "engine/measures/welch.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <utility>

namespace steploom {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// A measure of each sample, in the run's order; NaN where a sample has none.
std::vector<double> valuesOf(const Run& run, SampleMeasure measure) {
    std::vector<double> values;
    values.reserve(run.samples.size());
    for (const RunSample& sample : run.samples) {
        switch (measure) {
        case SampleMeasure::LogPerplexity:
            values.push_back(
                sample.score && sample.score->tokens > 0 ? sample.score->nats / sample.score->tokens : kNaN);
            break;
        case SampleMeasure::Entropy:
            values.push_back(unigramEntropyOf(sample.trace.tokens));
            break;
        case SampleMeasure::Flops:
            values.push_back(sample.trace.flops);
            break;
        case SampleMeasure::Seconds:
            values.push_back(sample.trace.seconds);
            break;
        }
    }
    return values;
}

/// The values to compare: of pairs, place by place; of two sides that are not paired, each its own.
struct Sides {
    std::vector<double> run, baseline;
    bool paired = false;
};

Sides sidesOf(const Run& run, const Run& baseline, SampleMeasure measure, bool paired) {
    const std::vector<double> ofRun = valuesOf(run, measure), ofBaseline = valuesOf(baseline, measure);
    Sides sides{{}, {}, paired};
    if (paired) {
        for (const auto& [inRun, inBaseline] : samplePairs(run, baseline)) {
            if (std::isnan(ofRun[inRun]) || std::isnan(ofBaseline[inBaseline]))
                continue;
            sides.run.push_back(ofRun[inRun]);
            sides.baseline.push_back(ofBaseline[inBaseline]);
        }
        return sides;
    }
    const auto known = [](double value) { return !std::isnan(value); };
    std::ranges::copy_if(ofRun, std::back_inserter(sides.run), known);
    std::ranges::copy_if(ofBaseline, std::back_inserter(sides.baseline), known);
    return sides;
}

double meanOf(const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// (run − baseline) / baseline by the delta method.
Estimate relativeDifference(const Sides& sides, double level) {
    if (sides.paired) {
        Estimate ratio = ratioWithInterval(sides.run, sides.baseline, level);
        ratio.value -= 1;
        ratio.low -= 1;
        ratio.high -= 1;
        return ratio;
    }
    // The spread of a ratio R of independent means is that of the mean of run − R · baseline, over the
    // baseline's.
    const double mean = meanOf(sides.baseline), ratio = meanOf(sides.run) / mean;
    std::vector<double> scaled = sides.baseline;
    for (double& value : scaled)
        value *= ratio;
    const Estimate spread = unpairedDifference(sides.run, scaled, level);
    return {ratio - 1, ratio - 1 + spread.low / mean, ratio - 1 + spread.high / mean, spread.n};
}

MeasureDifference differenceOf(const Sides& sides, bool relative, double level) {
    MeasureDifference difference;
    if (relative)
        difference.estimate = relativeDifference(sides, level);
    else
        difference.estimate = sides.paired ? pairedDifference(sides.run, sides.baseline, level)
                                           : unpairedDifference(sides.run, sides.baseline, level);
    difference.pValue =
        sides.paired ? pairedPValue(sides.run, sides.baseline) : unpairedPValue(sides.run, sides.baseline);
    return difference;
}

/// Name and hash of what judged a run; empty when nothing did.
std::pair<std::string, std::string> judgeOf(const RunSummary& run) {
    const Measure* perplexity = run.measure("generative_perplexity");
    if (!perplexity)
        return {};
    const auto text = [&](const char* key) {
        const auto found = perplexity->settings.find(key);
        return found != perplexity->settings.end() && found->is_string() ? found->get<std::string>()
                                                                         : std::string();
    };
    return {text("evaluator"), text("evaluator_sha256") + text("evaluator_precision")};
}

/// Why a measure of two runs has no difference; empty where it has one.
std::string whyMissing(const Run& run, const Run& baseline, SampleMeasure measure, const Sides& sides) {
    if (measure == SampleMeasure::LogPerplexity) {
        const auto [name, identity] = judgeOf(run.summary);
        const auto [baselineName, baselineIdentity] = judgeOf(baseline.summary);
        for (const Run* each : {&run, &baseline})
            if (judgeOf(each->summary).second.empty() && judgeOf(each->summary).first.empty())
                return fmt::format("no evaluator has judged run {}", each->summary.id);
        if (identity != baselineIdentity)
            return fmt::format("they were judged by different evaluators ({} and {})", name, baselineName);
    }
    if (sides.run.empty() || sides.baseline.empty())
        return sides.paired ? "they have no sample in common" : "a run has no finished sample";
    if (measure == SampleMeasure::Seconds || measure == SampleMeasure::Flops)
        if (!(meanOf(sides.baseline) > 0))
            return "the baseline does not know it";
    return {};
}

struct Outcome {
    std::optional<MeasureDifference> difference;
    std::string missing; ///< why there is none
};

Outcome outcomeOf(const Run& run, const Run& baseline, const SampleMeasureFacts& facts, double level) {
    const bool paired = whyUnpaired(baseline.summary, run.summary).empty();
    const Sides sides = sidesOf(run, baseline, facts.measure, paired);
    Outcome outcome{{}, whyMissing(run, baseline, facts.measure, sides)};
    if (outcome.missing.empty())
        outcome.difference = differenceOf(sides, facts.relative, level);
    return outcome;
}

RunDifference differencesOf(const Run& run, const Run& baseline, double level) {
    RunDifference difference;
    difference.unpaired = whyUnpaired(baseline.summary, run.summary);
    difference.pairs = static_cast<int>(samplePairs(run, baseline).size());
    if (baseline.summary.cost.blocksOnlyFlops > 0 && run.summary.cost.blocksOnlyFlops > 0)
        difference.blocksOnly = run.summary.cost.blocksOnlyFlops / baseline.summary.cost.blocksOnlyFlops - 1;
    for (const SampleMeasureFacts& facts : sampleMeasures()) {
        const auto at = static_cast<std::size_t>(facts.measure);
        Outcome outcome = outcomeOf(run, baseline, facts, level);
        difference.measures[at] = outcome.difference;
        difference.missing[at] = std::move(outcome.missing);
    }
    return difference;
}

/// Adjusts the p-values of a measure for there being one for each run.
void adjust(std::vector<RunDifference>& runs, std::size_t measure) {
    std::vector<double> pValues;
    std::vector<MeasureDifference*> differences;
    for (RunDifference& run : runs)
        if (run.measures[measure] && !std::isnan(run.measures[measure]->pValue)) {
            differences.push_back(&*run.measures[measure]);
            pValues.push_back(differences.back()->pValue);
        }
    const std::vector<double> adjusted = benjaminiHochberg(pValues);
    for (std::size_t i = 0; i < adjusted.size(); ++i)
        differences[i]->adjusted = adjusted[i];
}

/// The run that every other one is clearly above.
std::optional<std::size_t> bestOf(std::span<const Run> runs, const SampleMeasureFacts& facts, double level) {
    for (std::size_t candidate = 0; candidate < runs.size(); ++candidate) {
        bool best = runs.size() > 1;
        for (std::size_t other = 0; best && other < runs.size(); ++other) {
            if (other == candidate)
                continue;
            const auto difference = outcomeOf(runs[candidate], runs[other], facts, level).difference;
            best = difference && difference->estimate.high < 0;
        }
        if (best)
            return candidate;
    }
    return std::nullopt;
}

} // namespace

const std::array<SampleMeasureFacts, kSampleMeasures>& sampleMeasures() noexcept {
    static constexpr std::array<SampleMeasureFacts, kSampleMeasures> kMeasures{{
        {SampleMeasure::LogPerplexity, "log_perplexity", "log-perplexity", true, false},
        {SampleMeasure::Entropy, "entropy", "entropy", false, false},
        {SampleMeasure::Flops, "flops", "FLOPs executed", true, true},
        {SampleMeasure::Seconds, "seconds", "seconds", true, true},
    }};
    return kMeasures;
}

MeasureComparison compareMeasures(std::span<const Run> runs, std::size_t baseline, double level) {
    MeasureComparison comparison;
    comparison.baseline = baseline;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        if (i == baseline)
            continue;
        comparison.runs.push_back(differencesOf(runs[i], runs[baseline], level));
        comparison.runs.back().run = i;
    }
    for (const SampleMeasureFacts& facts : sampleMeasures()) {
        const auto at = static_cast<std::size_t>(facts.measure);
        adjust(comparison.runs, at);
        if (facts.lessIsBetter)
            comparison.best[at] = bestOf(runs, facts, level);
    }
    return comparison;
}

} // namespace steploom
