// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/analyses/causal_checkpoint.h"

#include "engine/core/error.h"
#include "engine/measures/brier_models.h"
#include "engine/models/registry.h"

#include <fmt/format.h>

#include <algorithm>

namespace steploom {

namespace {

/// Enough rows to fill the machine's matrix products, few enough that a stop is honoured soon.
constexpr int kTokensPerCall = 1024;
/// Of the time that both measures take.
constexpr double kCrossEntropyShare = 0.1;

Measure crossEntropy(CausalModel& model, const BrierWindows& windows, const Progress& progress,
                     const std::stop_token& stop) {
    const int length = windows.context + kBrierOrders;
    const int together = std::max(1, kTokensPerCall / length);
    model.reserve(together, length);
    std::vector<double> perToken;
    std::vector<float> nats;
    for (int window = 0; window < windows.count() && !stop.stop_requested(); window += together) {
        const int samples = std::min(together, windows.count() - window);
        const auto scored = static_cast<std::size_t>(length - 1);
        nats.resize(scored * static_cast<std::size_t>(samples));
        model.negativeLogLikelihood(
            std::span(windows.tokens)
                .subspan(static_cast<std::size_t>(window) * static_cast<std::size_t>(length),
                         static_cast<std::size_t>(samples) * static_cast<std::size_t>(length)),
            samples, length, nats);
        for (std::size_t sample = 0; sample < static_cast<std::size_t>(samples); ++sample) {
            double sum = 0;
            for (const float each : std::span(nats).subspan(sample * scored, scored))
                sum += each;
            perToken.push_back(sum / static_cast<double>(scored));
        }
        if (progress)
            progress(kCrossEntropyShare * (window + samples) / windows.count());
    }
    return {.name = "cross_entropy",
            .estimate = meanWithInterval(perToken),
            .unit = "nats/token",
            .estimator = "mean over windows of −log p(token | those before it in the window), t interval",
            .settings = {{"level", 0.95}, {"length", length}}};
}

} // namespace

CausalCheckpoint openCausalCheckpoint(const std::filesystem::path& folder, ComputeContext& context,
                                      const std::filesystem::path& tokenizer) {
    const Checkpoint checkpoint = Checkpoint::open(folder);
    if (isMaskedDiffusion(checkpoint))
        throw Error(ErrorKind::Config,
                    {"cannot measure the checkpoint", folder.string(),
                     fmt::format("it is a masked-diffusion model ({}), not a causal one",
                                 describe(checkpoint).architecture),
                     "Name a causal checkpoint here, and a pool with --model and --schedule"});
    return {.name = checkpoint.folder().filename().string(),
            .sha256 = checkpoint.sha256(),
            .positions = describe(checkpoint).length,
            .load = [checkpoint, tokenizer, &context] {
                return CausalReader{.model = loadCausalModel(checkpoint, Precision::F32, context),
                                    .tokenizer =
                                        Tokenizer::load(tokenizer.empty() ? checkpoint.folder() : tokenizer)};
            }};
}

Measured measureCausal(const CausalCheckpoint& checkpoint, const StudyText& text,
                       const CausalMeasuring& settings, RunStore* store, ThreadPool* threads,
                       const Progress& progress, const std::stop_token& stop) {
    const int context = settings.context > 0 ? settings.context : checkpoint.positions / 2;
    if (context + kBrierOrders > checkpoint.positions)
        throw Error(ErrorKind::Request,
                    {"cannot measure the checkpoint", checkpoint.name,
                     fmt::format("a context of {} and the four tokens behind it take more than the {} "
                                 "positions that it was made for",
                                 context, checkpoint.positions),
                     fmt::format("Give a context of at most {}", checkpoint.positions - kBrierOrders)});
    const nlohmann::json key = {{"text_sha256", text.sha256},  {"context", context},
                                {"windows", settings.windows}, {"seed", settings.seed},
                                {"draws", settings.draws},     {"model_sha256", checkpoint.sha256}};
    KnownMeasures known(store, settings.again, stop);
    known.addOfModels({{"measure", "cross_entropy, brier_lm"}}, key, [&] {
        const CausalReader reader = checkpoint.load();
        const BrierWindows windows =
            brierWindows(reader.tokenizer->encode(text.content), context, settings.windows);
        std::vector<Measure> measures{crossEntropy(*reader.model, windows, progress, stop)};
        const std::vector<BrierScores> scores = brierOfCausal(
            *reader.model, std::min(reader.tokenizer->size(), reader.model->facts().vocabulary), windows,
            settings.draws, settings.seed,
            [&](double share) {
                if (progress)
                    progress(kCrossEntropyShare + (1 - kCrossEntropyShare) * share);
            },
            stop);
        for (Measure& measure :
             brierMeasures(brierLmOf(scores, settings.draws, BrierEstimator::Probabilities, {}, threads), {}))
            measures.push_back(std::move(measure));
        return measures;
    });
    return known.take();
}

} // namespace steploom
