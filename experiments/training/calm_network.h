// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "experiments/training/network.h"

#include <vector>

namespace steploom {

// CALM (arXiv 2510.27688) for training: the formulas of engine/models, in LibTorch, with gradients. Shapes: K
// tokens a chunk, l latent size, d width, V vocabulary. Products run in `precision`, all else in f32.

/// The autoencoder (section 3): K tokens to a Gaussian over vectors, and a vector to K tokens.
class AutoencoderNetwork {
public:
    AutoencoderNetwork(const NetworkShape& shape, int vocabulary)
        : m_shape(shape), m_vocabulary(vocabulary) {}

    const NetworkShape& shape() const noexcept { return m_shape; }
    int vocabulary() const noexcept { return m_vocabulary; }
    std::vector<Parameter> parameters() const;
    /// config.json of the published layout, of what concerns the sizes.
    nlohmann::ordered_json config() const;

    /// Gaussians with independent numbers, each [C, l] f32.
    struct Posterior {
        torch::Tensor mean, logSigma;
    };
    /// Of tokens [C, K].
    Posterior encode(const Parameters& parameters, const torch::Tensor& tokens,
                     torch::ScalarType precision) const;
    /// Latents [C, l] → logits [C · K, V] in `precision`.
    torch::Tensor decode(const Parameters& parameters, const torch::Tensor& latents,
                         torch::ScalarType precision) const;

private:
    torch::Tensor layers(const Parameters& parameters, const char* name, int first, int end, torch::Tensor x,
                         torch::ScalarType precision) const;

    NetworkShape m_shape;
    int m_vocabulary;
};

/// The energy transformer (section 4): patches of K tokens go through a Llama stack, and a head draws the
/// next patch's vector from each state.
class EnergyNetwork {
public:
    EnergyNetwork(const NetworkShape& shape, int vocabulary) : m_shape(shape), m_vocabulary(vocabulary) {}

    const NetworkShape& shape() const noexcept { return m_shape; }
    std::vector<Parameter> parameters() const;
    nlohmann::ordered_json config() const;

    /// What the stack takes, [B, P, d] f32, of tokens [B, P · K].
    torch::Tensor embedPatches(const Parameters& parameters, const torch::Tensor& tokens,
                               torch::ScalarType precision) const;
    /// The stack's normed states [B · P, d] in `precision`.
    torch::Tensor states(const Parameters& parameters, const torch::Tensor& tokens,
                         torch::ScalarType precision, const Dropout& dropout) const;
    /// Vectors [R, N, l] f32 of states [R, d] and noise [R, N, n] in −½…½. What the head computes of a state
    /// alone is computed once for its N vectors.
    torch::Tensor draw(const Parameters& parameters, const torch::Tensor& states, const torch::Tensor& noise,
                       torch::ScalarType precision) const;

private:
    NetworkShape m_shape;
    int m_vocabulary;
};

} // namespace steploom
