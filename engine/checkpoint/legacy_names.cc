// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/legacy_names.h"

#include "engine/core/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace steploom {
namespace {

/// What a kind of model calls its own parts: a "model." before one of them is somebody's wrapping.
struct Wrapped {
    std::string_view modelType;
    std::string_view prefix;
};
constexpr std::array kWrapped = {
    Wrapped{"mdlm", "model.backbone."}, Wrapped{"gpt2", "model.transformer."},
    Wrapped{"llama", "model.model."},   Wrapped{"qwen2", "model.model."},
    Wrapped{"Dream", "model.model."},   Wrapped{"llada", "model.model.transformer."}};
constexpr std::string_view kModel = "model.";

void replaceEnd(std::string& name, std::string_view end, std::string_view replacement) {
    if (name.ends_with(end))
        name.replace(name.size() - end.size(), end.size(), replacement);
}

bool isUnread(std::string_view name, std::string_view modelType) {
    if (name.ends_with("rotary_emb.inv_freq"))
        return true;
    return modelType == "gpt2" &&
           (name.ends_with(".attn.bias") || name.ends_with(".attn.masked_bias") || name == "lm_head.weight");
}

} // namespace

std::string unwrappedName(std::string_view name) {
    constexpr std::string_view kCompiled = "_orig_mod.", kParallel = "module.";
    std::string plain;
    while (!name.empty()) {
        const std::size_t dot = std::min(name.find('.'), name.size() - 1);
        const std::string_view part = name.substr(0, dot + 1);
        if (part != kCompiled && !(part == kParallel && plain.empty()))
            plain += part;
        name.remove_prefix(part.size());
    }
    return plain;
}

std::map<std::string, TensorView> canonicalNames(std::map<std::string, TensorView> tensors,
                                                 std::string_view modelType, const std::string& where) {
    const auto wrapped = std::ranges::find(kWrapped, modelType, &Wrapped::modelType);
    std::map<std::string, TensorView> renamed;
    std::map<std::string, std::string> origins; // new name → name in the file, for the message
    for (auto& [original, view] : tensors) {
        std::string name = unwrappedName(original);
        replaceEnd(name, ".gamma", ".weight");
        replaceEnd(name, ".beta", ".bias");
        const auto [origin, isNew] = origins.emplace(name, original);
        if (!isNew)
            throw Error(ErrorKind::File, {"cannot read the tensor names", where,
                                          fmt::format("\"{}\" and \"{}\" are two names of one tensor",
                                                      origin->second, original),
                                          "Save the model once more, without its wrappings"});
        renamed.emplace(std::move(name), std::move(view));
    }
    const bool isWrapped = wrapped != kWrapped.end() && std::ranges::any_of(renamed, [&](const auto& entry) {
                               return entry.first.starts_with(wrapped->prefix);
                           });
    const bool isBare = modelType == "gpt2" && renamed.contains("wte.weight");

    std::map<std::string, TensorView> canonical;
    for (auto& [plain, view] : renamed) {
        std::string name = plain;
        if (isWrapped && name.starts_with(kModel))
            name.erase(0, kModel.size());
        else if (isBare && name != "lm_head.weight")
            name.insert(0, "transformer.");
        if (isUnread(name, modelType))
            continue;
        if (const auto [place, isNew] = canonical.emplace(std::move(name), std::move(view)); !isNew)
            throw Error(ErrorKind::File, {"cannot read the tensor names", where,
                                          fmt::format("\"{}\" and \"{}\" are two names of one tensor",
                                                      origins[place->first], origins[plain]),
                                          "Save the model once more, without its wrappings"});
    }
    return canonical;
}

} // namespace steploom
