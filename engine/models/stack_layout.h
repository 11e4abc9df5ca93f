// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/checkpoint.h"
#include "engine/models/causal_transformer.h"

#include <string>
#include <vector>

namespace steploom {

class ComputeContext;

/// Where a kind of published checkpoint keeps the parts of a transformer stack, and what the parts are like.
/// A scope is a tensor's name without its ".weight" or ".bias"; the scopes of a block follow its own,
/// "model.layers.7.".
struct StackLayout {
    std::string tokens;    ///< [V, d]
    std::string positions; ///< learned, [length, d]; empty: rotary
    std::string blocks;    ///< what stands before a block's number, "model.layers."
    std::string norm1;
    std::vector<std::string> queryKeyValue; ///< one scope of all three stacked, or one each
    std::string attentionOut;
    std::string norm2;
    std::vector<std::string> up; ///< one: GELU; gate and up: SwiGLU
    std::string down;
    std::string finalNorm;
    std::string head; ///< [V, d]; the tokens' when `tied`; empty: the stack has none
    /// What the checkpoint holds beside the stack, for its loader to make something of.
    std::vector<ExpectedTensor> beside;

    int hidden = 0; ///< width of the feed-forward network
    bool tied = false;
    Norm::Kind norm = Norm::Kind::Rms;
    double epsilon = 1e-6;
    double rotaryBase = 10000.0;
    Activation activation = Activation::None; ///< of a GELU network
    bool storedTransposed = false;            ///< the blocks' weights as [in, out], GPT-2's Conv1D

    struct Biases {
        bool norms = false;
        bool queryKeyValue = false;
        bool attentionOut = false;
        bool feedForward = false;
        bool head = false;
    } biased;
};

/// The config's names for what describeStack reads.
struct StackKeys {
    const char* blocks;
    const char* width;
    const char* heads;
};
/// What all stacks state alike, with `vocabulary`, `length` and key heads left to the caller.
ModelFacts describeStack(const Checkpoint& checkpoint, const StackKeys& keys);
/// Checks that the heads divide the width and the key heads the heads. `keyValueHeads`, the config's name for
/// them, is null where there are no others than heads and positions are learned; rotary ones need an even
/// head size.
void requireHeads(const Checkpoint& checkpoint, const ModelFacts& facts, const StackKeys& keys,
                  const char* keyValueHeads);
/// Fills in the FLOPs of a row; `matrices` of [hidden, d] in the feed-forward network: 2, or 3 for SwiGLU.
void countFlops(ModelFacts& facts, int hidden, int matrices);

/// States that the last block runs for wanted rows alone, but for keys and values: what the facts count as
/// saved, and buildStack makes its queries apart for.
void saveLastBlock(ModelFacts& facts);

/// Holds the tensors against layout and facts, and makes the parts. Throws Error(Tensors).
CausalParts buildStack(const Checkpoint& checkpoint, const StackLayout& layout, ModelFacts facts,
                       Precision precision, ComputeContext& context);

} // namespace steploom
