// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/checkpoint.h"

#include <cstdint>
#include <span>
#include <vector>

namespace steploom::testing {

/// The published forward passes, transcribed in double precision with one plain loop after another: logits of
/// one sequence, [length, V]. They read config.json and the tensors by their published names and share
/// nothing with the engine's loaders.

/// modeling_llada.py, LLaDAModel.forward with LLaDALlamaBlock.
std::vector<float> plainLlada(const Checkpoint& checkpoint, std::span<const std::int32_t> tokens);
/// modeling_dream.py and the shift by one of generation_utils.py.
std::vector<float> plainDream(const Checkpoint& checkpoint, std::span<const std::int32_t> tokens);
/// modeling_qwen2.py.
std::vector<float> plainQwen2(const Checkpoint& checkpoint, std::span<const std::int32_t> tokens);

} // namespace steploom::testing
