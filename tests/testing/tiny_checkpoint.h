// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/tensor/dtype.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace steploom::testing {

/// A masked-diffusion checkpoint with seeded random weights, in the published layout.
struct TinyMdlm {
    int width = 32;
    int heads = 2;
    int blocks = 2;
    int condition = 16;
    int vocabulary = 64; ///< mask token included
    int length = 16;
    bool timeConditioning = false;
    DType stored = DType::F32; ///< F32, F16 or BF16
    std::uint32_t seed = 1;
};
/// Writes config.json and model.safetensors into `folder` and returns it.
std::filesystem::path writeTinyMdlm(const std::filesystem::path& folder, const TinyMdlm& shape = {});

/// A LLaDA checkpoint in the published layout, with seeded random weights.
struct TinyLlada {
    int width = 32;
    int heads = 2;
    int keyValueHeads = 2;
    int blocks = 2;
    int feedForward = 48;
    int vocabulary = 64;
    int maskToken = 60;
    int length = 16;
    bool bias = false;
    bool queryKeyValueBias = false;
    bool tied = false;
    std::uint32_t seed = 1;
};
std::filesystem::path writeTinyLlada(const std::filesystem::path& folder, const TinyLlada& shape = {});

/// The same of Dream, whose queries, keys and values always have biases.
struct TinyDream {
    int width = 32;
    int heads = 2;
    int keyValueHeads = 1;
    int blocks = 2;
    int feedForward = 48;
    int vocabulary = 64;
    int maskToken = 60;
    int length = 16;
    bool tied = false;
    std::uint32_t seed = 1;
};
std::filesystem::path writeTinyDream(const std::filesystem::path& folder, const TinyDream& shape = {});

/// A causal checkpoint with seeded random weights; `modelType` "llama", "qwen2" or "gpt2".
struct TinyCausal {
    std::string modelType = "llama";
    int width = 32;
    int heads = 2;
    int keyValueHeads = 1; ///< not gpt2
    int blocks = 2;
    int feedForward = 48; ///< not gpt2, which has 4 · width
    int vocabulary = 64;
    int length = 32;
    bool tied = false; ///< gpt2 always is
    std::uint32_t seed = 1;
};
std::filesystem::path writeTinyCausal(const std::filesystem::path& folder, const TinyCausal& shape = {});

/// A byte-level BPE tokenizer.json without merges: 256 byte pieces (ids in GPT-2's byte order) and
/// "<|endoftext|>" as id 256, so `size` is 257. With `maskToken` also "<mask>" as id 257.
std::filesystem::path writeByteTokenizer(const std::filesystem::path& folder, bool maskToken = false);

} // namespace steploom::testing
