// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/cli/request_options.h"

#include "engine/models/precision_text.h"

namespace steploom::cli {

void RequestOptions::addTo(CLI::App& command) {
    pool.addTo(command);
    command.add_option("--samples", samples, "Samples to make")
        ->check(CLI::Range(1, 1'000'000))
        ->capture_default_str();
    command.add_option("--seed", seed, "Seed, 0 to 2^64-1; the same request gives the same bytes")
        ->check([](const std::string& text) {
            // The parser would wrap a negative number around.
            return text.starts_with('-') ? "a seed is not negative" : std::string();
        })
        ->capture_default_str();
    command.add_option("--temperature", temperature, "Logits are divided by it; above 0")
        ->capture_default_str();
    command.add_option("--top-p", topP, "Draw from the smallest set of tokens with this probability; (0, 1]")
        ->capture_default_str();
    command.add_flag("--float32-gumbel", float32Gumbel,
                     "For comparison only: draw with float32 Gumbel noise as much published code does, which "
                     "cuts the tail off and flatters perplexity (arXiv 2409.02908)");
    CLI::Option* begins = command.add_option("--prompt", prompt, "Text that every sample begins with");
    command
        .add_option("--template", templateText, "Text with holes: [mask] for one token, [mask:12] for twelve")
        ->excludes(begins);
    command
        .add_option("--top-tokens", topTokens,
                    "The likeliest tokens kept of every reveal, 0 to 20; changes no token")
        ->check(CLI::Range(0, kMostTopTokens))
        ->capture_default_str();
}

GenerationRequest RequestOptions::request() const {
    GenerationRequest request = pool.request();
    request.topTokens = topTokens;
    request.samples = samples;
    request.seed = seed;
    request.temperature = temperature;
    request.topP = topP;
    request.float32Gumbel = float32Gumbel;
    request.prompt = prompt;
    request.templateText = templateText;
    requireRunnable(request);
    return request;
}

void EvaluatorOptions::addTo(CLI::App& command) {
    command.add_option("--evaluator", path, "Causal checkpoint that judges the samples: perplexity")
        ->type_name("PATH");
    command.add_option("--evaluator-precision", precision, "f32 or bf16")
        ->check(CLI::IsMember({"f32", "bf16"}))
        ->capture_default_str();
}

std::optional<Evaluator> EvaluatorOptions::load(ComputeContext& context) const {
    if (path.empty())
        return std::nullopt;
    return Evaluator::load(absolutePath(path), parsePrecision(precision), context);
}

} // namespace steploom::cli
