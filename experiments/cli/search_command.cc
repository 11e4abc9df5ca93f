// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/analyses/segment_search.h"
#include "engine/sampling/masked_diffusion.h"
#include "engine/schedule/segment_schedules.h"
#include "experiments/cli/analysis_progress.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/request_options.h"
#include "experiments/cli/run_values.h"
#include "experiments/cli/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace steploom::cli {

namespace {

/// More schedules than this are made only when they are asked for by --most or --yes.
constexpr std::uint64_t kManySchedules = 200;
/// From so many on a search is told how long it will take.
constexpr std::size_t kLargeSearch = 10;

struct SearchOptions : RequestOptions {
    EvaluatorOptions evaluator;
    std::string store;
    SearchOrder order;
    bool allSamples = false; ///< no early stopping
    int top = 0;             ///< rows of the table; 0: all
    bool yes = false;
    bool resume = false;
};

std::string resultText(const SearchResult& result, std::size_t rows) {
    Table table("rlrlrrrr", {"run", "schedule", "saved", "n", "nats a token", "perplexity ratio", "entropy",
                             "adjusted p"});
    for (const SearchEntry& entry : result.entries) {
        if (rows-- == 0)
            break;
        const Estimate& ratio = entry.perplexityRatio;
        table.add({std::to_string(entry.run), shortened(printSchedule(entry.schedule), 44),
                   shareText(entry.saved),
                   fmt::format("{}{}", entry.natsPerToken.n, entry.dropped ? ", dropped" : ""),
                   estimateText(entry.natsPerToken),
                   fmt::format("{} ({} to {})", numberText(ratio.value), numberText(ratio.low),
                               numberText(ratio.high)),
                   estimateText(entry.entropy), numberText(entry.adjustedP)});
    }
    const auto dropped = std::ranges::count(result.entries, true, &SearchEntry::dropped);
    return table.text() + (dropped == 0
                               ? std::string()
                               : fmt::format("{} dropped: surely worse than the best one on the samples they "
                                             "have\n",
                                             dropped));
}

/// Nobody waits for what would take days by mistake.
void requireWanted(const SearchOptions& options) {
    const std::uint64_t all =
        segmentScheduleCount({.segments = options.order.segments, .light = options.order.light});
    if (options.order.most == 0 && all > kManySchedules && !options.yes)
        throw Error(ErrorKind::Request,
                    {"the search was not begun",
                     fmt::format("{} of {} segments", options.order.light, options.order.segments),
                     all > 1'000'000'000
                         ? std::string("that is more than a thousand million schedules")
                         : fmt::format("that is {} schedules of {} samples each", all, options.samples),
                     "Draw some of them with --most N, or say --yes"});
}

/// "45 schedules of 32 samples each: about 12 min when none is dropped"
std::string estimateOf(const GenerationRequest& request, const SegmentPlan& plan, const SearchOrder& order,
                       ModelPool& pool) {
    const std::vector<StepSchedule> schedules =
        segmentSchedules(plan,
                         order.most > 0 ? static_cast<std::size_t>(order.most)
                                        : static_cast<std::size_t>(segmentScheduleCount(plan)),
                         request.seed);
    if (schedules.size() < kLargeSearch)
        return {};
    pool.calibrate(request.length, requestedBatch(request, pool));
    const std::vector<CallCost> costs = pool.callCosts(request.length);
    double seconds = 0;
    const auto add = [&](const StepSchedule& schedule) {
        seconds += request.samples * costOf(schedule, {.members = costs,
                                                       .length = request.length,
                                                       .masked = request.length,
                                                       .sampler = request.sampler,
                                                       .blockLength = request.blockLength,
                                                       .remasking = request.remasking})
                                         .seconds;
    };
    add(request.schedule);
    std::ranges::for_each(schedules, add);
    return fmt::format("{} schedules of {} samples each: about {} beside judging, less what the store has{}",
                       schedules.size(), request.samples, durationText(seconds),
                       order.stopEarly ? " and what is dropped" : "");
}

int search(const SearchOptions& options, const Console& console) {
    requireWanted(options);
    RequestOptions wanted = options;
    wanted.pool.schedule = "all heavy";
    GenerationRequest request = wanted.request();
    if (request.pool.size() < 2)
        throw Error(ErrorKind::Request, {"cannot search", "--model", "the pool has one model only",
                                         "Name a light one too: --model L=PATH"});
    SearchOrder order = options.order;
    order.stopEarly = !options.allSamples;
    const SegmentPlan plan{.steps = request.schedule.steps(),
                           .segments = order.segments,
                           .light = order.light,
                           .heavyLetter = request.pool[0].letter,
                           .lightLetter = request.pool[1].letter};
    (void)segmentSchedules(plan, 1, 1); // refuses what cannot be, before anything is loaded

    AnalysisMeans means(request, options.evaluator, options.store, options.pool.threads);
    for (std::size_t i = 0; i < request.pool.size(); ++i)
        request.pool[i] = means.pool.members()[i].spec;
    if (!options.pool.noTiming)
        if (const std::string estimate = estimateOf(request, plan, order, means.pool); !estimate.empty())
            console.note(estimate);
    const StoredAnalysis analysis = means.run(request, order, console);
    const auto result = analysis.result.get<SearchResult>();
    if (console.json)
        console.printJson(analysis.result);
    else if (!result.entries.empty())
        console.print(
            fmt::format("against run {}, all {}, sample by sample under {}; n pairs, 95% intervals\n{}",
                        result.baseline, plan.heavyLetter, means.evaluator->name(),
                        resultText(result, options.top > 0 ? static_cast<std::size_t>(options.top)
                                                           : result.entries.size())));
    if (result.stopped)
        return stoppedNote(console, fmt::format("{} schedules have samples", result.entries.size()));
    return kDone;
}

} // namespace

void addSearch(CLI::App& app, Console& console, Work& work) {
    CLI::App* command = app.add_subcommand(
        "search",
        "Which steps can be light: every choice of k light segments among S, each against all heavy on "
        "the same random numbers");
    auto options = std::make_shared<SearchOptions>();
    options->addTo(*command);
    CLI::Option* schedule = command->get_option("--schedule");
    schedule->required(false);
    command->remove_option(schedule);
    options->evaluator.addTo(*command);
    command->get_option("--evaluator")->required();
    command->add_option("--segments", options->order.segments, "S, equal parts of the run")
        ->check(CLI::Range(1, StepSchedule::kMaximumSteps))
        ->capture_default_str();
    command->add_option("--light", options->order.light, "k, how many of them the second model does")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    command->add_option("--most", options->order.most, "Draw this many of the choices instead of trying all")
        ->check(CLI::PositiveNumber);
    command->add_flag("--no-early-stopping", options->allSamples,
                      "Give every schedule all samples, also one that is surely worse than another");
    command->add_option("--top", options->top, "Rows of the table; default: all")->check(CLI::PositiveNumber);
    command
        ->add_option(
            "--store", options->store,
            "Keeps the runs and the result, and what an earlier search made is taken from there; default: "
            "the file of the window")
        ->type_name("FILE");
    command->add_flag("--resume", options->resume,
                      "Go on with what an earlier search left in the store (as it does anyway)");
    command->add_flag("--yes", options->yes, "Try all choices, however many they are");
    command->add_flag("--json", console.json, "Print JSON");
    command->footer("Samples are made in stages of 8, 16, 32, …; after each a schedule is dropped whose "
                    "difference to the best one lies surely above 0.\n"
                    "Ctrl+C stops within one network call; the same command goes on from there.");
    command->callback([options, &console, &work] {
        options->pool.store = options->store;
        work = [options, &console] { return search(*options, console); };
    });
}

} // namespace steploom::cli
