// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/run_facts.h"

#include "engine/core/sha256.h"
#include "engine/runs/run_json.h"
#include "engine/schedule/presets.h"

#include <fmt/format.h>

namespace steploom {

namespace {

/// Half a SHA-256: no two of a store's will ever be the same by chance.
std::string keyOf(const nlohmann::json& json) {
    Sha256 hash;
    hash.add(jsonText(json)); // an object's keys are sorted
    return hash.hex().substr(0, 32);
}

void forgetPlaces(nlohmann::json& pool) {
    for (nlohmann::json& member : pool)
        if (!member.value("sha256", std::string()).empty()) // else the path is all that names it
            member.erase("path");
}

std::string poolText(const GenerationRequest& request) {
    std::string text;
    for (const PoolMemberSpec& member : request.pool)
        text += fmt::format("{}{} {}", text.empty() ? "" : ", ", member.letter, member.name);
    return text;
}

} // namespace

std::string scheduleTitle(const GenerationRequest& request) {
    const auto& pool = request.pool;
    const char heavy = pool.empty() ? 'H' : pool.front().letter;
    const char light = pool.size() > 1 ? pool[1].letter : 'L';
    const std::string_view preset = nameOfSchedule(request.schedule, heavy, light);
    if (preset.empty())
        return printSchedule(request.schedule);
    const double share = request.schedule.share(light);
    return share == 0 || share == 1 ? std::string(preset) : fmt::format("{} {:.3g}%", preset, 100 * share);
}

std::string settingsKey(const GenerationRequest& request) {
    nlohmann::json json = request;
    for (const char* key : {"seed", "batch", "top_tokens"})
        json.erase(key);
    if (!request.pool.empty())
        json.erase("tokenizer");
    forgetPlaces(json["pool"]);
    if (json.contains("branch"))
        json["branch"].erase("run");
    return keyOf(json);
}

RunFacts factsOf(const GenerationRequest& request, const ScheduleCost& cost) {
    RunFacts facts;
    facts.steps = request.schedule.steps();
    facts.light = cost.lightShare;
    facts.saved = cost.executedSaving;
    facts.savedNominal = cost.nominalSaving;
    facts.savedBlocks = cost.blocksOnlySaving;
    facts.length = request.length;
    facts.samples = request.samples;
    facts.seed = request.seed;
    facts.temperature = request.temperature;
    facts.topP = request.topP;
    facts.blockLength = request.blockLength;
    if (request.sampler == Sampler::Threshold)
        facts.threshold = request.threshold;
    if (request.remasking.kind != Remask::None)
        facts.eta = request.remasking.eta;
    if (request.branch)
        facts.parent = request.branch->parent;
    facts.sampler = samplerName(request.sampler);
    facts.remasking = remaskName(request.remasking.kind);
    facts.pool = poolText(request);
    facts.label = scheduleTitle(request);
    facts.schedule = printSchedule(request.schedule);
    nlohmann::json pool = nlohmann::json(request)["pool"];
    forgetPlaces(pool);
    facts.poolKey = keyOf(pool);
    facts.settingsKey = settingsKey(request);
    facts.prompt = request.prompt.empty() ? request.templateText : request.prompt;
    return facts;
}

} // namespace steploom
