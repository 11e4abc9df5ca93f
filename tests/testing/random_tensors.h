// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/tensor/dtype.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

namespace steploom::testing {

/// Collects tensors of seeded normal numbers. The generator is the standard's mt19937 and the normal numbers
/// are made here, so that a seed gives the same checkpoint with every standard library.
class RandomTensors {
public:
    /// `stored`: F32, F16 or BF16.
    RandomTensors(std::uint32_t seed, DType stored) : m_random(seed), m_stored(stored) {}

    /// Weights and biases: mean 0, deviation 0.1. Norm weights: mean 1.
    void add(std::string name, std::vector<std::int64_t> shape, double mean = 0.0);
    void addNorm(std::string name, std::int64_t width) { add(std::move(name), {width}, 1.0); }
    /// A weight and a bias under one scope; `shape[biasAxis]` is the number of outputs.
    void addLinear(const std::string& scope, std::vector<std::int64_t> shape, std::size_t biasAxis = 0);

    /// Writes a safetensors file.
    void write(const std::filesystem::path& file) const;

private:
    struct Tensor {
        std::string name;
        std::vector<std::int64_t> shape;
        std::vector<std::byte> bytes;
    };
    double normal();
    void store(float value, std::byte* to) const;

    std::mt19937 m_random;
    DType m_stored;
    std::vector<Tensor> m_tensors;
};

} // namespace steploom::testing
