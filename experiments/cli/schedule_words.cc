// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/cli/schedule_words.h"

#include "engine/core/error.h"
#include "experiments/cli/stored_runs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <system_error>

namespace steploom::cli {

namespace {

std::string readFile(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text;
    // One byte more than a schedule may have: the parser then refuses it, however long the file goes on.
    text.resize(kMostScheduleText + 1);
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(std::max<std::streamsize>(0, file.gcount())));
    if (!file && !file.eof())
        throw Error(ErrorKind::File, {.what = "cannot read the schedule",
                                      .where = path,
                                      .why = std::generic_category().message(errno),
                                      .remedy = "Name a file that holds a schedule, as @ends.schedule"});
    return text;
}

constexpr std::string_view kSaved = "saved:";

ScheduleText savedSchedule(const std::string& name, int steps, const std::string& store) {
    ScheduleText found;
    found.schedule = openStoredRuns(store).findSchedule(name).schedule;
    if (steps > 0 && found.schedule.steps() != steps)
        throw Error(
            ErrorKind::Schedule,
            {.what = "the saved schedule has another number of steps",
             .where = name,
             .why = fmt::format("it has {} steps, --steps says {}", found.schedule.steps(), steps),
             .remedy = "Leave --steps out, or give the schedule in shares, which fit any number of steps"});
    return found;
}

} // namespace

ScheduleText scheduleOf(const std::string& word, const PresetOptions& options, int steps,
                        const std::string& store) {
    if (word.starts_with(kSaved))
        return savedSchedule(word.substr(kSaved.size()), steps, store);
    return parseScheduleText(word.starts_with('@') ? readFile(word.substr(1)) : word, options, steps);
}

std::string scheduleForms() {
    std::string presets;
    for (const Preset preset : allPresets())
        presets += (presets.empty() ? "" : ", ") + std::string(presetName(preset));
    return "Notation in steps \"(L32,H192,L32)\", in shares \"(L12.5%,H75%,L12.5%)\", or by the share still "
           "masked \"(L>87.5%,H>12.5%,L>0%)\"; a preset, or preset:share as \"sandwich:0.25\"; @FILE reads "
           "any of them from a file, saved:NAME takes one of the library (schedules list). Presets: " +
           presets;
}

} // namespace steploom::cli
