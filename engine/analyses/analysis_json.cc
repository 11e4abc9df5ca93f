// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/analyses/correlation_study.h"
#include "engine/analyses/frontier.h"
#include "engine/analyses/perplexity_anchors.h"
#include "engine/analyses/search_result.h"
#include "engine/runs/run_json.h"

#include <cmath>
#include <limits>

namespace steploom {

namespace {

nlohmann::json finiteOrNull(double value) {
    return std::isfinite(value) ? nlohmann::json(value) : nlohmann::json();
}

double numberOrNan(const nlohmann::json& json) {
    return json.is_null() ? std::numeric_limits<double>::quiet_NaN() : json.get<double>();
}

StepSchedule scheduleOf(const nlohmann::json& json) { return parseSchedule(json.get<std::string>()); }

} // namespace

void to_json(nlohmann::json& json, const SearchResult& result) {
    nlohmann::json entries = nlohmann::json::array();
    for (const SearchEntry& entry : result.entries)
        entries.push_back({{"schedule", printSchedule(entry.schedule)},
                           {"run", entry.run},
                           {"nats_per_token", entry.natsPerToken},
                           {"perplexity_ratio", entry.perplexityRatio},
                           {"entropy", entry.entropy},
                           {"saved", finiteOrNull(entry.saved)},
                           {"adjusted_p", finiteOrNull(entry.adjustedP)},
                           {"dropped", entry.dropped}});
    json = {{"baseline", result.baseline}, {"entries", std::move(entries)}, {"stopped", result.stopped}};
}

void from_json(const nlohmann::json& json, SearchResult& result) {
    result = {};
    json.at("baseline").get_to(result.baseline);
    json.at("stopped").get_to(result.stopped);
    for (const nlohmann::json& entry : json.at("entries"))
        result.entries.push_back({.schedule = scheduleOf(entry.at("schedule")),
                                  .run = entry.at("run").get<std::int64_t>(),
                                  .natsPerToken = entry.at("nats_per_token").get<Estimate>(),
                                  .perplexityRatio = entry.at("perplexity_ratio").get<Estimate>(),
                                  .entropy = entry.at("entropy").get<Estimate>(),
                                  .saved = numberOrNan(entry.at("saved")),
                                  .adjustedP = numberOrNan(entry.at("adjusted_p")),
                                  .dropped = entry.at("dropped").get<bool>()});
}

void to_json(nlohmann::json& json, const Frontier& frontier) {
    nlohmann::json points = nlohmann::json::array();
    for (const FrontierPoint& point : frontier.points)
        points.push_back({{"schedule", printSchedule(point.schedule)},
                          {"temperature", point.temperature},
                          {"run", point.run},
                          {"perplexity", point.perplexity},
                          {"entropy", point.entropy},
                          {"saved", finiteOrNull(point.saved)}});
    json = {{"points", std::move(points)}, {"stopped", frontier.stopped}};
}

void from_json(const nlohmann::json& json, Frontier& frontier) {
    frontier = {};
    json.at("stopped").get_to(frontier.stopped);
    for (const nlohmann::json& point : json.at("points"))
        frontier.points.push_back({.schedule = scheduleOf(point.at("schedule")),
                                   .temperature = point.at("temperature").get<double>(),
                                   .run = point.at("run").get<std::int64_t>(),
                                   .perplexity = point.at("perplexity").get<Estimate>(),
                                   .entropy = point.at("entropy").get<Estimate>(),
                                   .saved = numberOrNan(point.at("saved"))});
}

void to_json(nlohmann::json& json, const CorrelationStudy& study) {
    nlohmann::json points = nlohmann::json::array();
    for (const CorrelationPoint& point : study.points)
        points.push_back({{"name", point.name},
                          {"sha256", point.sha256},
                          {"cross_entropy", point.crossEntropy},
                          {"brier_lm", point.brierLm ? nlohmann::json(*point.brierLm) : nlohmann::json()}});
    json = {{"points", std::move(points)},
            {"pearson", study.pearson},
            {"spearman", study.spearman},
            {"stopped", study.stopped}};
}

void from_json(const nlohmann::json& json, CorrelationStudy& study) {
    study = {};
    for (const nlohmann::json& each : json.at("points")) {
        CorrelationPoint& point = study.points.emplace_back();
        each.at("name").get_to(point.name);
        each.at("sha256").get_to(point.sha256);
        each.at("cross_entropy").get_to(point.crossEntropy);
        if (!each.at("brier_lm").is_null())
            point.brierLm = each.at("brier_lm").get<Estimate>();
    }
    json.at("pearson").get_to(study.pearson);
    json.at("spearman").get_to(study.spearman);
    json.at("stopped").get_to(study.stopped);
}

void to_json(nlohmann::json& json, const PerplexityAnchors& anchors) {
    const auto anchorJson = [](const PerplexityAnchors::Anchor& anchor) {
        return nlohmann::json{{"perplexity", anchor.perplexity}, {"entropy", anchor.entropy}};
    };
    json = {{"evaluator", anchors.evaluator},
            {"text", anchors.text},
            {"length", anchors.length},
            {"real", anchorJson(anchors.real)},
            {"shuffled", anchorJson(anchors.shuffled)}};
}

void from_json(const nlohmann::json& json, PerplexityAnchors& anchors) {
    const auto anchorOf = [&](const char* name) {
        const nlohmann::json& anchor = json.at(name);
        return PerplexityAnchors::Anchor{.perplexity = anchor.at("perplexity").get<Estimate>(),
                                         .entropy = anchor.at("entropy").get<Estimate>()};
    };
    json.at("evaluator").get_to(anchors.evaluator);
    json.at("text").get_to(anchors.text);
    json.at("length").get_to(anchors.length);
    anchors.real = anchorOf("real");
    anchors.shuffled = anchorOf("shuffled");
}

} // namespace steploom
