// SPDX-License-Identifier: GPL-3.0-or-later
// Shapes: B windows, K tokens a chunk, C chunks in all, P patches a window, l latent size, N draws of the
// head, M samples of the posterior.
#include "experiments/training/calm_training.h"

#include "engine/core/error.h"
#include "engine/measures/brier_lm.h"
#include "engine/models/calm.h"
#include "experiments/training/calm_network.h"
#include "experiments/training/energy_loss.h"
#include "experiments/training/network_checkpoint.h"
#include "experiments/training/random_tensors.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <array>

namespace steploom {

using torch::Tensor;

namespace {

constexpr int kWindowsAtOnce = 8; // of a measurement, by one thread

/// body(part, first window, tokens [windows, length]) over all windows.
template <typename Body>
void forEachWindows(const Windows& windows, int length, torch::Device device, Parts& parts,
                    const std::stop_token& stop, const WindowCopy& copy, const Body& body) {
    const std::size_t last = windows.tokens - static_cast<std::size_t>(length);
    parts.forEach((windows.count + kWindowsAtOnce - 1) / kWindowsAtOnce, [&](int part) {
        if (stop.stop_requested())
            return;
        const torch::NoGradGuard none;
        const int first = part * kWindowsAtOnce, count = std::min(kWindowsAtOnce, windows.count - first);
        const auto text = windowsOf(count, length, [&](int row, std::span<std::int64_t> to) {
            const auto index = static_cast<std::size_t>(first + row);
            copy(windows.count > 1 ? last * index / static_cast<std::size_t>(windows.count - 1) : 0, to);
        });
        const Parts::FirstOccurrence occurrence(parts, {count, -1});
        body(part, first, torch::tensor(text).view({count, length}).to(device));
    });
}

/// [rows] f64 on the processor.
std::vector<double> numbersOf(const Tensor& x) {
    const Tensor kept = x.to(torch::kFloat64).to(torch::kCPU).contiguous();
    return {kept.data_ptr<double>(), kept.data_ptr<double>() + kept.numel()};
}

NetworkShape shapeOf(const AutoencoderFacts& facts) {
    NetworkShape shape;
    shape.width = facts.width;
    shape.hidden = facts.hidden;
    shape.chunk = facts.chunk;
    shape.latent = facts.latent;
    shape.encoderLayers = facts.encoderLayers;
    shape.decoderLayers = facts.decoderLayers;
    shape.rmsEpsilon = facts.epsilon;
    return shape;
}

class AutoencoderPart final : public CalmPart {
public:
    AutoencoderPart(const TrainingConfig& config, int vocabulary)
        : m_config(config), m_network(config.network, vocabulary) {}

    std::vector<Parameter> parameters() const override { return m_network.parameters(); }

    nlohmann::ordered_json config(const std::filesystem::path&) const override {
        nlohmann::ordered_json json = m_network.config();
        json["ae_dropout"] = m_config.latentDropout;
        json["kl_clamp"] = m_config.klClip;
        json["kl_weight"] = m_config.klWeight;
        json["pad_token_id"] = 0;
        return json;
    }

    /// K · cross-entropy + β Σ max(KL of a dimension, λ), the tokens to be found again among K · C others of
    /// which some are replaced, the vector noisy and with gaps (section 3.2).
    Tensor loss(const Parameters& p, const Tensor& windows, const CalmPass& pass) const override {
        const std::int64_t k = m_network.shape().chunk;
        const Tensor tokens = windows.reshape({-1, k});
        const torch::Device device = tokens.device();
        const Tensor replaced =
            uniformNumbers(tokens.sizes(), pass.seed, Draw::ReplacedTokens, device) < m_config.tokenDropout;
        const auto [mean, logSigma] = m_network.encode(p, tokens.masked_fill(replaced, 0), pass.precision);
        const Tensor sigma = logSigma.exp();
        Tensor latents = mean + sigma * normalNumbers(mean.sizes(), pass.seed, Draw::LatentNoise, device);
        const Tensor kept =
            uniformNumbers(mean.sizes(), pass.seed, Draw::LatentDropout, device) >= m_config.latentDropout;
        latents = latents * kept * (1 / (1 - m_config.latentDropout));
        const Tensor logits = m_network.decode(p, latents, pass.precision);
        const Tensor found = tokenLosses(logits, tokens.reshape({-1}), logits.size(-1)).mean();
        const Tensor divergence = 0.5 * (mean.square() + sigma.square() - 1) - logSigma;
        return static_cast<double>(k) * found +
               m_config.klWeight * divergence.clamp_min(m_config.klClip).sum(-1).mean();
    }

    double trainingFlops(double chunks) const noexcept override {
        return 3 * (facts().encodeFlops() + facts().decodeFlops()) * chunks;
    }

    HeldOutFigures measure(const Parameters& p, const Windows& windows, const CalmPass& pass, Parts& parts,
                           const std::stop_token& stop, const WindowCopy& copy) const override {
        const std::int64_t k = m_network.shape().chunk;
        const torch::Device device = p.table().empty() ? torch::kCPU : p[p.table().front().name].device();
        const auto count = static_cast<std::size_t>(windows.count);
        std::vector<double> tokenShares(count, -1), chunkShares(count, -1);
        forEachWindows(
            windows, m_config.network.length, device, parts, stop, copy,
            [&](int, int first, const Tensor& text) {
                const Tensor tokens = text.view({-1, k});
                const Tensor logits =
                    m_network.decode(p, m_network.encode(p, tokens, pass.precision).mean, pass.precision);
                const Tensor right = logits.argmax(-1).view({-1, k}) == tokens;
                const auto each = [&](const Tensor& x, std::vector<double>& to) {
                    const auto shares = numbersOf(x.view({text.size(0), -1}).to(torch::kFloat32).mean(-1));
                    std::copy(shares.begin(), shares.end(), to.begin() + first);
                };
                each(right, tokenShares);
                each(right.all(-1), chunkShares);
            });
        for (auto* shares : {&tokenShares, &chunkShares})
            std::erase(*shares, -1.0);
        return {meanWithInterval(tokenShares), {{"chunk accuracy", meanWithInterval(chunkShares)}}};
    }

private:
    AutoencoderFacts facts() const noexcept {
        const NetworkShape& shape = m_network.shape();
        AutoencoderFacts facts;
        facts.chunk = shape.chunk;
        facts.latent = shape.latent;
        facts.vocabulary = m_network.vocabulary();
        facts.width = shape.width;
        facts.hidden = shape.hidden;
        facts.encoderLayers = shape.encoderLayers;
        facts.decoderLayers = shape.decoderLayers;
        return facts;
    }

    TrainingConfig m_config;
    AutoencoderNetwork m_network;
};

/// An autoencoder that is not trained any more.
struct FrozenAutoencoder {
    std::filesystem::path folder;
    std::string hash;
    AutoencoderFacts facts;
    AutoencoderNetwork network;
    Parameters parameters;

    static FrozenAutoencoder load(const std::filesystem::path& folder, torch::Device device) {
        const Checkpoint checkpoint = Checkpoint::open(folder);
        if (checkpoint.textOr("model_type", "") != "autoencoder")
            throw Error(
                ErrorKind::Config,
                {"cannot learn from this autoencoder", folder.string(),
                 fmt::format("its model_type is \"{}\"", checkpoint.textOr("model_type", "")),
                 "Take a folder that steploom-train calm-autoencoder made, of model_type autoencoder"});
        const AutoencoderFacts facts = CalmAutoencoder::describe(checkpoint);
        AutoencoderNetwork network(shapeOf(facts), facts.vocabulary);
        Parameters parameters(network.parameters(), 0, device);
        readWeights(checkpoint, parameters);
        return {folder, checkpoint.sha256(), facts, std::move(network), std::move(parameters)};
    }

    void requireFitting(const NetworkShape& shape, int vocabulary) const {
        std::vector<std::string> different;
        const auto compare = [&](const char* what, const char* wantedBy, int wanted, int found) {
            if (wanted != found)
                different.push_back(
                    fmt::format("{} is {} there, {} is {} here", what, found, wantedBy, wanted));
        };
        compare("patch_size", "network.chunk", shape.chunk, facts.chunk);
        compare("latent_size", "network.latent", shape.latent, facts.latent);
        compare("vocab_size", "the tokenizer's size", vocabulary, facts.vocabulary);
        if (!different.empty())
            throw Error(
                ErrorKind::Pool,
                {"cannot learn from this autoencoder", folder.string(),
                 fmt::format("{}", fmt::join(different, "; ")),
                 "Set network.chunk and network.latent to its sizes and take its tokenizer, or train an "
                 "autoencoder of these sizes"});
    }
};

class EnergyPart final : public CalmPart {
public:
    EnergyPart(const TrainingConfig& config, int vocabulary, FrozenAutoencoder autoencoder)
        : m_config(config), m_network(config.network, vocabulary), m_autoencoder(std::move(autoencoder)) {}

    std::vector<Parameter> parameters() const override { return m_network.parameters(); }
    std::string frozenHash() const override { return m_autoencoder.hash; }

    nlohmann::ordered_json config(const std::filesystem::path& folder) const override {
        nlohmann::ordered_json json = m_network.config();
        json["ae_path"] = placeSeenFrom(folder);
        json["num_samples"] = m_config.samples;
        json["beta"] = m_config.exponent;
        return json;
    }

    Tensor loss(const Parameters& p, const Tensor& windows, const CalmPass& pass) const override {
        const Dropout dropout(pass.dropout, pass.seed, windows.device());
        const Shown shown(windows, m_config.network.chunk);
        const Tensor states = m_network.states(p, shown.before, pass.precision, dropout);
        return energyLoss(draws(p, states, m_config.samples, pass), samples(shown.next, pass),
                          m_config.exponent)
            .mean();
    }

    double trainingFlops(double chunks) const noexcept override {
        const NetworkShape& shape = m_config.network;
        const double d = shape.width, share = static_cast<double>(shape.keyValueHeads) / shape.heads,
                     patches = static_cast<double>(shape.length) / shape.chunk;
        const double block = 2 * d * d * (2 + 2 * share) + 6 * d * shape.hidden + 4 * d * patches;
        EnergyFacts facts;
        facts.stack.width = shape.width;
        facts.chunk = shape.chunk;
        const EnergyHead::Shape head{shape.width, shape.noise, shape.latent, shape.headBlocks};
        const double forward = facts.embeddingFlops() + shape.blocks * block + head.conditionFlops() +
                               m_config.samples * head.drawFlops();
        return (3 * forward + m_autoencoder.facts.encodeFlops()) * chunks;
    }

    /// BrierLM with every patch's context as it is in the text, from R draws of each patch, whose first four
    /// tokens are the four orders; windows are what the intervals are over. Beside it the energy loss.
    HeldOutFigures measure(const Parameters& p, const Windows& windows, const CalmPass& pass, Parts& parts,
                           const std::stop_token& stop, const WindowCopy& copy) const override {
        const std::int64_t k = m_config.network.chunk, drawn = std::max(2, windows.draws);
        const int length = textLength(TrainingKind::Energy, m_config.network);
        const torch::Device device = p[p.table().front().name].device();
        const auto count = static_cast<std::size_t>(windows.count);
        std::vector<std::optional<BrierScores>> brier(count);
        std::vector<double> losses(count, 0);
        forEachWindows(windows, length, device, parts, stop, copy,
                       [&](int part, int first, const Tensor& text) {
                           CalmPass here = pass;
                           here.seed = pass.seed * 0x9E3779B97F4A7C15u + static_cast<std::uint64_t>(part);
                           const Shown shown(text, m_config.network.chunk);
                           const Tensor latents =
                               draws(p, m_network.states(p, shown.before, here.precision, {}), drawn, here);
                           const auto energy =
                               numbersOf(energyLoss(latents, samples(shown.next, here), m_config.exponent)
                                             .view({text.size(0), -1})
                                             .mean(-1));
                           std::copy(energy.begin(), energy.end(), losses.begin() + first);
                           const Tensor tokens = decoded(latents, k, here.precision);
                           const Tensor truth = shown.next.to(torch::kCPU).to(torch::kInt32).contiguous();
                           const std::int64_t patches = truth.size(0) / text.size(0);
                           for (std::int64_t window = 0; window < text.size(0); ++window)
                               brier[static_cast<std::size_t>(first + window)] =
                                   scoresOf(tokens, truth, window * patches, patches);
                       });
        std::vector<BrierScores> kept;
        std::vector<double> keptLosses;
        for (std::size_t window = 0; window < count; ++window)
            if (brier[window]) {
                kept.push_back(*brier[window]);
                keptLosses.push_back(losses[window]);
            }
        HeldOutFigures figures;
        if (k >= kBrierOrders) {
            const BrierLm found =
                brierLmOf(kept, static_cast<int>(drawn), BrierEstimator::Draws, {.resamples = 2000});
            if (found.score)
                figures.main = *found.score;
            for (int order = 0; order < kBrierOrders; ++order)
                figures.beside.push_back(
                    {fmt::format("Brier-{}", order + 1), found.orders[static_cast<std::size_t>(order)]});
        }
        figures.beside.push_back({"energy loss", meanWithInterval(keptLosses)});
        return figures;
    }

private:
    /// Windows [B, K + P · K]: what each patch is predicted from, [B, P · K], and the patches [B · P, K].
    struct Shown {
        Shown(const Tensor& windows, std::int64_t k)
            : before(windows.narrow(1, 0, windows.size(1) - k).contiguous()),
              next(windows.narrow(1, k, windows.size(1) - k).reshape({-1, k})) {}
        Tensor before, next;
    };

    /// Relative to the folder that `folder` is in, where loaders look for it (engine/models/calm.h).
    std::string placeSeenFrom(const std::filesystem::path& folder) const {
        std::error_code problem;
        const auto parent = std::filesystem::absolute(folder).lexically_normal().parent_path();
        const auto relative = std::filesystem::relative(m_autoencoder.folder, parent, problem);
        return problem || relative.empty() ? std::filesystem::absolute(m_autoencoder.folder).string()
                                           : relative.generic_string();
    }

    /// [R, N, l]
    Tensor draws(const Parameters& p, const Tensor& states, std::int64_t count, const CalmPass& pass) const {
        const Tensor noise = uniformNumbers({states.size(0), count, m_config.network.noise}, pass.seed,
                                            Draw::HeadNoise, states.device());
        return m_network.draw(p, states, noise - 0.5, pass.precision);
    }

    /// Of the autoencoder's posterior of chunks [C, K].
    PosteriorSamples samples(const Tensor& chunks, const CalmPass& pass) const {
        const torch::NoGradGuard none;
        const auto [mean, logSigma] =
            m_autoencoder.network.encode(m_autoencoder.parameters, chunks, pass.precision);
        return {mean, logSigma.exp(),
                normalNumbers({mean.size(0), m_config.posteriorSamples, mean.size(1)}, pass.seed,
                              Draw::PosteriorSamples, chunks.device())};
    }

    /// The autoencoder's likeliest tokens of latents [R, N, l]: [R, N, K] i32 on the processor.
    Tensor decoded(const Tensor& latents, std::int64_t k, torch::ScalarType precision) const {
        const Tensor logits = m_autoencoder.network.decode(
            m_autoencoder.parameters, latents.reshape({-1, latents.size(-1)}), precision);
        return logits.argmax(-1)
            .view({latents.size(0), latents.size(1), k})
            .to(torch::kCPU)
            .to(torch::kInt32)
            .contiguous();
    }

    /// Means over patches [first, first + count) of tokens [R, N, K] and truth [R, K].
    static BrierScores scoresOf(const Tensor& tokens, const Tensor& truth, std::int64_t first,
                                std::int64_t count) {
        BrierScores mean{};
        const std::int64_t draws = tokens.size(1), k = tokens.size(2);
        if (k < kBrierOrders)
            return mean;
        std::vector<std::int32_t> drawn(static_cast<std::size_t>(draws * kBrierOrders));
        const auto* const all = tokens.data_ptr<std::int32_t>();
        const auto* const right = truth.data_ptr<std::int32_t>();
        for (std::int64_t patch = first; patch < first + count; ++patch) {
            for (std::int64_t draw = 0; draw < draws; ++draw)
                std::copy_n(all + (patch * draws + draw) * k, kBrierOrders,
                            drawn.begin() + draw * kBrierOrders);
            const BrierScores scores =
                brierFromDraws(drawn, std::span(right + patch * k, std::size_t{kBrierOrders}));
            for (std::size_t order = 0; order < scores.size(); ++order)
                mean[order] += scores[order] / static_cast<double>(count);
        }
        return mean;
    }

    TrainingConfig m_config;
    EnergyNetwork m_network;
    FrozenAutoencoder m_autoencoder;
};

} // namespace

std::unique_ptr<CalmPart> CalmPart::create(TrainingKind kind, const TrainingConfig& config, int vocabulary,
                                           const std::filesystem::path& autoencoder, torch::Device device) {
    if (kind == TrainingKind::Autoencoder)
        return std::make_unique<AutoencoderPart>(config, vocabulary);
    FrozenAutoencoder frozen = FrozenAutoencoder::load(autoencoder, device);
    frozen.requireFitting(config.network, vocabulary);
    return std::make_unique<EnergyPart>(config, vocabulary, std::move(frozen));
}

bool CalmPart::holds(const Checkpoint& checkpoint) {
    const std::string type = checkpoint.textOr("model_type", "");
    return type == "autoencoder" || type == "energy";
}

namespace {

/// Autoencoders take chunks by themselves: windows only say what the intervals are over.
constexpr int kChunksOfAWindow = 64;

int wantedLength(const MeasureSettings& settings, int longest, int chunk) {
    if (settings.length % chunk != 0)
        throw Error(ErrorKind::Request,
                    {"cannot measure this text", "--length",
                     fmt::format("{} tokens are no multiple of the {} of a chunk", settings.length, chunk),
                     fmt::format("Take {}", settings.length / chunk * chunk + chunk)});
    return settings.length > 0 ? settings.length : longest;
}

} // namespace

CalmPart::Loaded CalmPart::load(const Checkpoint& checkpoint, const MeasureSettings& settings) {
    Loaded loaded;
    NetworkShape& shape = loaded.config.network;
    if (!isEnergyTransformer(checkpoint)) {
        const AutoencoderFacts facts = CalmAutoencoder::describe(checkpoint);
        shape = shapeOf(facts);
        loaded.longest = std::max(settings.length, kChunksOfAWindow * facts.chunk);
        shape.length = wantedLength(settings, kChunksOfAWindow * facts.chunk, facts.chunk);
        loaded.part = std::make_unique<AutoencoderPart>(loaded.config, facts.vocabulary);
        return loaded;
    }
    loaded.kind = TrainingKind::Energy;
    const EnergyFacts facts = EnergyTransformer::describe(checkpoint);
    shape.width = facts.stack.width;
    shape.blocks = checkpoint.size("num_hidden_layers");
    shape.heads = checkpoint.size("num_attention_heads");
    shape.keyValueHeads = checkpoint.sizeOr("num_key_value_heads", shape.heads);
    shape.hidden = checkpoint.size("intermediate_size");
    shape.ropeTheta = checkpoint.positiveOr("rope_theta", 10000.0);
    shape.rmsEpsilon = checkpoint.positiveOr("rms_norm_eps", 1e-6);
    shape.chunk = facts.chunk;
    shape.latent = facts.latent();
    shape.noise = facts.head.noise;
    shape.headBlocks = facts.head.blocks;
    loaded.longest = facts.stack.length * facts.chunk;
    shape.length = wantedLength(settings, loaded.longest, facts.chunk);
    loaded.config.exponent = checkpoint.positiveOr("beta", 1.0);
    loaded.part = create(TrainingKind::Energy, loaded.config, facts.stack.vocabulary,
                         findAutoencoder(checkpoint).folder, torch::kCPU);
    return loaded;
}

} // namespace steploom
