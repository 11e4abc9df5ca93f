// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/training/random_tensors.h"

#include "experiments/training/training_kernels.h"

#include <torch/types.h>

namespace steploom {

using torch::Tensor;

namespace {

/// splitmix64
std::uint64_t mixed(std::uint64_t z) {
    z += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

std::uint64_t seedOf(std::uint64_t seed, Draw purpose) {
    return mixed(mixed(seed) ^ static_cast<std::uint64_t>(purpose));
}

} // namespace

Tensor uniformNumbers(at::IntArrayRef sizes, std::uint64_t seed, Draw purpose, torch::Device device) {
    const Tensor numbers = torch::empty(sizes, torch::kFloat32);
    uniformNumbers(seedOf(seed, purpose), numbers.numel(), numbers.data_ptr<float>());
    return numbers.to(device);
}

Tensor normalNumbers(at::IntArrayRef sizes, std::uint64_t seed, Draw purpose, torch::Device device) {
    const Tensor numbers = torch::empty(sizes, torch::kFloat32);
    normalNumbers(seedOf(seed, purpose), numbers.numel(), numbers.data_ptr<float>());
    return numbers.to(device);
}

} // namespace steploom
