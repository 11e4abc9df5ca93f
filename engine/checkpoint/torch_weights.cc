// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/torch_weights.h"

#include "engine/checkpoint/legacy_names.h"
#include "engine/checkpoint/mdlm_training.h"
#include "engine/checkpoint/shown_name.h"
#include "engine/core/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace steploom {
namespace {

[[noreturn]] void refuse(const TorchFile& file, std::string why, std::string remedy) {
    throw Error(ErrorKind::File,
                {"cannot load the checkpoint", file.where(), std::move(why), std::move(remedy)});
}

bool holdsTensors(const TorchFile& file, const PickleNode* mapping) {
    if (!mapping || (mapping->kind != PickleKind::Dictionary && mapping->kind != PickleKind::Object))
        return false;
    for (std::size_t i = 0; i + 1 < mapping->items.size(); i += 2)
        if (file.isTensor(file.document().at(mapping->items[i + 1])))
            return true;
    return false;
}

const PickleNode& findStateDict(const TorchFile& file) {
    const PickleNode& root = file.document().root();
    for (const char* key : {"state_dict", "model_state_dict", "model"})
        if (const PickleNode* inner = file.document().find(&root, key); holdsTensors(file, inner))
            return *inner;
    if (holdsTensors(file, &root))
        return root;
    refuse(file, "it holds no dictionary of tensors",
           "Save the weights with torch.save(model.state_dict(), …) or save_pretrained");
}

/// Tensors of a state dict in its order, which is that of the module's parameters and buffers.
std::vector<NamedTensor> tensorsOf(const TorchFile& file, const PickleNode& stateDict) {
    std::vector<NamedTensor> tensors;
    std::map<std::string_view, int> seen;
    for (std::size_t i = 0; i + 1 < stateDict.items.size(); i += 2) {
        const PickleNode& key = file.document().at(stateDict.items[i]);
        const PickleNode& value = file.document().at(stateDict.items[i + 1]);
        if (key.kind != PickleKind::Text)
            refuse(file, "a name in its state dict is no text", "Save the checkpoint again with torch.save");
        if (seen[key.text]++)
            refuse(file, fmt::format("its state dict has two entries \"{}\"", shownName(key.text)),
                   "Save the checkpoint again with torch.save");
        if (file.isTensor(value))
            tensors.push_back({std::string(key.text), &value});
        else if (value.kind == PickleKind::Object)
            refuse(file,
                   fmt::format("\"{}\" is no tensor but made by {}", shownName(key.text),
                               file.document().typeOf(value)),
                   "Save plain, dense tensors: float32, float16 or bfloat16");
        // What else stands there (version numbers, extra state) is no weight.
    }
    return tensors;
}

} // namespace

const char* weightSetName(WeightSet set) noexcept {
    switch (set) {
    case WeightSet::Only:
        return "only";
    case WeightSet::Ema:
        return "ema";
    case WeightSet::Raw:
        return "raw";
    }
    return "";
}

TorchWeights takeWeights(TorchFile& file, std::optional<WeightSet> asked) {
    const std::vector<NamedTensor> named = tensorsOf(file, findStateDict(file));
    if (isMdlmTraining(file))
        return takeMdlmTraining(file, named, asked);
    if (asked == WeightSet::Ema)
        refuse(file, "it has no EMA weights", "Leave @ema out to use the weights it has");
    TorchWeights weights;
    for (const NamedTensor& tensor : named)
        weights.tensors.emplace(tensor.name, file.tensor(*tensor.node, tensor.name));
    return weights;
}

} // namespace steploom
