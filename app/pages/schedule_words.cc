// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/schedule_words.h"

#include "app/widgets/theme.h"
#include "engine/schedule/presets.h"

namespace steploom {

QString notationOf(const StepSchedule& schedule) { return QString::fromStdString(printSchedule(schedule)); }

QString wordsOf(const StepSchedule& schedule, const std::string& letters) {
    const char heavy = letters.empty() ? 'H' : letters[0], light = letters.size() > 1 ? letters[1] : 'L';
    const std::string_view name = nameOfSchedule(schedule, heavy, light);
    return name.empty() ? notationOf(schedule)
                        : QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()));
}

std::vector<PlotStripe> stripesOf(const StepSchedule& schedule, const std::string& letters) {
    std::vector<PlotStripe> stripes;
    for (const StepSchedule::Segment& segment : schedule.segments()) {
        const auto member = static_cast<int>(std::min(letters.find(segment.letter), letters.size()));
        stripes.push_back({static_cast<double>(segment.steps) / schedule.steps(),
                           Theme::instance().memberColor(member), member > 0});
    }
    return stripes;
}

} // namespace steploom
