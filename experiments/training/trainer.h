// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/measures/statistics.h"
#include "engine/runs/training_run.h"
#include "experiments/training/held_out_figures.h"
#include "experiments/training/training_config.h"

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

namespace steploom {

class RunStore;

/// A training as it is asked for.
struct TrainingJob {
    TrainingKind kind = TrainingKind::MaskedDiffusion;
    TrainingConfig config;
    std::vector<std::filesystem::path> texts;
    std::filesystem::path tokenizer;   ///< tokenizer.json or its folder
    std::filesystem::path teacher;     ///< folder; of a distillation
    std::filesystem::path out;         ///< folder of the checkpoint, and of what a resumption needs
    std::string name;                  ///< in the run store
    std::filesystem::path autoencoder; ///< folder; of TrainingKind::Energy
};

/// Told of what happens, on the calling thread. `left` is in seconds, from the speed so far.
class TrainingObserver {
public:
    virtual ~TrainingObserver() = default;
    virtual void note(const std::string& text) = 0;
    virtual void point(const TrainingPoint& point, double tokensPerSecond, double left) = 0;
    virtual void preparing(double share) = 0; ///< of tokenising
};

struct TrainingOutcome {
    bool finished = false; ///< false: stopped, to be resumed
    std::int64_t steps = 0;
    std::int64_t tokens = 0;
    std::int64_t parameters = 0;
    double seconds = 0;
    double flops = 0;
    std::string measure;    ///< measureName()
    HeldOutFigures heldOut; ///< of the averaged weights
};

/// Trains until config.steps, or until it is stopped; goes on from `out`'s saved state where there is one.
/// Writes state, checkpoint and training.json every saveEvery steps and at the end. `store` may be null. The
/// text may be a pure function of the job and the step alone: a resumed training has the weights of an
/// unbroken one (bit for bit on one thread). Throws Error; what was saved before stays.
TrainingOutcome train(const TrainingJob& job, RunStore* store, TrainingObserver& observer,
                      const std::stop_token& stop);

struct MeasureSettings {
    std::uint64_t seed = 1; ///< of the masks
    int draws = 8;     ///< masked copies of each window, at times spread over 0…1; CALM's draws of a patch
    int length = 0;    ///< tokens of a window, at most the network's; 0: the network's
    bool bf16 = false; ///< products in bf16: several times as fast, the nats differ in the third place
};

/// What a checkpoint is measured by on a text, over windows that follow each other: NELBO for
/// masked-diffusion ones, cross-entropy for causal ones (Llama layout), token accuracy for an autoencoder of
/// CALM, BrierLM for its energy transformer.
struct Measurement {
    std::string measure;
    HeldOutFigures figures;
    std::int64_t tokens = 0;
    std::int64_t parameters = 0;
};
Measurement measureText(const std::filesystem::path& checkpoint,
                        const std::vector<std::filesystem::path>& texts, const MeasureSettings& settings,
                        const std::stop_token& stop);

/// Logits of the trainer's own forward pass in f32, rows of all positions of one window [L, V]: what the
/// engine's must equal.
std::vector<float> trainerLogits(const std::filesystem::path& checkpoint,
                                 const std::vector<std::int64_t>& tokens, double sigma);

} // namespace steploom
