// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>

namespace steploom::testing {

/// A CALM model with seeded random weights, in the published layout.
struct TinyCalm {
    int chunk = 4; ///< K
    int latent = 8;
    int noise = 8;
    int width = 32;
    int heads = 2;
    int blocks = 2;
    int headBlocks = 1;
    int feedForward = 48;
    int vocabulary = 64;
    int patches = 16; ///< it was made for
    std::uint32_t seed = 1;
};

/// Writes the energy transformer's config.json and model.safetensors into `folder` and returns it. It looks
/// for its autoencoder in the folder "autoencoder" beside it.
std::filesystem::path writeTinyCalm(const std::filesystem::path& folder, const TinyCalm& shape = {});
/// The autoencoder of the same K, latent size and vocabulary.
std::filesystem::path writeTinyAutoencoder(const std::filesystem::path& folder, const TinyCalm& shape = {});

} // namespace steploom::testing
