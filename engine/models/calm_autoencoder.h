// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/checkpoint.h"
#include "engine/layers/embedding.h"
#include "engine/models/residual_layer.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace steploom {

class ComputeContext;

/// What is known of a CALM autoencoder without running it.
struct AutoencoderFacts {
    std::int64_t parameters = 0;
    int chunk = 0;      ///< K, tokens that become one vector
    int latent = 0;     ///< l, numbers in that vector
    int vocabulary = 0; ///< V
    int width = 0;      ///< d
    int hidden = 0;     ///< width of a layer's network
    int encoderLayers = 0, decoderLayers = 0;
    double epsilon = 1e-6; ///< of the norms
    DType stored = DType::F32;
    Precision requested = Precision::F32, effective = Precision::F32;

    /// FLOPs of the matrix products for one chunk.
    double encodeFlops() const noexcept;
    double decodeFlops() const noexcept;
};

/// The tensors of one, each name behind `scope`.
std::vector<ExpectedTensor> autoencoderTensors(const AutoencoderFacts& facts, const std::string& scope);

/// The autoencoder of CALM (arXiv 2510.27688, section 3): K tokens to a Gaussian over vectors, and a vector
/// to K tokens. Chunks do not see each other. Not thread-safe: one caller at a time.
class CalmAutoencoder {
public:
    /// From config.json and shapes of a folder of its own, or from the "ae_model." tensors that an energy
    /// transformer's checkpoint carries along (`scope` "ae_model."), where the shapes alone tell. Throws
    /// Error(Config).
    static AutoencoderFacts describe(const Checkpoint& checkpoint, const std::string& scope = {});
    /// Throws Error(Tensors) as well.
    CalmAutoencoder(const Checkpoint& checkpoint, Precision precision, ComputeContext& context,
                    const std::string& scope = {});

    const AutoencoderFacts& facts() const noexcept { return m_facts; }
    /// tokens [chunks, K] → mean and log σ of the posterior, [chunks, l] each.
    void encode(std::span<const std::int32_t> tokens, std::span<float> mean, std::span<float> logSigma);
    /// latents [chunks, l] → logits [chunks · K, V].
    void decode(std::span<const float> latents, std::span<float> logits);
    /// The likeliest tokens, [chunks, K]; of equal ones the first.
    void decodeTokens(std::span<const float> latents, std::span<std::int32_t> tokens);

private:
    struct Scratch {
        Buffer tokenRows; ///< [tile · K, d] f32
        Buffer chunkRows; ///< [tile, d] f32
        Buffer normed;    ///< [tile · K, d] in the activations' precision
        Buffer hidden;    ///< [tile · K, scratchPerRow] f32
    };
    template <typename Body>
    void forEachChunkTile(int chunks, const Body& body);
    /// out [chunks · K, d] in the activations' precision, ready for the head, of latents [chunks, l], at most
    /// a tile of them. `shared`: all threads take part in each product.
    void decodeRows(int worker, bool shared, const float* latents, int chunks, Scratch& scratch, void* out);
    /// In the precision of the products, into scratch.normed.
    const void* asInput(const float* x, int rows, int width, Scratch& scratch) const;

    AutoencoderFacts m_facts;
    ComputeContext& m_context;
    Precision m_activations = Precision::F32;
    int m_tile = 1; ///< chunks that stay with one worker
    Embedding m_tokens;
    std::vector<ResidualLayer> m_encoderLayers, m_decoderLayers;
    Linear m_squeeze, m_hiddenToLatent, m_latentToHidden, m_expand, m_head;
    Norm m_encoderNorm, m_decoderNorm;
    Buffer m_decoded;               ///< [chunks · K, d]: what the head takes
    std::vector<Scratch> m_scratch; ///< by worker
};

} // namespace steploom
