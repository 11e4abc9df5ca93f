// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/analyses/autoencoder_analysis.h"
#include "engine/analyses/brier_study.h"
#include "engine/runs/run_json.h"

namespace steploom {

void to_json(nlohmann::json& json, const BrierStudy& study) {
    nlohmann::json points = nlohmann::json::array();
    for (const BrierStudyPoint& point : study.points)
        points.push_back(
            {{"model", point.model},
             {"kind", generationKindName(point.kind)},
             {"schedule", point.schedule},
             {"temperature", point.temperature},
             {"candidates", point.candidates},
             {"inference_flops", point.inferenceFlops},
             {"training_flops",
              point.trainingFlops ? nlohmann::json(*point.trainingFlops) : nlohmann::json()},
             {"brier_lm", point.brier.score ? nlohmann::json(*point.brier.score) : nlohmann::json()},
             {"brier", point.brier.orders},
             {"draws", point.brier.draws},
             {"exact", point.brier.estimator == BrierEstimator::Probabilities},
             {"estimator", point.estimator}});
    json = {{"points", std::move(points)}, {"stopped", study.stopped}};
}

void from_json(const nlohmann::json& json, BrierStudy& study) {
    study = {};
    json.at("stopped").get_to(study.stopped);
    for (const nlohmann::json& each : json.at("points")) {
        BrierStudyPoint& point = study.points.emplace_back();
        each.at("model").get_to(point.model);
        point.kind = parseGenerationKind(each.at("kind").get<std::string>());
        each.at("schedule").get_to(point.schedule);
        each.at("temperature").get_to(point.temperature);
        each.at("candidates").get_to(point.candidates);
        each.at("inference_flops").get_to(point.inferenceFlops);
        if (!each.at("training_flops").is_null())
            point.trainingFlops = each.at("training_flops").get<double>();
        if (!each.at("brier_lm").is_null())
            point.brier.score = each.at("brier_lm").get<Estimate>();
        each.at("brier").get_to(point.brier.orders);
        each.at("draws").get_to(point.brier.draws);
        point.brier.estimator =
            each.at("exact").get<bool>() ? BrierEstimator::Probabilities : BrierEstimator::Draws;
        each.at("estimator").get_to(point.estimator);
    }
}

void to_json(nlohmann::json& json, const AutoencoderQuality& quality) {
    json = {{"chunks", quality.chunks},
            {"token", quality.token},
            {"chunk", quality.chunk},
            {"noisy_token", quality.noisyToken},
            {"noisy_chunk", quality.noisyChunk},
            {"divergence", quality.divergence},
            {"latent_divergence", quality.latentDivergence},
            {"collapsed", quality.collapsed},
            {"stopped", quality.stopped}};
}

void from_json(const nlohmann::json& json, AutoencoderQuality& quality) {
    json.at("chunks").get_to(quality.chunks);
    json.at("token").get_to(quality.token);
    json.at("chunk").get_to(quality.chunk);
    json.at("noisy_token").get_to(quality.noisyToken);
    json.at("noisy_chunk").get_to(quality.noisyChunk);
    json.at("divergence").get_to(quality.divergence);
    json.at("latent_divergence").get_to(quality.latentDivergence);
    json.at("collapsed").get_to(quality.collapsed);
    json.at("stopped").get_to(quality.stopped);
}

} // namespace steploom
