// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/checkpoint.h"
#include "experiments/training/network.h"

#include <filesystem>
#include <memory>

namespace steploom {

/// A checkpoint of ours, or of its layout, as the trainer's network.
struct LoadedNetwork {
    TrainingKind kind = TrainingKind::MaskedDiffusion; ///< or Causal
    NetworkShape shape;
    int vocabulary = 0;
    std::unique_ptr<Network> network;
};

/// The network that a checkpoint's config describes. Throws Error(Config) for model types but mdlm and llama.
LoadedNetwork networkOf(const Checkpoint& checkpoint);

/// Weights of `checkpoint` in the parameters of a network with `blocks` blocks. Where it has fewer, each of
/// its own is followed by copies whose gates are shut: they begin as the identity, so the grown network says
/// what the small one does. Throws Error(Config) where it has more, Error(Tensors) for another shape.
void beginWith(const Checkpoint& checkpoint, const Network& network, int blocks, Parameters& parameters);
/// The weights of the checkpoint that `loaded` is of.
Parameters parametersOf(const Checkpoint& checkpoint, const LoadedNetwork& loaded, torch::Device device);

/// Weights of `checkpoint` in parameters of the same names and shapes. Throws Error(Tensors) for another
/// shape.
void readWeights(const Checkpoint& checkpoint, Parameters& parameters);

/// Writes model.safetensors, in bf16 or f32. Throws Error(File).
void writeWeights(const std::filesystem::path& file, const Parameters& parameters, bool bf16);

} // namespace steploom
