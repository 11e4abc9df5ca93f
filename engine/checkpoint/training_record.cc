// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/training_record.h"

#include <nlohmann/json.hpp>

#include <fstream>

namespace steploom {

namespace {

std::optional<double> numberOf(const nlohmann::json& json, const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_number() ? std::optional(found->get<double>()) : std::nullopt;
}

/// Whether it began with another checkpoint, as its configuration says.
bool beganElsewhere(const nlohmann::json& training) {
    static const nlohmann::json::json_pointer kFrom("/config/start/from");
    return training.contains(kFrom) && training[kFrom].is_string() && training[kFrom] != "";
}

} // namespace

TrainingTotals trainingTotals(const std::filesystem::path& checkpoint) {
    std::ifstream file(checkpoint / "training.json");
    const nlohmann::json training = nlohmann::json::parse(file, nullptr, false);
    if (!training.is_object())
        return {};
    TrainingTotals totals{numberOf(training, "tokens"), numberOf(training, "flops")};
    const auto before = training.find("before");
    if (before == training.end())
        return beganElsewhere(training) ? TrainingTotals() : totals;
    const auto add = [&](std::optional<double>& to, const char* key) {
        const auto earlier = before->is_object() ? numberOf(*before, key) : std::nullopt;
        to = to && earlier ? std::optional(*to + *earlier) : std::nullopt;
    };
    add(totals.tokens, "tokens");
    add(totals.flops, "flops");
    return totals;
}

nlohmann::ordered_json beforeJson(const TrainingTotals& totals) {
    const auto value = [](const std::optional<double>& number) {
        return number ? nlohmann::ordered_json(*number) : nlohmann::ordered_json();
    };
    return {{"tokens", value(totals.tokens)}, {"flops", value(totals.flops)}};
}

} // namespace steploom
