// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "experiments/training/network.h"

#include <string>
#include <utility>
#include <vector>

namespace steploom {

// What several networks are made of, in LibTorch, with gradients.

/// x Wᵀ in x's precision.
torch::Tensor product(const torch::Tensor& x, const torch::Tensor& weight);
/// cos, sin [L, D/2] f32 of positions 0…L−1: angle = position · base^(−2j/D).
std::pair<torch::Tensor, torch::Tensor> rotaryTable(std::int64_t length, std::int64_t headSize, double base,
                                                    torch::Device device);
/// What PyTorch's Linear begins with has this deviation (uniform in ±1/√inputs there).
double linearDeviation(std::int64_t inputs);
/// What Llama's matrices begin with.
inline constexpr double kLlamaDeviation = 0.02;

/// x / √(mean of squares + ε) ⊙ weight
NormWeights rmsNorm(const torch::Tensor& weight, const NetworkShape& shape);
/// SwiGLU without biases: down_proj(SiLU(gate_proj(x)) ⊙ up_proj(x)), in x's precision; names behind `at`.
torch::Tensor swiGlu(const Parameters& parameters, const std::string& at, const torch::Tensor& x);

/// Parameters of a Llama stack's blocks and last norm, their names behind `scope` ("model.").
void addLlamaBlocks(const NetworkShape& shape, const std::string& scope, std::vector<Parameter>& table);
/// The blocks (formulas as in engine/models/llama.cc) on x [B, L, d] f32: the states before the last norm.
torch::Tensor llamaBlocks(const Parameters& parameters, const NetworkShape& shape, const std::string& scope,
                          torch::Tensor x, torch::ScalarType precision, const Dropout& dropout);

} // namespace steploom
