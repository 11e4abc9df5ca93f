// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/models/calm_autoencoder.h"
#include "engine/text/tokenizer.h"

#include <filesystem>
#include <memory>
#include <string>

namespace steploom {

/// A CALM autoencoder whose weights are read when they are needed.
struct AutoencoderCheckpoint {
    std::string name; ///< of its folder
    std::string sha256;
    Checkpoint checkpoint;
    std::string scope;               ///< of its tensors there
    std::filesystem::path tokenizer; ///< its folder

    /// In f32: a share of rebuilt tokens is a figure of the autoencoder, not of a precision. Throws as
    /// CalmAutoencoder and Tokenizer::load do.
    CalmAutoencoder load(ComputeContext& context) const;
    std::shared_ptr<const Tokenizer> loadTokenizer() const { return Tokenizer::load(tokenizer); }
};

/// Reads config and hash. `folder`: of an autoencoder, or of a CALM checkpoint that names or carries one.
/// `tokenizer` empty: the one in the autoencoder's folder, or else the CALM checkpoint's. Throws
/// Error(Config) for a checkpoint of another kind, and as Checkpoint::open and findAutoencoder do.
AutoencoderCheckpoint openAutoencoder(const std::filesystem::path& folder,
                                      const std::filesystem::path& tokenizer = {});

} // namespace steploom
