// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/tensor/dtype.h"

#include <map>
#include <string>
#include <string_view>

namespace steploom {

/// Brings the names of tensors to those that the loaders know:
///   module.X, _orig_mod.X                what DataParallel and torch.compile put before (or into) every name
///   X.gamma, X.beta                      LayerNorm's weight and bias in files of 2018 and 2019
///   model.backbone.X, model.transformer.X, model.model.X
///                                        an MDLM, GPT-2 or Llama (Qwen2, Dream, LLaDA) that was a member
///                                        called "model"
///   wte.weight, h.0.X, …                 a GPT-2 saved without its head: "transformer." goes before
/// and leaves out buffers that no loader reads: rotary_emb.inv_freq, GPT-2's attn.bias and attn.masked_bias.
/// `modelType` is that of config.json; of unknown types only the first two lines are applied. Throws
/// Error(File) at `where` when two names become one.
std::map<std::string, TensorView> canonicalNames(std::map<std::string, TensorView> tensors,
                                                 std::string_view modelType, const std::string& where);

/// `name` without "_orig_mod." wherever torch.compile has put it, and without "module." before it.
std::string unwrappedName(std::string_view name);

} // namespace steploom
