// SPDX-License-Identifier: GPL-3.0-or-later
// What MDLM's training code (github.com/kuleshov-group/mdlm) leaves behind. hyper_parameters.config is its
// Hydra configuration, an omegaconf DictConfig or, after some tools, a plain dictionary.
#include "engine/checkpoint/mdlm_training.h"

#include "engine/checkpoint/legacy_names.h"
#include "engine/checkpoint/shown_name.h"
#include "engine/core/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace steploom {
namespace {

using nlohmann::json;

constexpr const char* kWhat = "cannot load the checkpoint";
constexpr std::string_view kBackbone = "backbone.", kNoise = "noise.";
constexpr std::string_view kEmbedding = "backbone.vocab_embed.embedding";

/// omegaconf wraps each value into a node whose `_val` it is, and dictionaries into one with `_content`.
const PickleNode* unwrapped(const PickleDocument& document, const PickleNode* node) {
    if (node && document.typeOf(*node).starts_with("omegaconf.nodes."))
        return document.attribute(node, "_val");
    return node;
}

/// A member of a dictionary, of an omegaconf DictConfig, of a Lightning AttributeDict (a dictionary with
/// another name), or an attribute of an argparse.Namespace.
const PickleNode* member(const PickleDocument& document, const PickleNode* mapping, std::string_view key) {
    const PickleNode* found = document.find(mapping, key);
    if (!found && mapping && document.typeOf(*mapping) == "omegaconf.dictconfig.DictConfig")
        found = document.find(document.attribute(mapping, "_content"), key);
    else if (!found)
        found = document.attribute(mapping, key);
    return unwrapped(document, found);
}

/// hyper_parameters.config, or hyper_parameters itself where the config was stored as they are.
const PickleNode* configOf(const PickleDocument& document) {
    const PickleNode* parameters = member(document, &document.root(), "hyper_parameters");
    for (const PickleNode* candidate : {member(document, parameters, "config"), parameters})
        if (member(document, member(document, candidate, "model"), "n_blocks"))
            return candidate;
    return nullptr;
}

/// Reads values of the configuration by their paths ("model.hidden_size").
class TrainingConfig {
public:
    explicit TrainingConfig(const TorchFile& file) : m_file(file), m_config(configOf(file.document())) {}

    const PickleNode* find(std::string_view path) const {
        const PickleNode* node = m_config;
        while (node && !path.empty()) {
            const std::size_t dot = std::min(path.find('.'), path.size());
            node = member(m_file.document(), node, path.substr(0, dot));
            path.remove_prefix(std::min(dot + 1, path.size()));
        }
        return node && node->kind != PickleKind::None ? node : nullptr;
    }
    const PickleNode& require(std::string_view path) const {
        if (const PickleNode* node = find(path))
            return *node;
        refuse(path, "is not there");
    }
    json integer(std::string_view path) const {
        const PickleNode& node = require(path);
        if (node.kind != PickleKind::Integer)
            refuse(path, "is no whole number");
        return node.integer;
    }
    json boolean(std::string_view path) const {
        const PickleNode& node = require(path);
        if (node.kind != PickleKind::Boolean)
            refuse(path, "is neither true nor false");
        return node.integer != 0;
    }
    /// Refuses another word than `wanted`; says nothing where there is none.
    void requireWord(std::string_view path, std::string_view wanted) const {
        if (const PickleNode* node = find(path); node && node->text != wanted)
            refuse(path, fmt::format("is \"{}\"; only \"{}\" is known here", shownName(node->text), wanted));
    }

private:
    [[noreturn]] void refuse(std::string_view path, const std::string& why) const {
        throw Error(
            ErrorKind::Config,
            {kWhat, m_file.where() + ", hyper_parameters", fmt::format("config.{} {}", path, why),
             "Take a checkpoint of MDLM's training code with the dit backbone and subs parameterization"});
    }

    const TorchFile& m_file;
    const PickleNode* m_config;
};

/// The keys of the published config.json. The vocabulary is not among the hyper-parameters: it is the
/// tokenizer's, and one more where that has no mask token; the embedding knows it.
json publishedConfig(const TorchFile& file, const std::map<std::string, TensorView>& tensors) {
    const TrainingConfig config(file);
    config.requireWord("parameterization", "subs");
    config.requireWord("backbone", "dit");
    json published = {{"model_type", "mdlm"},
                      {"hidden_dim", config.integer("model.hidden_size")},
                      {"n_blocks", config.integer("model.n_blocks")},
                      {"n_heads", config.integer("model.n_heads")},
                      {"cond_dim", config.integer("model.cond_dim")},
                      {"model_length", config.integer("model.length")},
                      {"time_conditioning", config.boolean("time_conditioning")}};
    if (const PickleNode* dropout = config.find("model.dropout");
        dropout && dropout->kind == PickleKind::Real)
        published["dropout"] = dropout->real;
    const auto embedding = tensors.find(std::string(kEmbedding));
    if (embedding == tensors.end() || embedding->second.shape.size() != 2)
        throw Error(ErrorKind::Tensors,
                    {kWhat, file.where(), fmt::format("there is no matrix {} in its state_dict", kEmbedding),
                     "Take a checkpoint of MDLM's training code with the dit backbone"});
    published["vocab_size"] = embedding->second.shape[0];
    return published;
}

[[noreturn]] void refuseEma(const TorchFile& file, std::string why) {
    throw Error(ErrorKind::Tensors,
                {"the EMA weights do not fit the model", file.where() + ", ema.shadow_params", std::move(why),
                 "Use the raw weights: write @raw after the path"});
}

} // namespace

bool isMdlmTraining(const TorchFile& file) { return configOf(file.document()) != nullptr; }

TorchWeights takeMdlmTraining(TorchFile& file, const std::vector<NamedTensor>& stateDict,
                              std::optional<WeightSet> asked) {
    const PickleDocument& document = file.document();
    // Parameters in the order that training chained them in: backbone's, then the noise schedule's (mostly
    // none). Buffers stand between them in the state dict; the backbone's only one is the rotary table.
    std::vector<NamedTensor> parameters;
    for (const std::string_view part : {kBackbone, kNoise})
        for (const NamedTensor& tensor : stateDict)
            if (const std::string name = unwrappedName(tensor.name);
                name.starts_with(part) && !name.ends_with("rotary_emb.inv_freq"))
                parameters.push_back({name, tensor.node});
    const auto backbone = static_cast<std::size_t>(std::ranges::count_if(
        parameters, [](const NamedTensor& parameter) { return parameter.name.starts_with(kBackbone); }));

    TorchWeights weights;
    const PickleNode* shadow = member(document, member(document, &document.root(), "ema"), "shadow_params");
    if (!shadow && asked == WeightSet::Ema)
        refuseEma(file, "there are none");
    weights.set = shadow && asked != WeightSet::Raw ? WeightSet::Ema : WeightSet::Raw;
    if (weights.set == WeightSet::Ema) {
        if (shadow->kind != PickleKind::List && shadow->kind != PickleKind::Tuple)
            refuseEma(file, "it is no list");
        // A schedule's buffers stand in the state dict like parameters, and have no average.
        if (shadow->items.size() != parameters.size() && shadow->items.size() != backbone)
            refuseEma(file, fmt::format("it has {} tensors, state_dict has {} parameters",
                                        shadow->items.size(), parameters.size()));
    }
    for (std::size_t i = 0; i < backbone; ++i) {
        const std::string& name = parameters[i].name;
        TensorView view;
        if (weights.set == WeightSet::Ema) {
            const std::string place = fmt::format("ema.shadow_params[{}]", i);
            view = file.tensor(document.at(shadow->items[i]), place);
            if (const auto raw = file.shape(*parameters[i].node, name); view.shape != raw)
                refuseEma(file, fmt::format("[{}] is {}, {} is {}", i, shapeText(view.shape), name,
                                            shapeText(raw)));
        } else {
            view = file.tensor(*parameters[i].node, name);
        }
        if (!weights.tensors.emplace(name, std::move(view)).second)
            throw Error(ErrorKind::File,
                        {kWhat, file.where(), fmt::format("its state_dict has \"{}\" twice", name),
                         "Save the checkpoint again"});
    }
    weights.config = publishedConfig(file, weights.tensors);
    return weights;
}

} // namespace steploom
