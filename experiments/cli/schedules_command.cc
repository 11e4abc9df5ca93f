// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/run_store.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/console.h"
#include "experiments/cli/schedule_words.h"
#include "experiments/cli/stored_runs.h"
#include "experiments/cli/table.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>

namespace steploom::cli {

namespace {

struct SchedulesOptions {
    std::string store;
    std::string name;
    std::string newName;
    std::string schedule;
    std::string unit = "step";
    std::int64_t run = 0;
    int steps = 0;
    bool replace = false;
};

StepUnit unitOf(const std::string& name) {
    return name == "fraction" ? StepUnit::Fraction : name == "masked" ? StepUnit::Masked : StepUnit::Step;
}

nlohmann::json scheduleJson(const NamedSchedule& named) {
    const StepSchedule& schedule = named.schedule;
    nlohmann::json segments = nlohmann::json::array();
    nlohmann::json shares = nlohmann::json::object();
    for (const StepSchedule::Segment& segment : schedule.segments()) {
        segments.push_back(
            {{"letter", std::string(1, segment.letter)}, {"from", segment.begin}, {"steps", segment.steps}});
        shares[std::string(1, segment.letter)] = schedule.share(segment.letter);
    }
    return {{"id", named.id},
            {"name", named.name},
            {"created", named.created},
            {"steps", schedule.steps()},
            {"notation", printSchedule(schedule)},
            {"segments", std::move(segments)},
            {"shares", std::move(shares)}};
}

int listSchedules(const SchedulesOptions& options, const Console& console) {
    const std::vector<NamedSchedule> schedules = openStoredRuns(options.store).listSchedules();
    if (console.json) {
        nlohmann::json list = nlohmann::json::array();
        for (const NamedSchedule& schedule : schedules)
            list.push_back(scheduleJson(schedule));
        console.printJson({{"schedules", std::move(list)}});
        return kDone;
    }
    if (schedules.empty()) {
        console.note("no schedules yet: steploom-cli schedules save NAME \"(L32,H192,L32)\" keeps one");
        return kDone;
    }
    Table table("lrll", {"name", "steps", "created", "schedule"});
    for (const NamedSchedule& schedule : schedules)
        table.add({shortened(schedule.name, 32), std::to_string(schedule.schedule.steps()), schedule.created,
                   shortened(printSchedule(schedule.schedule), 60)});
    console.print(table.text());
    return kDone;
}

int showSchedule(const SchedulesOptions& options, const Console& console) {
    const NamedSchedule found = openStoredRuns(options.store).findSchedule(options.name);
    if (console.json)
        console.printJson(scheduleJson(found));
    else
        console.print(
            fmt::format("# {}\n{}\n", found.name, printSchedule(found.schedule, unitOf(options.unit))));
    return kDone;
}

/// By notation, or as a stored run had it.
StepSchedule wantedSchedule(const SchedulesOptions& options, const RunStore& store) {
    if (options.schedule.empty() == (options.run == 0))
        throw Error(ErrorKind::Request,
                    {.what = "cannot keep the schedule",
                     .where = options.name,
                     .why = options.run == 0 ? "no schedule is given" : "both a schedule and a run are given",
                     .remedy = "Give notation, or --run ID"});
    if (options.run > 0)
        return store.summary(options.run).request.schedule;
    PresetOptions preset;
    if (options.steps > 0)
        preset.steps = options.steps;
    return scheduleOf(options.schedule, preset, options.steps, options.store).schedule;
}

int saveSchedule(const SchedulesOptions& options, const Console& console) {
    // A library may begin before the first run: the store is made.
    RunStore store(options.store.empty() ? defaultStoreFile() : std::filesystem::path(options.store));
    const StepSchedule schedule = wantedSchedule(options, store);
    NamedSchedule saved;
    const std::vector<NamedSchedule> known = store.listSchedules();
    if (options.replace &&
        std::ranges::any_of(known, [&](const NamedSchedule& each) { return each.name == options.name; })) {
        store.changeSchedule(store.findSchedule(options.name).id, schedule);
        saved = store.findSchedule(options.name);
    } else {
        saved = store.saveSchedule(options.name, schedule);
    }
    if (console.json)
        console.printJson(scheduleJson(saved));
    else
        console.print(fmt::format("kept as {}: {}\n", saved.name, printSchedule(saved.schedule)));
    return kDone;
}

int removeSchedule(const SchedulesOptions& options, const Console& console) {
    RunStore store = openStoredRuns(options.store);
    const NamedSchedule found = store.findSchedule(options.name);
    store.removeSchedule(found.id);
    if (console.json)
        console.printJson({{"removed", scheduleJson(found)}});
    else
        console.print(fmt::format("removed {}: {}\n", found.name, printSchedule(found.schedule)));
    return kDone;
}

int renameSchedule(const SchedulesOptions& options, const Console& console) {
    RunStore store = openStoredRuns(options.store);
    const std::int64_t id = store.findSchedule(options.name).id;
    store.renameSchedule(id, options.newName);
    const NamedSchedule renamed = store.findSchedule(options.newName);
    if (console.json)
        console.printJson(scheduleJson(renamed));
    else
        console.print(fmt::format("{} is now {}\n", options.name, renamed.name));
    return kDone;
}

} // namespace

void addSchedules(CLI::App& app, Console& console, Work& work) {
    CLI::App* schedules = app.add_subcommand("schedules", "The library of named schedules");
    schedules->require_subcommand(1);
    auto options = std::make_shared<SchedulesOptions>();
    const auto verb = [&](const char* name, const char* description,
                          int (*does)(const SchedulesOptions&, const Console&)) {
        return addStoreVerb(*schedules, name, description, does, options, console, work);
    };
    const auto named = [&](CLI::App* command) {
        command->add_option("NAME", options->name, "Name of the schedule, in any case")->required();
        return command;
    };
    verb("list", "One line a schedule, by name", listSchedules);
    named(verb("show", "A schedule as text that --schedule @FILE reads", showSchedule))
        ->add_option("--unit", options->unit, "Steps, shares of them, or shares still masked")
        ->check(CLI::IsMember({"step", "fraction", "masked"}))
        ->capture_default_str();
    CLI::App* save = named(verb("save", "Keep a schedule under a name", saveSchedule));
    save->add_option("SCHEDULE", options->schedule, scheduleForms());
    save->add_option("--run", options->run, "Keep the schedule of this stored run")
        ->check(CLI::PositiveNumber);
    save->add_option("--steps", options->steps,
                     "Denoising steps; presets and shares take 256 unless told, step counts must sum to it")
        ->check(CLI::Range(1, StepSchedule::kMaximumSteps));
    save->add_flag("--replace", options->replace, "Replace the schedule that has the name");
    named(verb("remove", "Forget a schedule", removeSchedule));
    named(verb("rename", "Give a schedule another name", renameSchedule))
        ->add_option("NEW-NAME", options->newName, "Its new name")
        ->required();
}

} // namespace steploom::cli
