// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace steploom {

/// What a network learns.
enum class TrainingKind {
    MaskedDiffusion, ///< "mdlm": to fill masked positions (arXiv 2406.07524)
    Distillation,    ///< "distil": the same, and to agree with a larger network
    Causal,          ///< "causal": the next token
    Autoencoder,     ///< "calm-autoencoder": K tokens as one vector (CALM, arXiv 2510.27688)
    Energy,          ///< "calm": the next K tokens' vector, of a frozen autoencoder
};
/// Whether it is a part of CALM.
bool isCalm(TrainingKind kind) noexcept;
const char* trainingKindName(TrainingKind kind) noexcept;
/// What its curve on held-out text is: "NELBO" or "cross-entropy", in nats per token; the share of right
/// tokens of an autoencoder, "token accuracy"; "BrierLM".
const char* measureName(TrainingKind kind) noexcept;

/// Sizes of a network. MDLM reads condition and timeConditioning, Llama what follows them up to tied, CALM's
/// autoencoder width, hidden and what follows tied, its energy transformer Llama's and what follows.
struct NetworkShape {
    int width = 192; ///< d
    int blocks = 4;
    int heads = 3;
    int length = 128; ///< L, positions of a training window
    int condition = 128;
    bool timeConditioning = false;
    int keyValueHeads = 3;
    int hidden = 512; ///< of SwiGLU
    double ropeTheta = 10000;
    double rmsEpsilon = 1e-5;
    bool tied = true; ///< the output layer is the embedding
    int chunk = 4;    ///< K, tokens that become one vector
    int latent = 128; ///< l, numbers of that vector
    int encoderLayers = 2, decoderLayers = 2;
    int headBlocks = 4; ///< of the head that draws vectors
    int noise = 64;     ///< numbers that it draws one of
};

/// A stretch of the training with one range of masked shares and one weighting of the loss (MDLM only).
struct TrainingPhase {
    double until = 1; ///< share of the steps, at which the next phase begins
    double leastMasked = 0;
    double mostMasked = 1;
    bool nelboWeights = true; ///< 1/t, which makes the loss the NELBO; otherwise every masked position alike
};

/// Every hyper-parameter of a training.
struct TrainingConfig {
    NetworkShape network;
    double dropout = 0.0;

    std::string startFrom; ///< folder of a checkpoint whose weights to begin with; "" for random ones

    std::int64_t steps = 10'000;
    int batch = 32;       ///< windows of one pass
    int accumulation = 1; ///< passes of one step
    int parts = 4;        ///< that threads compute a pass in; decides the order of sums, not the threads do
    std::uint64_t seed = 1;
    double learningRate = 1e-3;
    std::int64_t warmUp = 200;
    std::string decay = "cosine";  ///< or "constant"
    double lastLearningRate = 0.0; ///< share of learningRate that cosine ends at
    double coolDown = 0.0;         ///< share of the steps, at the end, over which constant falls to that
    double weightDecay = 0.01;     ///< of matrices
    double beta1 = 0.9, beta2 = 0.98, epsilon = 1e-8;
    double clip = 1.0;              ///< largest norm of the gradient; 0: none
    double averaging = 0.999;       ///< EMA of the weights; 0: none
    std::string precision = "bf16"; ///< of matrix products; sums, norms and weights stay f32. Or "f32"
    std::string device = "auto";    ///< "cpu", "cuda"
    int threads = 0;                ///< 0: one per processor

    double heldOut = 0.02; ///< share of the text that is only measured on
    std::int64_t saveEvery = 500;
    std::int64_t keepEvery = 0; ///< steps between checkpoints that stay; 0: none
    std::int64_t validateEvery = 500;
    int validationWindows = 256;
    std::int64_t logEvery = 20;
    std::string storedAs = "bf16"; ///< element type of model.safetensors

    double teacherShare = 0.5;       ///< of the loss that is KL(teacher ‖ student); the rest is the phase's
    double teacherTemperature = 1.0; ///< of both distributions in that KL

    double tokenDropout = 0.15;  ///< probability of a token to be replaced by id 0 before it is encoded
    double latentDropout = 0.15; ///< of a vector's numbers to be dropped before it is decoded
    double klWeight = 1e-3;      ///< β
    double klClip = 0.5;         ///< λ, nats of each dimension's KL that cost nothing less

    int samples = 8;            ///< N, draws of the head for each patch
    int posteriorSamples = 100; ///< M, vectors of the autoencoder that they are held against
    double exponent = 1;        ///< of the distances
    int brierDraws = 4;         ///< R, draws of a patch that held-out text is measured with

    std::vector<TrainingPhase> phases{TrainingPhase{}};
};

/// Reads a TOML file, or JSON by its extension, over the defaults, and then `overrides`, each "key=value"
/// with the key as in the file ("training.steps=100"). Throws Error(Config): an unknown key (with the nearest
/// known one), a value of another kind or beyond its bounds, shapes that do not fit together.
TrainingConfig readTrainingConfig(const std::filesystem::path& file, TrainingKind kind,
                                  std::span<const std::string> overrides);
/// All values by section, as training.json and the saved state keep them, and as a TOML file with a comment
/// on every key.
nlohmann::ordered_json toJson(const TrainingConfig& config);
std::string toToml(const TrainingConfig& config);
/// Those that decide the weights of a training of this kind: what a resumed one must find again.
nlohmann::json decisive(const TrainingConfig& config, TrainingKind kind);
/// "training.steps: 100 there, 200 here" for each value that differs.
std::vector<std::string> differences(const nlohmann::json& there, const nlohmann::json& here);

/// Learning rate of a step [0, steps): linear warm-up, then the chosen decay.
double learningRateAt(const TrainingConfig& config, std::int64_t step) noexcept;
/// The phase that a step belongs to.
const TrainingPhase& phaseAt(const TrainingConfig& config, std::int64_t step) noexcept;

} // namespace steploom
