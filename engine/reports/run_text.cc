// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/reports/run_text.h"

#include "engine/reports/value_text.h"
#include "engine/schedule/presets.h"

#include <fmt/format.h>

#include <algorithm>

namespace steploom {

std::string scheduleLabel(const GenerationRequest& request) {
    const auto& pool = request.pool;
    const char heavy = pool.empty() ? 'H' : pool.front().letter;
    const char light = pool.size() > 1 ? pool[1].letter : 'L';
    const std::string_view preset = nameOfSchedule(request.schedule, heavy, light);
    if (preset.empty())
        return printSchedule(request.schedule);
    const double share = request.schedule.share(light);
    return share == 0 || share == 1 ? std::string(preset) : fmt::format("{} {:.3g}%", preset, 100 * share);
}

std::string orderText(const GenerationRequest& request) {
    std::string text(samplerName(request.sampler));
    if (request.sampler == Sampler::Threshold)
        text += fmt::format(" {}", request.threshold);
    if (request.blockLength > 0)
        text += fmt::format(", blocks of {}", request.blockLength);
    const Remasking& remasking = request.remasking;
    if (remasking.kind != Remask::None)
        text += fmt::format(", ReMDM {} (η {}", remaskName(remasking.kind), remasking.eta);
    if (remasking.kind == Remask::Loop)
        text += fmt::format(", t {} to {}, α {}", remasking.loopOn, remasking.loopOff, remasking.alphaOn);
    if (remasking.kind != Remask::None)
        text += ")";
    if (request.float32Gumbel)
        text += ", float32 Gumbel noise";
    return text;
}

std::string settingsName(const GenerationRequest& request, std::size_t most) {
    std::string name = shortened(scheduleLabel(request), most);
    if (const std::string order = orderText(request); order != samplerName(Sampler::Ancestral))
        name += ", " + order;
    if (request.temperature != 1)
        name += fmt::format(", temperature {}", request.temperature);
    if (request.topP != 1)
        name += fmt::format(", top-p {}", request.topP);
    return name;
}

std::string runName(const RunSummary& run, std::size_t most) {
    return fmt::format("{} · {}", run.id, settingsName(run.request, most));
}

std::string measureTitle(const Measure& measure) {
    std::string title = measure.name;
    std::ranges::replace(title, '_', ' ');
    return measure.unit.empty() ? title : title + ", " + measure.unit;
}

} // namespace steploom
