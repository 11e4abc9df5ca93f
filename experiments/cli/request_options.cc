// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/cli/request_options.h"

#include "engine/models/precision_text.h"

namespace steploom::cli {

void TemperatureOptions::addTo(CLI::App& command) {
    command
        .add_option("--temperature", temperature,
                    "Logits are divided by it; above 0. CALM: at most 1, by --temperature-method")
        ->capture_default_str();
    command
        .add_option(
            "--temperature-method", method,
            "CALM below temperature 1: batch, by the counts of some draws, for 1/2, 1/3 and so on; or "
            "exact, for every temperature, as many draws as it takes to agree")
        ->check(CLI::IsMember({"batch", "exact"}))
        ->capture_default_str();
    command.add_option("--candidates", candidates, "Draws of a vector that the batch method counts")
        ->check(CLI::Range(1, 1'000'000))
        ->capture_default_str();
}

void TemperatureOptions::writeTo(GenerationRequest& request) const {
    request.temperature = temperature;
    request.temperatureMethod = parseTemperatureMethod(method);
    request.candidates = candidates;
}

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
    temperature.addTo(command);
    command.add_option("--most-draws", mostDraws, "Limit of the exact method's draws of a vector")
        ->check(CLI::Range(std::int64_t{1}, std::int64_t{10'000'000}))
        ->capture_default_str();
    command.add_flag(
        "--fall-back", fallBack,
        "At that limit take the batch method over the draws made, and say so, instead of ending");
    command
        .add_option("--prompt-fit", promptFit,
                    "A prompt of CALM that is no multiple of K tokens: pad, with the model's padding token "
                    "behind it as published; or trim, without its first tokens")
        ->check(CLI::IsMember({"pad", "trim"}))
        ->capture_default_str();
    command
        .add_option("--top-k", topK,
                    "Autoregressive models: draw from this many of the likeliest tokens; 0: all")
        ->check(CLI::Range(0, 1'000'000))
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

void RequestOptions::writeDrawTo(GenerationRequest& request) const {
    temperature.writeTo(request);
    request.topK = topK;
    request.mostDraws = mostDraws;
    request.fallBack = fallBack;
    request.promptFit = parsePromptFit(promptFit);
}

GenerationRequest RequestOptions::request() const {
    GenerationRequest request = pool.request();
    request.topTokens = topTokens;
    request.samples = samples;
    request.seed = seed;
    request.topP = topP;
    request.float32Gumbel = float32Gumbel;
    writeDrawTo(request);
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
