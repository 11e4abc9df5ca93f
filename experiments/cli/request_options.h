// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/measures/generative_perplexity.h"
#include "experiments/cli/pool_options.h"

#include <CLI/CLI.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace steploom {
class ComputeContext;
}

namespace steploom::cli {

/// The options that say how sharply, shared by what generates and what states its cost.
struct TemperatureOptions {
    double temperature = 1;
    std::string method{temperatureMethodName(TemperatureMethod::Batch)};
    int candidates = GenerationRequest().candidates;

    void addTo(CLI::App& command);
    void writeTo(GenerationRequest& request) const;
};

/// The options that make a generation request, shared by `generate` and `queue add`.
struct RequestOptions {
    PoolOptions pool;
    int topTokens = GenerationRequest().topTokens;
    int samples = 8;
    std::uint64_t seed = 1;
    TemperatureOptions temperature;
    double topP = 1;
    int topK = 0;
    std::int64_t mostDraws = GenerationRequest().mostDraws;
    bool fallBack = false;
    std::string promptFit{promptFitName(PromptFit::Pad)};
    bool float32Gumbel = false;
    std::string prompt, templateText;

    void addTo(CLI::App& command);
    /// The options that say how a token or vector is drawn and a prompt is fitted, as far as they differ from
    /// a masked-diffusion request's.
    void writeDrawTo(GenerationRequest& request) const;
    /// Throws Error when it cannot be run, as far as that shows without its models.
    GenerationRequest request() const;
};

/// The options that name an evaluator, shared by `generate` and `queue run`.
struct EvaluatorOptions {
    std::string path; ///< empty: none
    std::string precision = "f32";

    void addTo(CLI::App& command);
    std::optional<Evaluator> load(ComputeContext& context) const;
};

} // namespace steploom::cli
