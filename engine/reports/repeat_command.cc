// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/reports/repeat_command.h"

#include <fmt/format.h>

#include <algorithm>

namespace steploom {

std::string shellQuoted(std::string_view text) {
    static constexpr std::string_view kPlain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,+@%";
    if (!text.empty() && text.find_first_not_of(kPlain) == std::string_view::npos)
        return std::string(text);
    const auto isControl = [](char c) { return static_cast<unsigned char>(c) < 0x20u || c == '\x7F'; };
    // What is seen and copied has to be what is meant: control characters by their numbers.
    const bool controls = std::ranges::any_of(text, [&](char c) { return isControl(c) && c != '\n'; });
    std::string quoted = controls ? "$'" : "'";
    for (const char c : text) {
        if (controls && isControl(c))
            quoted += fmt::format("\\{:03o}", static_cast<unsigned>(c));
        else if (controls && (c == '\\' || c == '\''))
            quoted += std::string("\\") + c;
        else
            quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    }
    return quoted + "'";
}

std::string commandOf(const RunSummary& run) {
    const GenerationRequest& request = run.request;
    if (request.branch) // no command line holds the canvas that it began with; the store does
        return fmt::format("steploom-cli runs rerun {}", run.id);
    std::string command = "steploom-cli generate";
    const auto option = [&command](std::string_view name, std::string_view value) {
        command += fmt::format(" {} {}", name, shellQuoted(value));
    };
    for (const PoolMemberSpec& member : request.pool)
        option("--model",
               fmt::format("{}={}:{}", member.letter, member.path, precisionName(member.precision)));
    if (!request.tokenizer.empty())
        option("--tokenizer", request.tokenizer);
    option("--schedule", printSchedule(request.schedule));
    option("--length", std::to_string(request.length));
    option("--samples", std::to_string(request.samples));
    option("--seed", std::to_string(request.seed));
    option("--sampler", samplerName(request.sampler));
    if (request.sampler == Sampler::Threshold)
        option("--threshold", fmt::format("{}", request.threshold));
    if (request.blockLength > 0)
        option("--block-length", std::to_string(request.blockLength));
    if (const Remasking& remasking = request.remasking; remasking.kind != Remask::None) {
        option("--remask", remaskName(remasking.kind));
        option("--eta", fmt::format("{}", remasking.eta));
        if (remasking.kind == Remask::Loop) {
            option("--t-on", fmt::format("{}", remasking.loopOn));
            option("--t-off", fmt::format("{}", remasking.loopOff));
            option("--alpha-on", fmt::format("{}", remasking.alphaOn));
        }
    }
    if (request.float32Gumbel)
        command += " --float32-gumbel";
    option("--temperature", fmt::format("{}", request.temperature));
    option("--top-p", fmt::format("{}", request.topP));
    // CALM's, and the top-k of autoregressive models: where they differ from what the command takes by
    // itself.
    const GenerationRequest usual;
    if (request.temperatureMethod != usual.temperatureMethod)
        option("--temperature-method", temperatureMethodName(request.temperatureMethod));
    if (request.candidates != usual.candidates)
        option("--candidates", std::to_string(request.candidates));
    if (request.mostDraws != usual.mostDraws)
        option("--most-draws", std::to_string(request.mostDraws));
    if (request.fallBack)
        command += " --fall-back";
    if (request.promptFit != usual.promptFit)
        option("--prompt-fit", promptFitName(request.promptFit));
    if (request.topK > 0)
        option("--top-k", std::to_string(request.topK));
    option("--batch", request.batch == kAutomaticBatch ? "auto" : std::to_string(request.batch));
    // "--prompt=-x": a value that begins with a dash must not read as an option.
    if (!request.prompt.empty())
        command += " " + shellQuoted("--prompt=" + request.prompt);
    if (!request.templateText.empty())
        command += " " + shellQuoted("--template=" + request.templateText);
    if (const Measure* measure = run.measure("generative_perplexity")) {
        const auto setting = [measure](const char* key) {
            return measure->settings.value(key, std::string());
        };
        if (const std::string path = setting("evaluator_path"); !path.empty()) {
            option("--evaluator", path);
            if (const std::string precision = setting("evaluator_precision"); !precision.empty())
                option("--evaluator-precision", precision);
        }
    }
    return command;
}

} // namespace steploom
