// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/models/calm.h"

#include "engine/core/error.h"
#include "engine/core/sha256.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

namespace steploom {
namespace {

/// The autoencoder must make of K tokens of the same vocabulary the vectors that the transformer predicts.
void requireSameSizes(const EnergyFacts& energy, const AutoencoderFacts& autoencoder,
                      const AutoencoderPlace& place) {
    std::vector<std::string> different;
    const auto compare = [&](const char* what, int wanted, int found) {
        if (wanted != found)
            different.push_back(fmt::format("{} is {}, the energy transformer's {}", what, found, wanted));
    };
    compare("K (patch_size)", energy.chunk, autoencoder.chunk);
    compare("latent_size", energy.latent(), autoencoder.latent);
    compare("vocab_size", energy.stack.vocabulary, autoencoder.vocabulary);
    if (!different.empty())
        throw Error(ErrorKind::Pool, {"the autoencoder does not fit the energy transformer",
                                      place.folder.string(), fmt::format("{}", fmt::join(different, "; ")),
                                      "Use the autoencoder that the energy transformer was trained with"});
}

/// Of the tensors alone, in the order of their names: the same whether an autoencoder lies in a folder of its
/// own or is carried along.
std::string tensorsSha256(const Checkpoint& checkpoint, const std::string& scope) {
    Sha256 digest;
    for (const ExpectedTensor& expected :
         autoencoderTensors(CalmAutoencoder::describe(checkpoint, scope), ""))
        digest.add(checkpoint.tensor(scope + expected.name).bytes);
    return digest.hex();
}

Checkpoint autoencoderCheckpoint(const Checkpoint& energyTransformer, const AutoencoderPlace& place) {
    return place.scope.empty() ? Checkpoint::open(place.folder) : energyTransformer;
}

} // namespace

bool isEnergyTransformer(const Checkpoint& checkpoint) {
    return checkpoint.textOr("model_type", "") == "energy";
}

AutoencoderPlace findAutoencoder(const Checkpoint& energyTransformer) {
    const std::filesystem::path& folder = energyTransformer.folder();
    std::vector<std::string> tried;
    const std::filesystem::path named = energyTransformer.textOr("ae_path", "");
    std::vector<std::filesystem::path> candidates;
    if (named.is_absolute())
        candidates.push_back(named);
    if (!named.empty()) {
        candidates.push_back(folder / named.relative_path());
        candidates.push_back(folder.parent_path() / named.relative_path());
        candidates.push_back(folder.parent_path() / named.filename());
    }
    candidates.push_back(folder / "autoencoder");
    candidates.push_back(folder.parent_path() / "autoencoder");
    for (const auto& candidate : candidates) {
        std::error_code ignored;
        if (std::filesystem::is_regular_file(candidate / "config.json", ignored))
            return {candidate, {}};
        if (std::ranges::find(tried, candidate.string()) == tried.end())
            tried.push_back(candidate.string());
    }
    if (energyTransformer.has("ae_model.encoder.embed_tokens.weight"))
        return {folder, "ae_model."};
    throw Error(
        ErrorKind::File,
        {"cannot find the autoencoder of the energy transformer", folder.string(),
         fmt::format("it carries none along, and there is no config.json in {}", fmt::join(tried, ", ")),
         "Put the autoencoder's folder beside it under the name \"autoencoder\", or write where it lies into "
         "config.json as \"ae_path\""});
}

Calm Calm::load(const Checkpoint& energyTransformer, Precision precision, ComputeContext& context,
                const std::filesystem::path& autoencoder) {
    AutoencoderPlace place =
        autoencoder.empty() ? findAutoencoder(energyTransformer) : AutoencoderPlace{autoencoder, {}};
    const Checkpoint own = autoencoderCheckpoint(energyTransformer, place);
    requireSameSizes(EnergyTransformer::describe(energyTransformer),
                     CalmAutoencoder::describe(own, place.scope), place);
    return {EnergyTransformer(energyTransformer, precision, context),
            CalmAutoencoder(own, precision, context, place.scope), std::move(place)};
}

ModelFacts calmFacts(const EnergyFacts& transformer, const AutoencoderFacts& autoencoder) {
    ModelFacts facts = transformer.stack;
    facts.kind = GenerationKind::Calm;
    facts.chunk = transformer.chunk;
    facts.length *= transformer.chunk;
    facts.parameters += autoencoder.parameters;
    facts.inputFlopsPerRow = transformer.embeddingFlops();
    facts.conditionFlops = transformer.head.conditionFlops();
    facts.drawFlops = transformer.head.drawFlops() + autoencoder.decodeFlops();
    return facts;
}

ModelFacts describeCalm(const Checkpoint& energyTransformer) {
    const AutoencoderPlace place = findAutoencoder(energyTransformer);
    return calmFacts(EnergyTransformer::describe(energyTransformer),
                     CalmAutoencoder::describe(autoencoderCheckpoint(energyTransformer, place), place.scope));
}

CalmModel::CalmModel(Calm parts, std::string autoencoderSha256)
    : m_parts(std::move(parts)), m_facts(calmFacts(m_parts.transformer.facts(), m_parts.autoencoder.facts())),
      m_autoencoderSha256(std::move(autoencoderSha256)) {}

std::unique_ptr<CalmModel> CalmModel::load(const Checkpoint& energyTransformer, Precision precision,
                                           ComputeContext& context) {
    Calm parts = Calm::load(energyTransformer, precision, context);
    std::string digest =
        tensorsSha256(autoencoderCheckpoint(energyTransformer, parts.place), parts.place.scope);
    return std::make_unique<CalmModel>(std::move(parts), std::move(digest));
}

} // namespace steploom
