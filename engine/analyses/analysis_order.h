// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/measures/autoencoder_quality.h"
#include "engine/measures/step_importance.h"
#include "engine/schedule/step_schedule.h"
#include "engine/tensor/dtype.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace steploom {

// What somebody wants analysed, beside a request that names pool, length, steps, sampler, samples and seed.

/// How much each step matters (measureImportance).
struct ImportanceOrder {
    std::string text; ///< file
    ImportanceSettings settings;

    friend bool operator==(const ImportanceOrder&, const ImportanceOrder&) = default;
};

/// Which k of S equal segments can be the second member's; the first member does the rest and is the
/// baseline.
struct SearchOrder {
    /// More than anybody runs; as a list they would take the memory of the machine. Beyond it runAnalysis()
    /// refuses.
    static constexpr std::uint64_t kMostSchedules = 10'000;
    int segments = 10;     ///< S
    int light = 2;         ///< k
    int most = 0;          ///< so many of the C(S, k), drawn by the request's seed; 0: all
    bool stopEarly = true; ///< no more samples for a schedule that is surely worse than another one

    friend bool operator==(const SearchOrder&, const SearchOrder&) = default;
};

/// Entropy against generative perplexity over temperatures.
struct FrontierOrder {
    std::vector<StepSchedule> schedules;
    std::vector<double> temperatures;

    friend bool operator==(const FrontierOrder&, const FrontierOrder&) = default;
};

/// BrierLM against cross-entropy over causal checkpoints of one model. The request is not used.
struct CorrelationOrder {
    std::vector<std::string> checkpoints; ///< folders
    std::string text;                     ///< file
    int windows = 512;                    ///< of the text, at most
    int context = 0;                      ///< tokens given for BrierLM; 0: half the model's positions
    int draws = 4;                        ///< R
    std::uint64_t seed = 1;

    friend bool operator==(const CorrelationOrder&, const CorrelationOrder&) = default;
};

/// BrierLM over compute (studyBrier). The request is not used.
struct BrierStudyOrder {
    std::vector<std::string> checkpoints; ///< folders: autoregressive, CALM, masked diffusion
    /// Of the CALM checkpoints as a pool, lettered H, L, C, D … in their order: notation or presets
    /// ("sandwich:0.25", as parseScheduleText()) over length / K steps.
    std::vector<std::string> schedules;
    std::vector<double> temperatures{1}; ///< of every CALM checkpoint alone; 1/n
    std::vector<int> candidates{200};    ///< at every temperature below 1
    std::string text;                    ///< file
    int windows = 256;                   ///< of the text, at most
    int context = 64;                    ///< tokens that are given
    int length = 128;                    ///< of the canvas that the cost and the schedules are for
    int steps = 64;                      ///< of masked diffusion
    int draws = 4;                       ///< R
    Precision precision =
        Precision::BF16; ///< of CALM and masked diffusion; autoregressive ones are exact in f32
    std::uint64_t seed = 1;

    friend bool operator==(const BrierStudyOrder&, const BrierStudyOrder&) = default;
};

/// How well a CALM autoencoder rebuilds a text (measureAutoencoder). The request is not used.
struct AutoencoderOrder {
    std::string autoencoder; ///< folder: its own, or that of a CALM checkpoint that names or carries one
    std::string text;        ///< file
    AutoencoderSettings settings;

    friend bool operator==(const AutoencoderOrder&, const AutoencoderOrder&) = default;
};

using AnalysisOrder = std::variant<ImportanceOrder, SearchOrder, FrontierOrder, CorrelationOrder,
                                   BrierStudyOrder, AutoencoderOrder>;

/// StoredAnalysis::kind of the result: kImportanceKind, kSearchKind, ...
std::string kindOf(const AnalysisOrder& order);

/// {"kind": "segment search", ...}, as the queue keeps it.
nlohmann::json orderJson(const AnalysisOrder& order);
/// Throws nlohmann::json::exception for what is missing or unfit, Error(Request) for an unknown kind,
/// Error(Schedule) for a schedule that is none.
AnalysisOrder orderOf(const nlohmann::json& json);

} // namespace steploom
