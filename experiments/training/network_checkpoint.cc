// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/training/network_checkpoint.h"

#include "engine/checkpoint/safetensors.h"
#include "engine/core/error.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/types.h>
#include <torch/utils.h>

namespace steploom {

using torch::Tensor;

LoadedNetwork networkOf(const Checkpoint& checkpoint) {
    LoadedNetwork loaded;
    NetworkShape& shape = loaded.shape;
    const std::string type = checkpoint.text("model_type");
    loaded.vocabulary = checkpoint.size("vocab_size");
    if (type == "mdlm") {
        shape.width = checkpoint.size("hidden_dim");
        shape.blocks = checkpoint.size("n_blocks");
        shape.heads = checkpoint.size("n_heads");
        shape.length = checkpoint.size("model_length");
        shape.condition = checkpoint.size("cond_dim");
        shape.timeConditioning = checkpoint.booleanOr("time_conditioning", true);
    } else if (type == "llama") {
        loaded.kind = TrainingKind::Causal;
        shape.width = checkpoint.size("hidden_size");
        shape.blocks = checkpoint.size("num_hidden_layers");
        shape.heads = checkpoint.size("num_attention_heads");
        shape.keyValueHeads = checkpoint.sizeOr("num_key_value_heads", shape.heads);
        shape.length = checkpoint.size("max_position_embeddings");
        shape.hidden = checkpoint.size("intermediate_size");
        shape.ropeTheta = checkpoint.positiveOr("rope_theta", 10000.0);
        shape.rmsEpsilon = checkpoint.positiveOr("rms_norm_eps", 1e-6);
        shape.tied = checkpoint.booleanOr("tie_word_embeddings", false);
    } else {
        throw Error(ErrorKind::Config,
                    {"cannot train with this checkpoint", checkpoint.configPlace(),
                     fmt::format("its model_type is \"{}\"", type), "Take one of model_type mdlm or llama"});
    }
    loaded.network = Network::create(loaded.kind, shape, loaded.vocabulary);
    return loaded;
}

namespace {

/// Fills stretch `to` from the checkpoint's tensor of that name; throws Error(Tensors) for another shape.
void readTensor(const Checkpoint& checkpoint, const std::string& name, const std::vector<std::int64_t>& shape,
                Tensor to) {
    const TensorView& view = checkpoint.tensor(name);
    if (view.shape != shape)
        throw Error(ErrorKind::Tensors,
                    {"cannot begin with this checkpoint",
                     fmt::format("{}, {}", checkpoint.path().string(), name),
                     fmt::format("its shape is [{}], here it is [{}]", fmt::join(view.shape, ", "),
                                 fmt::join(shape, ", ")),
                     "Take the same width, heads, condition, hidden and tokenizer; only blocks may differ"});
    Tensor values = torch::empty(shape, torch::kFloat32);
    view.copyFloats(0, {values.data_ptr<float>(), view.elements()});
    to.copy_(values);
}

} // namespace

void beginWith(const Checkpoint& checkpoint, const Network& network, int blocks, Parameters& parameters) {
    const LoadedNetwork source = networkOf(checkpoint);
    const int theirs = source.shape.blocks;
    if (theirs > blocks)
        throw Error(ErrorKind::Config, {"cannot begin with this checkpoint", checkpoint.path().string(),
                                        fmt::format("it has {} blocks, more than {}", theirs, blocks),
                                        "Take a smaller checkpoint, or more network.blocks"});
    const torch::NoGradGuard none;
    Tensor& flat = parameters.flat();
    const auto& table = parameters.table();
    std::vector<int> origin(static_cast<std::size_t>(blocks));
    for (int block = 0; block < blocks; ++block)
        origin[static_cast<std::size_t>(block)] = static_cast<int>(std::int64_t{block} * theirs / blocks);
    for (std::size_t i = 0; i < table.size(); ++i) {
        std::string name = table[i].name;
        for (int block = 0; block < blocks; ++block)
            if (const std::string prefix = network.blockPrefix(block); name.starts_with(prefix))
                name = network.blockPrefix(origin[static_cast<std::size_t>(block)]) +
                       table[i].name.substr(prefix.size());
        readTensor(checkpoint, name, table[i].shape, parameters.stretch(flat, i));
    }
    for (int block = 1; block < blocks; ++block) {
        const auto at = static_cast<std::size_t>(block);
        if (origin[at] != origin[at - 1])
            continue;
        for (const Network::Gate& gate : network.gatesOf(block))
            for (std::size_t i = 0; i < table.size(); ++i)
                if (table[i].name == gate.name)
                    parameters.stretch(flat, i).narrow(0, gate.first, gate.end - gate.first).zero_();
    }
}

Parameters parametersOf(const Checkpoint& checkpoint, const LoadedNetwork& loaded, torch::Device device) {
    Parameters parameters(loaded.network->parameters(), 0, device);
    beginWith(checkpoint, *loaded.network, loaded.shape.blocks, parameters);
    return parameters;
}

void readWeights(const Checkpoint& checkpoint, Parameters& parameters) {
    const torch::NoGradGuard none;
    const auto& table = parameters.table();
    for (std::size_t i = 0; i < table.size(); ++i)
        readTensor(checkpoint, table[i].name, table[i].shape, parameters.stretch(parameters.flat(), i));
}

void writeWeights(const std::filesystem::path& file, const Parameters& parameters, bool bf16) {
    std::vector<Tensor> kept;
    std::vector<TensorToWrite> tensors;
    for (const Parameter& parameter : parameters.table()) {
        const Tensor tensor = parameters[parameter.name].detach().to(torch::kCPU);
        kept.push_back(tensor.to(bf16 ? torch::kBFloat16 : torch::kFloat32).contiguous());
        tensors.push_back({parameter.name,
                           bf16 ? DType::BF16 : DType::F32,
                           parameter.shape,
                           {static_cast<const std::byte*>(kept.back().data_ptr()),
                            static_cast<std::size_t>(kept.back().numel()) * (bf16 ? 2 : 4)}});
    }
    writeSafetensors(file, std::span<const TensorToWrite>(tensors));
}

} // namespace steploom
