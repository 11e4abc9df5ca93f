// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/models/registry.h"

#include "engine/core/error.h"
#include "engine/core/memory.h"
#include "engine/models/calm.h"
#include "engine/models/dream.h"
#include "engine/models/gpt2.h"
#include "engine/models/llada.h"
#include "engine/models/llama.h"
#include "engine/models/mdlm.h"
#include "engine/models/qwen2.h"
#include "engine/tensor/compute_context.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

namespace steploom {
namespace {

/// One line per `model_type`. A loader that is null does not exist for that kind of model.
struct Loader {
    const char* modelType;
    ModelFacts (*describe)(const Checkpoint&);
    std::unique_ptr<MaskedDiffusionModel> (*maskedDiffusion)(const Checkpoint&, Precision, ComputeContext&);
    std::unique_ptr<CausalModel> (*causal)(const Checkpoint&, Precision, ComputeContext&);
};

std::unique_ptr<MaskedDiffusionModel> loadMdlm(const Checkpoint& checkpoint, Precision precision,
                                               ComputeContext& context) {
    return std::make_unique<Mdlm>(checkpoint, precision, context);
}

constexpr std::array kLoaders{
    Loader{"mdlm", Mdlm::describe, loadMdlm, nullptr},  Loader{"llada", describeLlada, loadLlada, nullptr},
    Loader{"Dream", describeDream, loadDream, nullptr}, Loader{"gpt2", describeGpt2, nullptr, loadGpt2},
    Loader{"llama", describeLlama, nullptr, loadLlama}, Loader{"qwen2", describeLlama, nullptr, loadQwen2},
    Loader{"energy", describeCalm, nullptr, nullptr},
};

/// A part of CALM that generates nothing by itself.
bool isAutoencoder(const Checkpoint& checkpoint) {
    return checkpoint.textOr("model_type", "") == "autoencoder";
}

const Loader& loaderOf(const Checkpoint& checkpoint) {
    if (isAutoencoder(checkpoint))
        throw Error(ErrorKind::Config,
                    {"not a model that generates", checkpoint.folder().string(),
                     "it is CALM's autoencoder, which makes tokens of vectors that another model predicts",
                     "Name the folder of an energy transformer (model_type \"energy\"); it finds its "
                     "autoencoder by itself"});
    const std::string type = checkpoint.text("model_type");
    for (const Loader& loader : kLoaders)
        if (type == loader.modelType)
            return loader;
    throw Error(ErrorKind::Config, {"unknown kind of model", (checkpoint.folder() / "config.json").string(),
                                    fmt::format("model_type is \"{}\"", type),
                                    fmt::format("Known are {}", fmt::join(knownModelTypes(), ", "))});
}

/// `kind` is the loader that was asked for and is null for this checkpoint.
template <typename Kind>
[[noreturn]] void refuseKind(const Checkpoint& checkpoint, Kind kind, const char* wanted, const char* use) {
    std::vector<std::string> fitting;
    for (const Loader& loader : kLoaders)
        if (loader.*kind)
            fitting.emplace_back(loader.modelType);
    throw Error(ErrorKind::Config, {fmt::format("not a {} model", wanted), checkpoint.folder().string(),
                                    fmt::format("model_type is \"{}\"", checkpoint.text("model_type")),
                                    fmt::format("{} one of {}", use, fmt::join(fitting, ", "))});
}

/// A model that cannot be held is refused before anything is reserved for it: the system would grant the
/// memory, and end the process (or another) when it is used.
void requireMemory(const Checkpoint& checkpoint, Precision precision) {
    constexpr double kGigabyte = 1e9;
    const Precision effective = effectivePrecision(precision);
    const auto parameters = static_cast<double>(checkpoint.parameters());
    const double needed = parameters * static_cast<double>(elementSize(effective));
    const auto present = static_cast<double>(physicalMemory());
    if (needed > present)
        throw Error(
            ErrorKind::Device,
            {"cannot load the model", checkpoint.folder().string(),
             fmt::format("its {} parameters take {:.1f} GB at {}, this machine has {:.1f} GB of memory",
                         checkpoint.parameters(), needed / kGigabyte, precisionName(effective),
                         present / kGigabyte),
             "Choose a lower precision, or a smaller model"});
}

/// What holds for every model: the machine can hold it, and its files stay as they are while they are read.
template <typename Load>
auto loadChecked(const Checkpoint& checkpoint, Precision precision, Load load) {
    requireMemory(checkpoint, precision);
    checkpoint.requireUnchanged();
    auto model = load();
    checkpoint.requireUnchanged();
    return model;
}

} // namespace

std::unique_ptr<MaskedDiffusionModel> loadMaskedDiffusionModel(const Checkpoint& checkpoint,
                                                               Precision precision, ComputeContext& context) {
    const Loader& loader = loaderOf(checkpoint);
    if (!loader.maskedDiffusion)
        refuseKind(checkpoint, &Loader::maskedDiffusion, "masked-diffusion",
                   "This one can serve as evaluator; a pool member is");
    return loadChecked(checkpoint, precision,
                       [&] { return loader.maskedDiffusion(checkpoint, precision, context); });
}

std::unique_ptr<CausalModel> loadCausalModel(const Checkpoint& checkpoint, Precision precision,
                                             ComputeContext& context) {
    const Loader& loader = loaderOf(checkpoint);
    if (!loader.causal)
        refuseKind(checkpoint, &Loader::causal, "causal", "An evaluator is");
    return loadChecked(checkpoint, precision, [&] { return loader.causal(checkpoint, precision, context); });
}

std::unique_ptr<Model> loadModel(const Checkpoint& checkpoint, Precision precision, ComputeContext& context) {
    const Loader& loader = loaderOf(checkpoint);
    return loadChecked(checkpoint, precision, [&]() -> std::unique_ptr<Model> {
        if (loader.maskedDiffusion)
            return loader.maskedDiffusion(checkpoint, precision, context);
        if (loader.causal)
            return loader.causal(checkpoint, precision, context);
        return CalmModel::load(checkpoint, precision, context);
    });
}

ModelFacts describe(const Checkpoint& checkpoint) { return loaderOf(checkpoint).describe(checkpoint); }

bool isMaskedDiffusion(const Checkpoint& checkpoint) {
    return loaderOf(checkpoint).maskedDiffusion != nullptr;
}

std::vector<std::string> knownModelTypes() {
    std::vector<std::string> types;
    for (const Loader& loader : kLoaders)
        types.emplace_back(loader.modelType);
    return types;
}

} // namespace steploom
