// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/known_importance.h"

#include "engine/core/sha256.h"
#include "engine/runs/run_json.h"
#include "engine/runs/run_store.h"
#include "engine/sampling/model_pool.h"

#include <chrono>
#include <string>

namespace steploom {

nlohmann::json importanceKey(const ModelPool& pool, std::string_view text,
                             const ImportanceSettings& settings) {
    nlohmann::json members = nlohmann::json::array();
    for (const PoolMember& member : pool.members())
        members.push_back({{"letter", std::string(1, member.spec.letter)},
                           {"sha256", member.spec.sha256},
                           {"precision", precisionName(member.model->facts().effective)}});
    return {{"members", std::move(members)},
            {"tokenizer", pool.tokenizer()->fingerprint()},
            {"text_sha256", sha256Of(std::string(text))},
            {"times", settings.times},
            {"windows", settings.windows},
            {"length", settings.length},
            {"seed", settings.seed}};
}

KnownImportance findOrMeasureImportance(RunStore* store, const nlohmann::json& key, const ModelPool& pool,
                                        const std::string& text, const ImportanceSettings& settings,
                                        ThreadPool& threads, const ImportanceProgress& progress,
                                        const std::stop_token& stop) {
    if (store != nullptr)
        if (const auto found = findImportance(*store, key))
            return {.profile = *found, .known = true};
    const auto begin = std::chrono::steady_clock::now();
    KnownImportance measured{.profile = measureImportance(pool, pool.tokenizer()->encode(text), settings,
                                                          threads, progress, stop)};
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    measured.stopped = stop.stop_requested();
    if (store != nullptr && !measured.stopped)
        keepImportance(*store, key, measured.profile, seconds);
    return measured;
}

std::optional<ImportanceProfile> findImportance(const RunStore& store, const nlohmann::json& key) {
    const std::optional<StoredAnalysis> found = store.findAnalysis(kImportanceKind, key);
    if (!found || found->result.value("stopped", false))
        return std::nullopt;
    try {
        return found->result.get<ImportanceProfile>();
    } catch (const nlohmann::json::exception& error) {
        throw Error(ErrorKind::Store,
                    {"cannot read a stored analysis", store.file().string() + ", " + kImportanceKind,
                     error.what(), "Measure the importance of the steps again"});
    }
}

void keepImportance(RunStore& store, const nlohmann::json& key, const ImportanceProfile& profile,
                    double seconds) {
    store.keepAnalysis(
        {.kind = kImportanceKind, .settings = key, .result = profile, .created = {}, .seconds = seconds});
}

void to_json(nlohmann::json& json, const ImportanceProfile& profile) {
    json = {{"times", profile.times}, {"windows", profile.windows}, {"members", nlohmann::json::array()}};
    for (const ImportanceProfile::Member& member : profile.members)
        json["members"].push_back({{"letter", std::string(1, member.letter)},
                                   {"cross_entropy", member.crossEntropy},
                                   {"divergence", member.divergence}});
}

void from_json(const nlohmann::json& json, ImportanceProfile& profile) {
    profile = {};
    json.at("times").get_to(profile.times);
    json.at("windows").get_to(profile.windows);
    for (const nlohmann::json& member : json.at("members"))
        profile.members.push_back({.letter = member.at("letter").get<std::string>().at(0),
                                   .crossEntropy = member.at("cross_entropy").get<std::vector<Estimate>>(),
                                   .divergence = member.at("divergence").get<std::vector<Estimate>>()});
}

} // namespace steploom
