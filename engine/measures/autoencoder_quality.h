// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/progress.h"
#include "engine/measures/measure.h"

#include <cstdint>
#include <span>
#include <stop_token>
#include <vector>

namespace steploom {

class CalmAutoencoder;

/// How well a CALM autoencoder gives back what it was given (arXiv 2510.27688, section 3), over chunks of K
/// tokens. Means over chunks with t intervals.
struct AutoencoderQuality {
    std::int64_t chunks = 0;
    Estimate token, chunk;           ///< shares of tokens, and of whole chunks, rebuilt from the mean
    Estimate noisyToken, noisyChunk; ///< rebuilt from a draw of the posterior, mean + σ ε
    /// KL(posterior ‖ N(0, 1)) of each dimension in nats, mean over chunks: how much of it is used.
    std::vector<double> divergence;
    Estimate latentDivergence; ///< of all dimensions together, nats a chunk
    int collapsed = 0;         ///< dimensions below kCollapsedDivergence: they say nothing
    bool stopped = false;

    friend bool operator==(const AutoencoderQuality&, const AutoencoderQuality&) = default;
};

inline constexpr double kCollapsedDivergence = 0.01; ///< nats

struct AutoencoderSettings {
    int chunks = 4096; ///< of the text, at most, spread evenly
    std::uint64_t seed = 1;

    friend bool operator==(const AutoencoderSettings&, const AutoencoderSettings&) = default;
};

/// A stop leaves the figures of the chunks so far, marked as stopped. Throws Error(Text) for a text that is
/// shorter than a chunk or has tokens that the autoencoder does not know.
AutoencoderQuality measureAutoencoder(CalmAutoencoder& autoencoder, std::span<const std::int32_t> text,
                                      const AutoencoderSettings& settings, const Progress& progress = {},
                                      const std::stop_token& stop = {});

/// "rebuilt_tokens", "rebuilt_chunks", "noisy_rebuilt_tokens", "noisy_rebuilt_chunks", "latent_divergence"
/// (nats a chunk, all dimensions) and "collapsed_dimensions".
std::vector<Measure> autoencoderMeasures(const AutoencoderQuality& quality, const nlohmann::json& settings);

} // namespace steploom
