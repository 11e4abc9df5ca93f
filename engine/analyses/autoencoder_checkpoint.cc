// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/analyses/autoencoder_checkpoint.h"

#include "engine/core/error.h"
#include "engine/models/calm.h"

#include <fmt/format.h>

namespace steploom {

CalmAutoencoder AutoencoderCheckpoint::load(ComputeContext& context) const {
    return CalmAutoencoder(checkpoint, Precision::F32, context, scope);
}

AutoencoderCheckpoint openAutoencoder(const std::filesystem::path& folder,
                                      const std::filesystem::path& tokenizer) {
    Checkpoint checkpoint = Checkpoint::open(folder);
    std::filesystem::path words = tokenizer.empty() ? checkpoint.folder() : tokenizer;
    std::string scope;
    if (isEnergyTransformer(checkpoint)) {
        const AutoencoderPlace place = findAutoencoder(checkpoint);
        scope = place.scope;
        if (scope.empty()) {
            checkpoint = Checkpoint::open(place.folder);
            if (tokenizer.empty() && Tokenizer::isPresentIn(place.folder))
                words = place.folder;
        }
    } else if (checkpoint.textOr("model_type", "") != "autoencoder") {
        throw Error(ErrorKind::Config, {"cannot measure the autoencoder", folder.string(),
                                        fmt::format("its config.json names a model of another kind: \"{}\"",
                                                    checkpoint.textOr("model_type", "")),
                                        "Name the folder of a CALM autoencoder, or of a CALM checkpoint"});
    }
    std::string name = checkpoint.folder().filename().string(), sha256 = checkpoint.sha256();
    return {.name = std::move(name),
            .sha256 = std::move(sha256),
            .checkpoint = std::move(checkpoint),
            .scope = std::move(scope),
            .tokenizer = std::move(words)};
}

} // namespace steploom
