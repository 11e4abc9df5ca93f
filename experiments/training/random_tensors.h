// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/types.h>

#include <cstdint>

namespace steploom {

/// What a pass draws random numbers for; numbers of different purposes never meet.
enum class Draw : std::uint64_t {
    ReplacedTokens = 1,   ///< which tokens an autoencoder does not see
    LatentNoise = 2,      ///< ε of its vectors
    LatentDropout = 3,    ///< which numbers of them are dropped
    HeadNoise = 4,        ///< what an energy transformer's head makes vectors of
    PosteriorSamples = 5, ///< vectors that they are held against
};

/// f32 numbers that are a function of seed and purpose alone, the same on every device: uniform on (0, 1),
/// and standard normal.
torch::Tensor uniformNumbers(at::IntArrayRef sizes, std::uint64_t seed, Draw purpose, torch::Device device);
torch::Tensor normalNumbers(at::IntArrayRef sizes, std::uint64_t seed, Draw purpose, torch::Device device);

} // namespace steploom
