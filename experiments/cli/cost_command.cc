// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/models/registry.h"
#include "engine/runs/run_facts.h"
#include "engine/sampling/masked_diffusion.h"
#include "engine/sampling/sequential_sampling.h"
#include "engine/tensor/compute_context.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/console.h"
#include "experiments/cli/pool_options.h"
#include "experiments/cli/request_options.h"
#include "experiments/cli/run_values.h"

#include <fmt/format.h>

#include <algorithm>

namespace steploom::cli {

namespace {

/// FLOPs per call from configs and tensor tables alone.
std::vector<CallCost> describedCosts(const GenerationRequest& request) {
    std::vector<CallCost> costs;
    for (const PoolMemberSpec& member : request.pool) {
        const ModelFacts facts = describe(Checkpoint::open(member.path));
        if (request.length > facts.length)
            throw Error(ErrorKind::Request,
                        {.what = "cannot state the cost",
                         .where = member.path,
                         .why = fmt::format("the length is {}, the model was made for {} positions",
                                            request.length, facts.length),
                         .remedy = fmt::format("Choose a length of {} or less", facts.length)});
        costs.push_back(callCostOf(member.letter, facts, request.length));
    }
    return costs;
}

/// The same with seconds, which only loaded models can tell.
std::vector<CallCost> timedCosts(const GenerationRequest& request, int threads) {
    ComputeContext context(threads);
    ModelPool pool = ModelPool::load(request.pool, request.tokenizer, context);
    pool.calibrate(request.length, requestedBatch(request, pool));
    return pool.callCosts(request.length);
}

/// A loaded pool must have a tokenizer; published denoisers often come without. FLOPs need none.
bool hasTokenizer(const GenerationRequest& request) {
    return !request.tokenizer.empty() || std::ranges::any_of(request.pool, [](const PoolMemberSpec& member) {
        return Tokenizer::isPresentIn(Checkpoint::open(member.path).folder());
    });
}

int cost(const PoolOptions& options, const TemperatureOptions& temperature, const Console& console) {
    GenerationRequest request = options.request();
    temperature.writeTo(request);
    requireRunnable(request);
    const bool timed = !options.noTiming && hasTokenizer(request);
    if (!timed && !options.noTiming)
        console.note("not timed: no model's folder holds a tokenizer (name one with --tokenizer)");
    const std::vector<CallCost> members =
        timed ? timedCosts(request, options.threads) : describedCosts(request);
    if (members.front().kind != GenerationKind::MaskedDiffusion)
        requireSequentialSteps(request.schedule, request.length, members.front().chunk);
    const ScheduleCost cost =
        costOf(request.schedule, {.members = members,
                                  .length = request.length,
                                  .masked = request.length,
                                  .sampler = request.sampler,
                                  .blockLength = request.blockLength,
                                  .remasking = request.remasking,
                                  .draws = plannedDraws(request, members.front().kind)});
    if (console.json) {
        nlohmann::json json = costJson(cost);
        json["schedule"] = printSchedule(request.schedule);
        json["length"] = request.length;
        console.printJson(json);
    } else {
        console.print(scheduleTitle(request) + "\n" + writingText(request, members.front().kind) + "\n" +
                      costText(cost));
    }
    return kDone;
}

} // namespace

void addCost(CLI::App& app, Console& console, Work& work) {
    CLI::App* command = app.add_subcommand("cost", "What a schedule costs per sample: blocks only, nominal, "
                                                   "executed, and seconds after a short calibration");
    auto options = std::make_shared<PoolOptions>();
    options->addTo(*command);
    command->get_option("--schedule")->required(false);
    command->add_option("--store", options->store, "Library of saved:NAME; default: the one of the window")
        ->type_name("FILE");
    command->add_flag("--json", console.json, "Print JSON");
    auto temperature = std::make_shared<TemperatureOptions>();
    temperature->addTo(*command);
    command->callback([options, temperature, &console, &work] {
        work = [options, temperature, &console] { return cost(*options, *temperature, console); };
    });
}

} // namespace steploom::cli
