// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/models/calm_autoencoder.h"
#include "engine/models/energy_transformer.h"

#include <filesystem>
#include <memory>
#include <string>

namespace steploom {

/// Whether a folder's config names an energy transformer, the part of CALM that generates.
bool isEnergyTransformer(const Checkpoint& checkpoint);

/// Where an energy transformer's autoencoder is.
struct AutoencoderPlace {
    std::filesystem::path folder; ///< its own folder, or the energy transformer's that carries it along
    std::string scope;            ///< of its tensors there: "" or "ae_model."
};

/// The folder that config.json names as ae_path: as it is, beside the energy transformer's folder or in it;
/// or else the tensors carried along. Throws Error(File) saying where it was looked for.
AutoencoderPlace findAutoencoder(const Checkpoint& energyTransformer);

/// CALM: both parts, which agree in K, latent size and vocabulary.
struct Calm {
    EnergyTransformer transformer;
    CalmAutoencoder autoencoder;
    AutoencoderPlace place; ///< of the autoencoder

    /// Throws Error of kind Config, File, Tensors, or Pool where the parts do not fit each other.
    /// `autoencoder`: a folder to take instead of the one that the config names; empty: that one.
    static Calm load(const Checkpoint& energyTransformer, Precision precision, ComputeContext& context,
                     const std::filesystem::path& autoencoder = {});
};

/// Of the whole: parameters of both parts, length in tokens, FLOPs of a patch, a step and a draw.
ModelFacts calmFacts(const EnergyFacts& transformer, const AutoencoderFacts& autoencoder);
/// The same of a folder, whose autoencoder is looked for. Throws as Calm::load does.
ModelFacts describeCalm(const Checkpoint& energyTransformer);

/// CALM as a pool holds it.
class CalmModel final : public Model {
public:
    /// `autoencoderSha256`: of the autoencoder's tensors, which tells whether two models share it.
    CalmModel(Calm parts, std::string autoencoderSha256);
    /// Throws as Calm::load does.
    static std::unique_ptr<CalmModel> load(const Checkpoint& energyTransformer, Precision precision,
                                           ComputeContext& context);

    const ModelFacts& facts() const noexcept override { return m_facts; }
    EnergyTransformer& transformer() noexcept { return m_parts.transformer; }
    CalmAutoencoder& autoencoder() noexcept { return m_parts.autoencoder; }
    const EnergyTransformer& transformer() const noexcept { return m_parts.transformer; }
    const CalmAutoencoder& autoencoder() const noexcept { return m_parts.autoencoder; }
    const AutoencoderPlace& place() const noexcept { return m_parts.place; }
    const std::string& autoencoderSha256() const noexcept { return m_autoencoderSha256; }

private:
    Calm m_parts;
    ModelFacts m_facts;
    std::string m_autoencoderSha256;
};

} // namespace steploom
