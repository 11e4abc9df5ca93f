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

/// A causal checkpoint with seeded random weights; `modelType` "llama" or "gpt2".
struct TinyCausal {
    std::string modelType = "llama";
    int width = 32;
    int heads = 2;
    int keyValueHeads = 1; ///< llama only
    int blocks = 2;
    int feedForward = 48; ///< llama only; gpt2 has 4 · width
    int vocabulary = 64;
    int length = 32;
    std::uint32_t seed = 1;
};
std::filesystem::path writeTinyCausal(const std::filesystem::path& folder, const TinyCausal& shape = {});

/// A byte-level BPE tokenizer.json without merges: 256 byte pieces (ids in GPT-2's byte order) and
/// "<|endoftext|>" as id 256, so `size` is 257. With `maskToken` also "<mask>" as id 257.
std::filesystem::path writeByteTokenizer(const std::filesystem::path& folder, bool maskToken = false);

} // namespace steploom::testing
