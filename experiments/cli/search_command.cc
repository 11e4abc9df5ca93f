// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/analyses/segment_search.h"
#include "engine/core/thread_pool.h"
#include "engine/runs/run_store.h"
#include "engine/sampling/masked_diffusion.h"
#include "engine/schedule/segment_schedules.h"
#include "engine/tensor/compute_context.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/console.h"
#include "experiments/cli/interruption.h"
#include "experiments/cli/request_options.h"
#include "experiments/cli/run_values.h"
#include "experiments/cli/table.h"

#include <fmt/format.h>

#include <optional>

namespace steploom::cli {

namespace {

/// More schedules than this are made only when they are asked for by --most or --yes.
constexpr std::uint64_t kManySchedules = 200;

struct SearchOptions : RequestOptions {
    EvaluatorOptions evaluator;
    std::string store;
    int segments = 10;
    int light = 2;
    int most = 0; ///< 0: all
    int top = 0;  ///< rows of the table; 0: all
    bool yes = false;
    bool resume = false;
};

class Watcher : public SearchObserver {
public:
    explicit Watcher(const Console& console) : m_console(console) {}

    void beginning(const SearchPart& part) override {
        m_bar.reset();
        const std::string line =
            fmt::format("{} of {}: {}", part.index + 1, part.count, printSchedule(part.schedule));
        if (part.known)
            m_console.note(line + ", in the store");
        else
            m_bar.emplace(line);
    }
    void generating(double share) override {
        if (m_bar)
            m_bar->advance(share);
    }
    void clear() { m_bar.reset(); }

private:
    const Console& m_console;
    std::optional<ProgressBar> m_bar;
};

std::string resultText(const SearchResult& result, std::size_t rows) {
    Table table("rlrrrrr",
                {"run", "schedule", "saved", "nats a token", "perplexity ratio", "entropy", "adjusted p"});
    for (const SearchEntry& entry : result.entries) {
        if (rows-- == 0)
            break;
        const Estimate& ratio = entry.perplexityRatio;
        table.add({std::to_string(entry.run), shortened(printSchedule(entry.schedule), 44),
                   shareText(entry.saved), estimateText(entry.natsPerToken),
                   fmt::format("{} ({} to {})", numberText(ratio.value), numberText(ratio.low),
                               numberText(ratio.high)),
                   estimateText(entry.entropy), numberText(entry.adjustedP)});
    }
    return table.text();
}

int search(const SearchOptions& options, const Console& console) {
    const std::uint64_t all = segmentScheduleCount({.segments = options.segments, .light = options.light});
    // Nobody waits for what would take days by mistake.
    if (options.most == 0 && all > kManySchedules && !options.yes)
        throw Error(ErrorKind::Request,
                    {"the search was not begun",
                     fmt::format("{} of {} segments", options.light, options.segments),
                     all > 1'000'000'000
                         ? std::string("that is more than a thousand million schedules")
                         : fmt::format("that is {} schedules of {} samples each", all, options.samples),
                     "Draw some of them with --most N, or say --yes"});
    RequestOptions wanted = options;
    wanted.pool.schedule = "all heavy";
    GenerationRequest request = wanted.request();
    if (request.pool.size() < 2)
        throw Error(ErrorKind::Request, {"cannot search", "--model", "the pool has one model only",
                                         "Name a light one too: --model L=PATH"});
    const SegmentPlan plan{.steps = request.schedule.steps(),
                           .segments = options.segments,
                           .light = options.light,
                           .heavyLetter = request.pool[0].letter,
                           .lightLetter = request.pool[1].letter};
    const std::size_t most =
        options.most > 0 ? static_cast<std::size_t>(options.most) : static_cast<std::size_t>(all);
    const std::vector<StepSchedule> schedules = segmentSchedules(plan, most, options.seed);

    const Interruption interruption;
    RunStore store(options.store.empty() ? defaultStoreFile() : std::filesystem::path(options.store));
    ComputeContext context(options.pool.threads);
    ModelPool pool = ModelPool::load(request.pool, request.tokenizer, context);
    for (std::size_t i = 0; i < request.pool.size(); ++i)
        request.pool[i] = pool.members()[i].spec;
    (void)planWork(request, pool); // refuses what cannot be run
    const std::optional<Evaluator> evaluator = options.evaluator.load(context);
    const GenerationMeans means{.pool = &pool,
                                .evaluator = evaluator ? &*evaluator : nullptr,
                                .store = &store,
                                .threads = context.threads().workers()};
    Watcher watcher(console);
    const SearchResult result =
        searchSchedules(request, request.schedule, schedules, means, {}, watcher, interruption.token());
    watcher.clear();
    if (console.json)
        console.printJson(result);
    else if (!result.entries.empty())
        console.print(
            fmt::format("against run {}, all {}, sample by sample ({} pairs) under {}; 95% intervals\n{}",
                        result.baseline, plan.heavyLetter, request.samples, evaluator->name(),
                        resultText(result, options.top > 0 ? static_cast<std::size_t>(options.top)
                                                           : result.entries.size())));
    if (result.stopped) {
        console.note(
            fmt::format("stopped: {} of {} schedules are measured; the same command goes on from here",
                        result.entries.size(), schedules.size()));
        return kFailed;
    }
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
    command->add_option("--segments", options->segments, "S, equal parts of the run")
        ->check(CLI::Range(1, StepSchedule::kMaximumSteps))
        ->capture_default_str();
    command->add_option("--light", options->light, "k, how many of them the second model does")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    command->add_option("--most", options->most, "Draw this many of the choices instead of trying all")
        ->check(CLI::PositiveNumber);
    command->add_option("--top", options->top, "Rows of the table; default: all")->check(CLI::PositiveNumber);
    command
        ->add_option(
            "--store", options->store,
            "Keeps the runs, and what an earlier search made is taken from there; default: the file of "
            "the window")
        ->type_name("FILE");
    command->add_flag("--resume", options->resume,
                      "Go on with what an earlier search left in the store (as it does anyway)");
    command->add_flag("--yes", options->yes, "Try all choices, however many they are");
    command->add_flag("--json", console.json, "Print JSON");
    command->footer("Ctrl+C stops within one network call; the same command goes on from there.");
    command->callback([options, &console, &work] {
        options->pool.store = options->store;
        work = [options, &console] { return search(*options, console); };
    });
}

} // namespace steploom::cli
