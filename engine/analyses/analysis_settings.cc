// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/analyses/analysis_settings.h"

#include "engine/measures/generative_perplexity.h"

#include <string>

namespace steploom {

nlohmann::json modelsJson(const ModelPool& pool) {
    nlohmann::json models = nlohmann::json::array();
    for (const PoolMember& member : pool.members())
        models.push_back({{"letter", std::string(1, member.spec.letter)},
                          {"sha256", member.spec.sha256},
                          {"precision", precisionName(member.model->facts().effective)}});
    return models;
}

nlohmann::json requestSettings(const GenerationRequest& request) {
    nlohmann::json json = request;
    for (const char* left : {"pool", "tokenizer", "schedule", "batch", "top_tokens"})
        json.erase(left);
    json["steps"] = request.schedule.steps();
    return json;
}

nlohmann::json evaluatorSettings(const Evaluator& evaluator) {
    return {{"evaluator_sha256", evaluator.sha256()},
            {"evaluator_precision", precisionName(evaluator.facts().effective)},
            {"evaluator", evaluator.name()}};
}

nlohmann::json poolNames(const ModelPool& pool) {
    nlohmann::json names = nlohmann::json::array();
    for (const PoolMember& member : pool.members())
        names.push_back({{"letter", std::string(1, member.spec.letter)}, {"name", member.spec.name}});
    return names;
}

bool sameAnalysis(nlohmann::json first, nlohmann::json second) {
    for (nlohmann::json* settings : {&first, &second})
        for (const char* name : {"pool", "evaluator", "text", "autoencoder"})
            settings->erase(name);
    return first == second;
}

} // namespace steploom
