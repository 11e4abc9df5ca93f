// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/reports/pool_analyses.h"

#include "engine/models/precision_text.h"
#include "engine/runs/run_store.h"

#include <fmt/format.h>

#include <algorithm>

namespace steploom {

namespace {

/// As importanceKey() and modelsJson() name the models of a pool.
nlohmann::json modelsOf(const Run& run) {
    nlohmann::json models = nlohmann::json::array();
    const auto& pool = run.summary.request.pool;
    for (std::size_t i = 0; i < pool.size(); ++i) {
        const Precision precision =
            i < run.provenance.members.size() ? run.provenance.members[i].effective : pool[i].precision;
        models.push_back({{"letter", std::string(1, pool[i].letter)},
                          {"sha256", pool[i].sha256},
                          {"precision", precisionName(precision)}});
    }
    return models;
}

const Run* runOf(const ReportMaterial& material, const nlohmann::json& models) {
    const auto found =
        std::ranges::find_if(material.runs, [&](const Run& run) { return modelsOf(run) == models; });
    return found == material.runs.end() ? nullptr : &*found;
}

} // namespace

std::vector<StoredAnalysis> analysesOfPools(const ReportMaterial& material, const std::string& kind,
                                            const char* key) {
    std::vector<StoredAnalysis> analyses = material.store.listAnalyses(kind);
    std::erase_if(analyses, [&](const StoredAnalysis& each) {
        return !each.settings.is_object() || !each.settings.contains(key) ||
               !runOf(material, each.settings.at(key));
    });
    return analyses;
}

std::string poolText(const ReportMaterial& material, const nlohmann::json& models) {
    std::string text;
    if (const Run* run = runOf(material, models))
        for (const PoolMemberSpec& member : run->summary.request.pool)
            text += fmt::format("{}{} {}", text.empty() ? "" : ", ", member.letter, member.name);
    return text;
}

} // namespace steploom
