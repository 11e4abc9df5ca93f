// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/comparisons/configuration_difference.h"
#include "engine/comparisons/paired_measures.h"
#include "engine/comparisons/run_tokenizer.h"
#include "engine/comparisons/token_difference.h"
#include "engine/runs/run_facts.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/console.h"
#include "experiments/cli/run_values.h"
#include "experiments/cli/stored_runs.h"
#include "experiments/cli/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace steploom::cli {

namespace {

constexpr std::size_t kMostSideBySide = 4;
constexpr std::size_t kSettingCharacters = 36;

struct CompareOptions {
    std::string store;
    std::vector<std::int64_t> ids;
    std::string by = "position";
    bool all = false;
};

/// How much of a run's text is the baseline's, over the samples that both have.
struct TokenAgreement {
    int samples = 0;
    std::int64_t equal = 0, tokens = 0; ///< tokens: of the longer text of each pair
    std::string missing;                ///< why nothing can be said
};

/// Whether equal ids are equal tokens in both; throws as loading a tokenizer does.
bool shareTokenizer(const GenerationRequest& a, const GenerationRequest& b) {
    if (!a.pool.empty() && a.tokenizer == b.tokenizer && !b.pool.empty() &&
        a.pool.front().path == b.pool.front().path && a.pool.front().sha256 == b.pool.front().sha256)
        return true;
    return loadTokenizerOf(a)->fingerprint() == loadTokenizerOf(b)->fingerprint();
}

TokenAgreement agreementOf(const Run& run, const Run& baseline, bool bySequence) {
    TokenAgreement agreement;
    TokenTexts texts;
    std::shared_ptr<const Tokenizer> ofRun, ofBaseline; // only where ids alone do not tell
    try {
        if (!shareTokenizer(run.summary.request, baseline.summary.request)) {
            ofRun = loadTokenizerOf(run.summary.request);
            ofBaseline = loadTokenizerOf(baseline.summary.request);
        }
    } catch (const Error& error) {
        agreement.missing = error.what();
        return agreement;
    }
    for (const RunSample& sample : run.samples) {
        const auto other = std::ranges::find(baseline.samples, sample.trace.index,
                                             [](const RunSample& each) { return each.trace.index; });
        if (other == baseline.samples.end())
            continue;
        const auto first = ofRun ? texts.numbersOf(other->trace.tokens, *ofBaseline) : other->trace.tokens;
        const auto second = ofRun ? texts.numbersOf(sample.trace.tokens, *ofRun) : sample.trace.tokens;
        const TokenDifference difference =
            bySequence ? differenceBySequence(first, second) : differenceByPosition(first, second);
        ++agreement.samples;
        agreement.equal += difference.equal;
        agreement.tokens += static_cast<std::int64_t>(std::max(first.size(), second.size()));
    }
    if (agreement.samples == 0)
        agreement.missing = "they have no sample in common";
    return agreement;
}

double equalShareOf(const TokenAgreement& agreement) {
    return agreement.tokens > 0 ? static_cast<double>(agreement.equal) / static_cast<double>(agreement.tokens)
                                : std::nan("");
}

std::string signedEstimate(const Estimate& estimate, bool relative) {
    const std::string sign = estimate.value > 0 ? "+" : "";
    if (!relative)
        return sign + estimateText(estimate);
    const Estimate percent{100 * estimate.value, 100 * estimate.low, 100 * estimate.high, estimate.n};
    return percent.margin() < 0.05 ? sign + shareText(estimate.value) : sign + estimateText(percent) + "%";
}

std::string measuresText(const std::vector<Run>& runs) {
    Table table("rlrrrrr",
                {"id", "schedule", "saved", "perplexity", "entropy", "FLOPs a sample", "time a sample"});
    for (const Run& run : runs) {
        const RunSummary& summary = run.summary;
        const int n = summary.finishedSamples;
        table.add({std::to_string(summary.id), shortened(scheduleTitle(summary.request), 32),
                   shareText(summary.cost.executedSaving), measureText(summary, "generative_perplexity"),
                   measureText(summary, "entropy"), n > 0 ? flopsText(summary.executedFlops / n) : "–",
                   n > 0 ? durationText(summary.seconds / n) : "–"});
    }
    return table.text();
}

std::string differencesText(const std::vector<Run>& runs, const MeasureComparison& comparison) {
    Table table("rlrrrrrrl", {"id", "schedule", "blocks only", "executed", "seconds", "log-perplexity", "p",
                              "entropy", "over"});
    std::string remarks;
    for (const RunDifference& run : comparison.runs) {
        const RunSummary& summary = runs[run.run].summary;
        const auto text = [&](SampleMeasure measure) {
            const auto& facts = sampleMeasures()[static_cast<std::size_t>(measure)];
            const auto& difference = run.of(measure);
            return difference ? signedEstimate(difference->estimate, facts.relative) : std::string("–");
        };
        const auto& nats = run.of(SampleMeasure::LogPerplexity);
        table.add({std::to_string(summary.id), shortened(scheduleTitle(summary.request), 28),
                   (run.blocksOnly > 0 ? "+" : "") + shareText(run.blocksOnly), text(SampleMeasure::Flops),
                   text(SampleMeasure::Seconds), text(SampleMeasure::LogPerplexity),
                   nats ? numberText(nats->adjusted) : "–", text(SampleMeasure::Entropy),
                   run.unpaired.empty() ? fmt::format("{} pairs", run.pairs) : "means (Welch)"});
        if (!run.unpaired.empty())
            remarks += fmt::format("run {}: no pairs, {}\n", summary.id, run.unpaired);
        if (const std::string& why = run.missing[0]; !why.empty())
            remarks += fmt::format("run {}: no log-perplexity, {}\n", summary.id, why);
    }
    for (const SampleMeasureFacts& facts : sampleMeasures())
        if (const auto best = comparison.best[static_cast<std::size_t>(facts.measure)])
            remarks += fmt::format("least {}: run {}, clearly\n", facts.title, runs[*best].summary.id);
    return fmt::format("run − run {}; 95% intervals; p of log-perplexity, adjusted for {} "
                       "(Benjamini–Hochberg)\n{}{}",
                       runs[comparison.baseline].summary.id,
                       comparison.runs.size() == 1 ? "1 comparison"
                                                   : fmt::format("{} comparisons", comparison.runs.size()),
                       table.text(), remarks);
}

std::string settingsText(const std::vector<Run>& runs, const std::vector<ConfigurationSetting>& settings) {
    std::vector<std::string> headings{"setting"};
    for (const Run& run : runs)
        headings.push_back(fmt::format("run {}", run.summary.id));
    Table table(std::string(headings.size(), 'l'), headings);
    for (const ConfigurationSetting& setting : settings) {
        std::vector<std::string> cells{setting.name};
        for (const std::string& value : setting.values)
            cells.push_back(shortened(value, kSettingCharacters));
        table.add(std::move(cells));
    }
    return table.text();
}

nlohmann::json differenceJson(const Run& run, const RunDifference& difference) {
    nlohmann::json json = {{"id", run.summary.id},
                           {"paired", difference.unpaired.empty()},
                           {"unpaired_because", nullptr},
                           {"pairs", difference.pairs},
                           {"blocks_only_flops", difference.blocksOnly},
                           {"measures", nlohmann::json::object()}};
    if (!difference.unpaired.empty())
        json["unpaired_because"] = difference.unpaired;
    for (const SampleMeasureFacts& facts : sampleMeasures()) {
        nlohmann::json& measure = json["measures"][std::string(facts.name)];
        if (const auto& found = difference.of(facts.measure)) {
            measure = estimateJson(found->estimate);
            measure["relative"] = facts.relative;
            measure["p"] = found->pValue;
            measure["p_adjusted"] = found->adjusted;
            measure["clear"] = found->isClear();
        } else {
            measure = {{"missing", difference.missing[static_cast<std::size_t>(facts.measure)]}};
        }
    }
    return json;
}

nlohmann::json settingsJson(const std::vector<ConfigurationSetting>& settings) {
    nlohmann::json list = nlohmann::json::array();
    for (const ConfigurationSetting& setting : settings)
        list.push_back({{"setting", setting.name}, {"values", setting.values}});
    return list;
}

nlohmann::json comparisonJson(const std::vector<Run>& runs, const MeasureComparison& comparison,
                              const ConfigurationDifference& settings,
                              const std::vector<TokenAgreement>& agreements, const std::string& by) {
    nlohmann::json json = {
        {"baseline", runs.front().summary.id},
        {"runs", nlohmann::json::array()},
        {"differences", nlohmann::json::array()},
        {"best", nlohmann::json::object()},
        {"settings",
         {{"different", settingsJson(settings.different)}, {"same", settingsJson(settings.same)}}},
        {"tokens", nlohmann::json::array()}};
    for (const Run& run : runs)
        json["runs"].push_back({{"id", run.summary.id},
                                {"label", scheduleTitle(run.summary.request)},
                                {"schedule", printSchedule(run.summary.request.schedule)},
                                {"measures", measuresJson(run.summary.measures)}});
    for (const RunDifference& difference : comparison.runs)
        json["differences"].push_back(differenceJson(runs[difference.run], difference));
    for (const SampleMeasureFacts& facts : sampleMeasures()) {
        const auto best = comparison.best[static_cast<std::size_t>(facts.measure)];
        json["best"][std::string(facts.name)] =
            best ? nlohmann::json(runs[*best].summary.id) : nlohmann::json();
    }
    for (std::size_t i = 0; i < agreements.size(); ++i) {
        nlohmann::json tokens = {{"id", runs[i + 1].summary.id},
                                 {"by", by},
                                 {"samples", agreements[i].samples},
                                 {"equal", agreements[i].equal},
                                 {"of", agreements[i].tokens},
                                 {"share", equalShareOf(agreements[i])},
                                 {"missing", nullptr}};
        if (!agreements[i].missing.empty())
            tokens["missing"] = agreements[i].missing;
        json["tokens"].push_back(std::move(tokens));
    }
    return json;
}

std::string agreementsText(const std::vector<Run>& runs, const std::vector<TokenAgreement>& agreements,
                           const std::string& by) {
    std::string text = fmt::format("tokens as in run {}, by {}\n", runs.front().summary.id, by);
    for (std::size_t i = 0; i < agreements.size(); ++i) {
        const TokenAgreement& agreement = agreements[i];
        text += agreement.missing.empty()
                    ? fmt::format("run {}: {} ({} of {} tokens, {} samples)\n", runs[i + 1].summary.id,
                                  shareText(equalShareOf(agreement)), agreement.equal, agreement.tokens,
                                  agreement.samples)
                    : fmt::format("run {}: {}\n", runs[i + 1].summary.id, agreement.missing);
    }
    return text;
}

int compareSideBySide(const CompareOptions& options, const Console& console) {
    const RunStore store = openStoredRuns(options.store);
    std::vector<Run> runs;
    for (const std::int64_t id : options.ids)
        runs.push_back(store.load(id));
    if (std::set(options.ids.begin(), options.ids.end()).size() < options.ids.size())
        throw Error(ErrorKind::Request, {"cannot compare the runs", "", "one of them is named twice",
                                         "Name two to four different runs"});
    const MeasureComparison comparison = compareMeasures(runs, 0);
    const ConfigurationDifference settings = configurationDifference(runs);
    std::vector<TokenAgreement> agreements;
    for (std::size_t i = 1; i < runs.size(); ++i)
        agreements.push_back(agreementOf(runs[i], runs.front(), options.by == "sequence"));
    if (console.json) {
        console.printJson(comparisonJson(runs, comparison, settings, agreements, options.by));
        return kDone;
    }
    std::string text = measuresText(runs) + "\n" + differencesText(runs, comparison) + "\n";
    text += settings.different.empty()
                ? "all settings are the same\n"
                : fmt::format("{} of {} settings differ\n{}", settings.different.size(),
                              settings.different.size() + settings.same.size(),
                              settingsText(runs, settings.different));
    if (options.all)
        text += "\nthe same in all\n" + settingsText(runs, settings.same);
    console.print(text + "\n" + agreementsText(runs, agreements, options.by));
    return kDone;
}

} // namespace

void addCompare(CLI::App& app, Console& console, Work& work) {
    auto options = std::make_shared<CompareOptions>();
    CLI::App* command = addStoreVerb(app, "compare",
                                     "Two to four stored runs side by side: measures, paired differences, "
                                     "settings, how much of the texts is the same",
                                     compareSideBySide, options, console, work);
    command->add_option("ID", options->ids, "Numbers of the runs; the first is the baseline")
        ->required()
        ->expected(2, static_cast<int>(kMostSideBySide));
    command->add_option("--by", options->by, "What tokens are compared by")
        ->check(CLI::IsMember({"position", "sequence"}))
        ->capture_default_str();
    command->add_flag("--all", options->all, "Also list the settings that are the same");
    command->footer("Nothing is measured anew: scores are those in the store (runs compare judges again). "
                    "Runs of one seed, length, prompt and template are compared in pairs of samples, others "
                    "by their means (Welch).");
}

} // namespace steploom::cli
