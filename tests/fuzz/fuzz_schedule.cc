// SPDX-License-Identifier: GPL-3.0-or-later
// Input: schedule notation, "(L125,H750,L125)".
#include "engine/schedule/step_schedule.h"
#include "tests/fuzz/property.h"

using namespace steploom;
using namespace steploom::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = textOf(data, size);
    for (const int steps : {0, 1, 7, 1000}) { // 0: the step counts decide
        StepSchedule schedule;
        if (!answers([&] { schedule = parseSchedule(text, steps); }))
            continue;
        require(!schedule.empty() && (steps == 0 || schedule.steps() == steps),
                "the steps are those asked for");
        const std::string printed = printSchedule(schedule);
        require(parseSchedule(printed) == schedule, "what is printed reads as the same schedule");
        require(parseSchedule(printed, schedule.steps()) == schedule, "also when the steps are given");
        for (const StepUnit unit : {StepUnit::Fraction, StepUnit::Masked})
            require(parseSchedule(printSchedule(schedule, unit), schedule.steps()) == schedule,
                    "so does what is printed in another unit");
        int covered = 0;
        for (const StepSchedule::Segment& segment : schedule.segments()) {
            require(segment.begin == covered && segment.steps > 0, "segments follow one another");
            covered = segment.end();
        }
        require(covered == schedule.steps(), "segments cover the schedule");
        require(schedule.mirrored().mirrored() == schedule, "mirrored twice is as before");
        require(schedule.rescaled(schedule.steps()) == schedule, "rescaled to its own steps is as before");
        require(schedule.rescaled(13).steps() == 13, "rescaled has the steps asked for");
    }
    return 0;
}
