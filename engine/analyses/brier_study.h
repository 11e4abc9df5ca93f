// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/generation_kind.h"
#include "engine/measures/brier_lm.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <vector>

namespace steploom {

/// A model, or a schedule of several CALM models, judged by BrierLM.
struct BrierStudyPoint {
    std::string model; ///< name of its folder; of a schedule "A: calm-full, B: calm-small"
    GenerationKind kind = GenerationKind::MaskedDiffusion;
    /// Notation. Empty: the model alone (masked diffusion: in all steps of the study).
    std::string schedule;
    double temperature = 1;
    int candidates = 1; ///< CALM at a temperature below 1: draws of a vector; otherwise 1
    /// For one generated token, as executed when a canvas of the study's length is generated without a
    /// prompt.
    double inferenceFlops = 0;
    /// In all, from the training.json of the checkpoints (of a schedule: the sum over the models that it
    /// names; CALM: without the autoencoder, as in the paper); none where a checkpoint does not tell.
    std::optional<double> trainingFlops;
    BrierLm brier;
    std::string estimator; ///< on what windows, and how drawn: one line

    friend bool operator==(const BrierStudyPoint&, const BrierStudyPoint&) = default;
};

/// BrierLM over compute, for models of all three kinds on one text (CALM paper, arXiv 2510.27688, figures 5
/// to 8).
struct BrierStudy {
    std::vector<BrierStudyPoint> points; ///< models alone first, in their order, then schedules
    bool stopped = false;

    friend bool operator==(const BrierStudy&, const BrierStudy&) = default;
};

/// {points: [{model, kind, schedule, temperature, candidates, inference_flops, training_flops (null: not
/// told), brier_lm (null: not defined), brier: [four estimates], draws, exact, estimator}], stopped}. Reading
/// throws nlohmann::json::exception for what is missing or unfit.
void to_json(nlohmann::json& json, const BrierStudy& study);
void from_json(const nlohmann::json& json, BrierStudy& study);

} // namespace steploom
