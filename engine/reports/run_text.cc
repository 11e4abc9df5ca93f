// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/reports/run_text.h"

#include "engine/comparisons/configuration_difference.h"
#include "engine/reports/value_text.h"
#include "engine/runs/run_facts.h"

#include <fmt/format.h>

#include <algorithm>

namespace steploom {

std::string orderText(const GenerationRequest& request) {
    std::string text = samplerText(request);
    if (request.float32Gumbel)
        text += ", float32 Gumbel noise";
    return text;
}

std::string settingsName(const GenerationRequest& request, std::size_t most) {
    std::string name = shortened(scheduleTitle(request), most);
    if (const std::string order = orderText(request); order != samplerName(Sampler::Ancestral))
        name += ", " + order;
    if (request.temperature != 1)
        name += fmt::format(", temperature {:.4g}", request.temperature);
    if (request.topP != 1)
        name += fmt::format(", top-p {:.4g}", request.topP);
    if (const std::string draw = drawText(request); !draw.empty())
        name += ", " + draw;
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
