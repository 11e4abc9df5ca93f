// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/models/precision_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace steploom {

namespace {

/// Why a processor computes in less than was asked for (effectivePrecision).
const char* missing(const ModelFacts& facts) {
    if (facts.requested != Precision::Int8)
        return "no matrix products in bf16";
    return facts.effective == Precision::BF16 ? "no VNNI" : "neither VNNI nor matrix products in bf16";
}

} // namespace

std::string computedPrecision(const ModelFacts& facts) {
    if (facts.effective == facts.requested)
        return std::string(precisionName(facts.effective));
    return fmt::format("{} asked for, {} used: the processor has {}", precisionName(facts.requested),
                       precisionName(facts.effective), missing(facts));
}

std::string storedPrecision(const ModelFacts& facts) {
    std::string name(dtypeName(facts.stored));
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
    return name;
}

std::string precisionSummary(const ModelFacts& facts) {
    return fmt::format("stored {}, computed in {}", storedPrecision(facts), computedPrecision(facts));
}

} // namespace steploom
