// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/cli/order_options.h"

#include "engine/core/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace steploom::cli {

namespace {

/// An option that was given although nothing reads it is a misunderstanding.
void requireNeeded(bool given, std::string_view option, bool needed, std::string_view needs) {
    if (given && !needed)
        throw Error(ErrorKind::Request, {"cannot run the request", std::string(option),
                                         fmt::format("it has a meaning only with {}", needs),
                                         fmt::format("Add {}, or leave it out", needs)});
}

constexpr const char* kOptions[] = {"--sampler", "--threshold", "--block-length", "--remask",
                                    "--eta",     "--t-on",      "--t-off",        "--alpha-on"};

} // namespace

void OrderOptions::addTo(CLI::App& command) {
    std::vector<std::string> samplers, remasks;
    for (const Sampler each : allSamplers())
        samplers.emplace_back(samplerName(each));
    for (const Remask each : allRemasks())
        remasks.emplace_back(remaskName(each));

    command
        .add_option(
            "--sampler", sampler,
            "Which positions a step reveals. ancestral: each with probability (t-s)/t (arXiv "
            "2406.07524); first-hitting: T to infinity, one a call (2409.02908); k a step, the surest "
            "first: confidence, by the drawn token's probability (2202.04200, 2502.09992), margin, by "
            "the lead over the second token (2502.06768), entropy (2508.15487); threshold: all whose "
            "drawn token reaches a probability, at least one a call (2505.22618)")
        ->check(CLI::IsMember(samplers))
        ->capture_default_str();
    command
        .add_option("--threshold", threshold, "Probability for --sampler threshold, 0 to 1; 0.9 unless given")
        ->check(CLI::Range(0.0, 1.0));
    command
        .add_option("--block-length", blockLength,
                    "Write from left to right in blocks of this many positions (arXiv 2502.09992); 0: none. "
                    "Not with first-hitting, not with remasking")
        ->check(CLI::Range(0, 65'536))
        ->capture_default_str();
    command
        .add_option("--remask", remask,
                    "ReMDM: mask revealed tokens again (arXiv 2503.00307), with --sampler ancestral")
        ->check(CLI::IsMember(remasks))
        ->capture_default_str();
    command.add_option("--eta", eta,
                       "Strength of the remasking, above 0 to 1; unless given as its authors published: cap "
                       "0.008, rescale 0.015, confidence 1, loop 0.02");
    command.add_option("--t-on", loopOn, "Time at which --remask loop begins, below 1; 0.55 unless given");
    command.add_option("--t-off", loopOff, "Time at which it ends, below --t-on; 0.05 unless given");
    command.add_option("--alpha-on", alphaOn, "Share revealed in the loop, 0 to 1; 0.9 unless given");
}

bool OrderOptions::givenTo(const CLI::App& command) const {
    const auto given = [&command](const char* option) { return command.count(option) > 0; };
    return std::ranges::any_of(kOptions, given);
}

void OrderOptions::writeTo(GenerationRequest& request) const {
    request.sampler = parseSampler(sampler);
    request.blockLength = blockLength;
    Remasking& remasking = request.remasking;
    remasking.kind = parseRemask(remask);

    requireNeeded(threshold.has_value(), "--threshold", request.sampler == Sampler::Threshold,
                  "--sampler threshold");
    requireNeeded(eta.has_value(), "--eta", remasking.kind != Remask::None, "--remask");
    const bool loops = remasking.kind == Remask::Loop;
    requireNeeded(loopOn.has_value(), "--t-on", loops, "--remask loop");
    requireNeeded(loopOff.has_value(), "--t-off", loops, "--remask loop");
    requireNeeded(alphaOn.has_value(), "--alpha-on", loops, "--remask loop");

    request.threshold = threshold.value_or(request.threshold);
    remasking.eta = eta.value_or(publishedEta(remasking.kind));
    remasking.loopOn = loopOn.value_or(remasking.loopOn);
    remasking.loopOff = loopOff.value_or(remasking.loopOff);
    remasking.alphaOn = alphaOn.value_or(remasking.alphaOn);
}

} // namespace steploom::cli
