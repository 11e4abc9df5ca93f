// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/training/training_state.h"

#include "engine/checkpoint/safetensors.h"
#include "engine/core/error.h"
#include "engine/core/json_text.h"

#include <torch/types.h>

#include <cstring>
#include <vector>

namespace steploom {
namespace {

constexpr const char* kFacts = "training";

} // namespace

void saveTrainingState(const std::filesystem::path& file, const SavedTraining& state) {
    const std::string facts = state.facts.dump();
    std::vector<TensorToWrite> tensors{
        {kFacts, DType::U8, {static_cast<std::int64_t>(facts.size())}, std::as_bytes(std::span(facts))}};
    std::vector<torch::Tensor> kept; // the bytes are borrowed
    for (const auto& [name, tensor] : state.tensors) {
        kept.push_back(tensor.detach().to(torch::kCPU).contiguous());
        tensors.push_back({name,
                           DType::F32,
                           {kept.back().numel()},
                           std::as_bytes(std::span(kept.back().data_ptr<float>(),
                                                   static_cast<std::size_t>(kept.back().numel())))});
    }
    writeSafetensors(file, std::span<const TensorToWrite>(tensors));
}

SavedTraining loadTrainingState(const std::filesystem::path& file) {
    const auto mapped = MappedFile::open(file);
    SavedTraining state;
    const Error::Parts broken{"cannot resume the training", file.string(), "",
                              "Restore the file, or begin anew in another folder"};
    for (const auto& [name, view] : readSafetensors(*mapped)) {
        if (name == kFacts) {
            state.facts = parseJson({reinterpret_cast<const char*>(view.bytes.data()), view.bytes.size()},
                                    ErrorKind::File, broken);
            continue;
        }
        torch::Tensor tensor = torch::empty({static_cast<std::int64_t>(view.elements())}, torch::kFloat32);
        view.copyFloats(0, {tensor.data_ptr<float>(), view.elements()});
        state.tensors[name] = tensor;
    }
    if (!state.facts.is_object()) {
        Error::Parts parts = broken;
        parts.why = "it is not a saved training";
        throw Error(ErrorKind::File, parts);
    }
    return state;
}

} // namespace steploom
