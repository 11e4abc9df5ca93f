// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string>
#include <vector>

namespace steploom {

// What models of given shapes hold and cost, without a checkpoint: the arithmetic of the CALM paper's table
// (arXiv 2510.27688, table 1), every term of it to be seen. A product of [a, b] and [b] is 2ab FLOPs; a
// backward pass costs two forward passes.

/// A decoder-only transformer with SwiGLU (Llama).
struct AutoregressiveShape {
    int blocks = 12;
    int width = 768;   ///< d
    int hidden = 2048; ///< of the feed-forward network
    int vocabulary = 128'256;
    int context = 2048; ///< tokens that a new one attends to
    bool tied = false;  ///< whether output layer and embeddings share their weights
};

/// CALM: a transformer over patches of K tokens, its head, and the autoencoder's decoder.
struct CalmShape {
    int blocks = 16;
    int width = 1024;
    int hidden = 2752;
    int vocabulary = 128'256;
    int context = 2048; ///< patches that a new one attends to
    int chunk = 4;      ///< K
    int latent = 128;   ///< l
    int noise = 64;     ///< numbers of noise of the head
    int headBlocks = 4; ///< a quarter of `blocks`
    int headDraws = 8;  ///< N vectors of the energy loss
    struct Autoencoder {
        int width = 512;
        int hidden = 1280;
        int decoderLayers = 2; ///< the first half on the chunk, the second on its tokens
    } autoencoder;
};

/// A masked-diffusion transformer with adaptive LayerNorm (MDLM).
struct MaskedDiffusionShape {
    int blocks = 12;
    int width = 768;
    int condition = 128;
    int vocabulary = 50'258;
    int length = 1024; ///< positions, all of which attend to all
    int steps = 1000;  ///< denoising steps, each a call of the network: nothing of what can be saved is
};

struct ComputeTerm {
    std::string name;    ///< "feed-forward"
    std::string formula; ///< per token: "2 · n · 3df"
    double parameters = 0;
    double inferenceFlops = 0; ///< for one generated token
    double trainingFlops = 0;  ///< for one token trained on, backward included
};

struct ComputeEstimate {
    std::vector<ComputeTerm> terms;

    double parameters() const noexcept;
    double inferenceFlops() const noexcept; ///< for one generated token
    double trainingFlops() const noexcept;  ///< for one token trained on
};

ComputeEstimate computeOf(const AutoregressiveShape& shape);
ComputeEstimate computeOf(const CalmShape& shape);
ComputeEstimate computeOf(const MaskedDiffusionShape& shape);

/// A row of the paper's table, as printed there.
struct PublishedCompute {
    std::string name; ///< "CALM-M"
    bool calm = false;
    AutoregressiveShape autoregressive; ///< where it is not CALM
    CalmShape calmShape;                ///< where it is
    double parameters = 0;
    double trainingFlops = 0;  ///< in all, over kPublishedTrainingTokens
    double inferenceFlops = 0; ///< for one token
    double brierLm = 0;
};
inline constexpr double kPublishedTrainingTokens = 5e11;

/// Transformer-S, -M and -L, CALM-M, -L and -XL.
std::span<const PublishedCompute> publishedCompute();
ComputeEstimate computeOf(const PublishedCompute& row);

} // namespace steploom
