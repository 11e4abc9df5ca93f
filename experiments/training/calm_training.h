// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/checkpoint.h"
#include "experiments/training/held_out_figures.h"
#include "experiments/training/measurement.h"
#include "experiments/training/network.h"
#include "experiments/training/parts.h"
#include "experiments/training/trainer.h"

#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace steploom {

/// What a pass over windows is computed with.
struct CalmPass {
    std::uint64_t seed = 0; ///< of all its random numbers
    torch::ScalarType precision = torch::kFloat32;
    double dropout = 0; ///< of the network's branches
};

/// One of CALM's two parts (arXiv 2510.27688) in training: what it learns by, and how it is measured.
/// Thread-safe.
class CalmPart {
public:
    virtual ~CalmPart() = default;

    virtual std::vector<Parameter> parameters() const = 0;
    /// config.json of the published layout, for a checkpoint in `folder`.
    virtual nlohmann::ordered_json config(const std::filesystem::path& folder) const = 0;
    /// Of the frozen part that it learns from; empty where there is none.
    virtual std::string frozenHash() const { return {}; }
    /// Loss of windows [B, textLength()], averaged over their chunks, with gradients.
    virtual torch::Tensor loss(const Parameters& parameters, const torch::Tensor& windows,
                               const CalmPass& pass) const = 0;
    /// FLOPs of the products of training on `chunks` chunks.
    virtual double trainingFlops(double chunks) const noexcept = 0;
    /// What it is measured by, over the windows of a stream; fewer of them when stopped. An energy
    /// transformer draws each patch windows.draws times, at least twice.
    virtual HeldOutFigures measure(const Parameters& parameters, const Windows& windows, const CalmPass& pass,
                                   Parts& parts, const std::stop_token& stop,
                                   const WindowCopy& copy) const = 0;

    /// For a training. `autoencoder`: folder of the frozen one that an energy transformer learns from. Throws
    /// Error(Pool) where that does not fit the configuration or the tokenizer, and what reading it throws.
    static std::unique_ptr<CalmPart> create(TrainingKind kind, const TrainingConfig& config, int vocabulary,
                                            const std::filesystem::path& autoencoder, torch::Device device);
    /// That of a checkpoint, to be measured, with the shape that its config states.
    struct Loaded;
    static Loaded load(const Checkpoint& checkpoint, const MeasureSettings& settings);
    /// Whether a checkpoint is one of them, by its model_type.
    static bool holds(const Checkpoint& checkpoint);
};

struct CalmPart::Loaded {
    TrainingKind kind = TrainingKind::Autoencoder;
    TrainingConfig config; ///< of which the network counts
    int longest = 0;       ///< tokens of a window
    std::unique_ptr<CalmPart> part;
};

} // namespace steploom
