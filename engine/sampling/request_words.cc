// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/error.h"
#include "engine/sampling/generation_request.h"

#include <fmt/format.h>

namespace steploom {

namespace {

[[noreturn]] void refuse(const char* what, std::string_view name, const char* known) {
    throw Error(ErrorKind::Request, {fmt::format("unknown {}", what), std::string(name),
                                     "there is none of this name", fmt::format("Known are {}", known)});
}

} // namespace

std::string_view temperatureMethodName(TemperatureMethod method) noexcept {
    return method == TemperatureMethod::Exact ? "exact" : "batch";
}

TemperatureMethod parseTemperatureMethod(std::string_view name) {
    for (const TemperatureMethod method : {TemperatureMethod::Batch, TemperatureMethod::Exact})
        if (name == temperatureMethodName(method))
            return method;
    refuse("temperature method", name, "batch and exact");
}

std::string_view promptFitName(PromptFit fit) noexcept { return fit == PromptFit::Trim ? "trim" : "pad"; }

PromptFit parsePromptFit(std::string_view name) {
    for (const PromptFit fit : {PromptFit::Pad, PromptFit::Trim})
        if (name == promptFitName(fit))
            return fit;
    refuse("fit of a prompt", name, "pad and trim");
}

} // namespace steploom
