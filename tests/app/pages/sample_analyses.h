// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/bridge/run_library.h"
#include "engine/analyses/correlation_study.h"
#include "engine/analyses/frontier.h"
#include "engine/analyses/kinds.h"
#include "engine/analyses/perplexity_anchors.h"
#include "engine/analyses/search_result.h"
#include "engine/runs/known_importance.h"
#include "engine/schedule/segment_schedules.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace steploom::testing {

inline Estimate around(double value, double margin, int n = 32) {
    return {value, value - margin, value + margin, n};
}

inline nlohmann::json sampleModels() {
    return {{{"letter", "H"}, {"sha256", "sha of heavy"}, {"precision", "f32"}},
            {{"letter", "L"}, {"sha256", "sha of light"}, {"precision", "f32"}}};
}

/// A search over pairs of segments whose cost grows towards the middle; the dearest was dropped.
inline StoredAnalysis sampleSearch(int segments = 5, int light = 2, bool stopped = false) {
    SearchResult result;
    result.baseline = 100;
    result.stopped = stopped;
    std::int64_t run = 101;
    for (const StepSchedule& schedule :
         segmentSchedules({.steps = 8 * segments, .segments = segments, .light = light}, 10'000, 1)) {
        double cost = -0.01;
        for (int i = 0; i < schedule.steps(); ++i)
            if (schedule.at(i) == 'L')
                cost += 0.01 * std::exp(-std::pow((i + 0.5) / schedule.steps() - 0.55, 2) / 0.05);
        result.entries.push_back(
            {.schedule = schedule,
             .run = run++,
             .natsPerToken = around(cost, 0.02),
             .perplexityRatio = {std::exp(cost), std::exp(cost - 0.02), std::exp(cost + 0.02), 32},
             .entropy = around(0.01, 0.02),
             .saved = 0.12,
             .adjustedP = 0.2});
    }
    std::ranges::sort(result.entries, {}, [](const SearchEntry& entry) { return entry.natsPerToken.value; });
    result.entries.back().dropped = true;
    result.entries.back().natsPerToken.n = 8;
    return {.kind = kSearchKind,
            .settings = {{"models", sampleModels()},
                         {"request", {{"samples", 32}, {"steps", 8 * segments}}},
                         {"evaluator", "reader"},
                         {"evaluator_sha256", "sha of reader"},
                         {"segments", segments},
                         {"light", light}},
            .result = result,
            .created = "2026-03-05T10:00:00Z"};
}

inline StoredAnalysis sampleImportance(const std::string& heavy = "sha of heavy") {
    ImportanceProfile profile;
    profile.windows = 256;
    profile.members = {{'H', {}, {}}, {'L', {}, {}}};
    for (int i = 0; i < 20; ++i) {
        const double t = 1 - (i + 0.5) / 20;
        const double divergence = 0.05 + 0.3 * std::exp(-std::pow(t - 0.4, 2) / 0.05);
        profile.times.push_back(t);
        profile.members[0].crossEntropy.push_back(around(2.5 + 2 * t, 0.15, 256));
        profile.members[0].divergence.push_back(around(0, 0, 256));
        profile.members[1].crossEntropy.push_back(around(2.5 + 2 * t + divergence, 0.17, 256));
        profile.members[1].divergence.push_back(around(divergence, 0.03, 256));
    }
    nlohmann::json members = sampleModels();
    members[0]["sha256"] = heavy;
    return {
        .kind = kImportanceKind,
        .settings = {{"members", members}, {"text_sha256", "0123456789"}, {"windows", 256}, {"length", 128}},
        .result = profile,
        .created = "2026-03-04T10:00:00Z"};
}

inline StoredAnalysis sampleFrontier() {
    Frontier frontier;
    std::int64_t run = 200;
    for (const auto& [letters, worse] :
         {std::pair("HHHHHHHHHH", 1.0), std::pair("LHHHHHHHHL", 1.04), std::pair("LLLLLLLLLL", 1.35)}) {
        for (const double temperature : {0.7, 0.8, 0.9, 1.0, 1.1}) {
            const double perplexity = worse * 30 * std::exp(2.2 * (temperature - 1));
            frontier.points.push_back({.schedule = StepSchedule(letters),
                                       .temperature = temperature,
                                       .run = run++,
                                       .perplexity = {perplexity, 0.93 * perplexity, 1.08 * perplexity, 16},
                                       .entropy = around(4.4 + 0.9 * (temperature - 0.7), 0.04, 16),
                                       .saved = 0.1});
        }
    }
    return {.kind = kFrontierKind,
            .settings = {{"models", sampleModels()},
                         {"request", {{"samples", 16}}},
                         {"evaluator", "reader"},
                         {"evaluator_sha256", "sha of reader"}},
            .result = frontier,
            .created = "2026-03-06T10:00:00Z"};
}

inline StoredAnalysis sampleAnchors() {
    return {.kind = kAnchorsKind,
            .settings = {{"evaluator_sha256", "sha of reader"}},
            .result = PerplexityAnchors{.evaluator = "reader",
                                        .text = "geese.txt",
                                        .length = 128,
                                        .real = {around(18, 1), around(4.7, 0.05)},
                                        .shuffled = {around(900, 60), around(4.7, 0.05)}},
            .created = "2026-03-06T11:00:00Z"};
}

/// Eight checkpoints, the first of which has no BrierLM.
inline StoredAnalysis sampleCorrelation() {
    CorrelationStudy study;
    std::vector<double> x, y;
    for (int i = 0; i < 8; ++i) {
        const double loss = 6.5 - 0.45 * i + 0.05 * (i % 2);
        CorrelationPoint& point = study.points.emplace_back();
        point.name = "step-" + std::to_string(1000 * (i + 1));
        point.sha256 = "sha " + std::to_string(i);
        point.crossEntropy = around(loss, 0.06, 512);
        if (i > 0) {
            point.brierLm = around(1.2 * i + 0.3 * (i % 3), 0.5, 512);
            x.push_back(loss);
            y.push_back(point.brierLm->value);
        }
    }
    study.pearson = pearsonCorrelation(x, y);
    study.spearman = spearmanCorrelation(x, y);
    return {.kind = kCorrelationKind,
            .settings = {{"windows", 512}, {"text", "geese.txt"}},
            .result = study,
            .created = "2026-03-07T10:00:00Z"};
}

inline AnalysesByKind sampleAnalyses() {
    return {{kSearchKind, {sampleSearch()}},
            {kImportanceKind, {sampleImportance()}},
            {kFrontierKind, {sampleFrontier()}},
            {kAnchorsKind, {sampleAnchors()}},
            {kCorrelationKind, {sampleCorrelation()}}};
}

} // namespace steploom::testing
