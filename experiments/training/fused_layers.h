// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <optional>
#include <utility>

namespace steploom {

/// Dropout with random numbers of its own, so that passes on several threads repeat bit for bit.
class Dropout {
public:
    Dropout() = default; ///< none
    Dropout(double share, std::uint64_t seed, torch::Device device);
    /// x, with `share` of its numbers 0 and the others larger by as much.
    torch::Tensor operator()(const torch::Tensor& x) const;
    double share() const noexcept { return m_share; }
    /// Another seed at each call, for loops that draw for themselves.
    std::uint32_t nextSeed() const;

private:
    double m_share = 0;
    std::uint64_t m_seed = 0;
    mutable std::uint64_t m_calls = 0;
    mutable std::optional<at::Generator> m_generator;
};

/// A branch on its way back into the residual stream: x + gate ⊙ dropout(values + bias).
struct Branch {
    torch::Tensor values; ///< [B, L, d] or [R, d]; undefined: nothing is added
    torch::Tensor bias;   ///< [d] or undefined
    torch::Tensor gate;   ///< [1 or B, d], or undefined for 1
};

/// norm(x) ⊙ weight + shift: the layer norm, or without `centred` the RMS norm.
struct NormWeights {
    torch::Tensor weight; ///< [d], or [1 or B, d] where a condition scales it
    torch::Tensor shift;  ///< likewise, or undefined
    double epsilon = 1e-5;
    bool centred = true;
};

/// How attention cuts a projection [B, L, (H + 2K)·D] into H heads of queries, then K of keys, then K of
/// values.
struct AttentionHeads {
    std::int64_t heads = 0, keyValueHeads = 0;
    bool causal = false;
    torch::Tensor cosine, sine; ///< [L, D/2] f32, half-split form
};

// What lies between a network's products, with gradients. In bf16 on a processor each is one pass over its
// numbers (training_kernels.h): LibTorch's own loops would take twice as long as the products. Everything
// else goes to its twin in namespace `plain`, which is made of LibTorch's operations. x and sums are f32;
// branches, projections and results have the products' precision, which the last argument of addAndNorm
// decides.

/// x [B, L, d] with the branch added, and the norm of that.
std::pair<torch::Tensor, torch::Tensor> addAndNorm(const torch::Tensor& x, const Branch& branch,
                                                   const NormWeights& norm, const Dropout& dropout,
                                                   torch::ScalarType precision);
/// GELU(x + bias), tanh form.
torch::Tensor biasedGelu(const torch::Tensor& x, const torch::Tensor& bias);
/// SiLU(x + bias) for x [R, d] and bias [d], or [G, d] of which each is for R/G rows.
torch::Tensor biasedSilu(const torch::Tensor& x, const torch::Tensor& bias);
/// SiLU(x[…, :f]) · x[…, f:] for x […, 2f].
torch::Tensor gatedSilu(const torch::Tensor& x);
/// softmax(q kᵀ / √D) v → [B, L, H·D], queries and keys turned by their positions.
torch::Tensor attend(const torch::Tensor& projected, const AttentionHeads& heads);
/// Negative log-likelihood [R] f32 of targets [R] under softmax over the first `classes` logits [R, V].
torch::Tensor tokenLosses(const torch::Tensor& logits, const torch::Tensor& targets, std::int64_t classes);

namespace plain {
/// x with the branch added.
torch::Tensor add(const torch::Tensor& x, const Branch& branch, const Dropout& dropout);
std::pair<torch::Tensor, torch::Tensor> addAndNorm(const torch::Tensor& x, const Branch& branch,
                                                   const NormWeights& norm, const Dropout& dropout,
                                                   torch::ScalarType precision);
torch::Tensor biasedGelu(const torch::Tensor& x, const torch::Tensor& bias);
torch::Tensor biasedSilu(const torch::Tensor& x, const torch::Tensor& bias);
torch::Tensor gatedSilu(const torch::Tensor& x);
torch::Tensor attend(const torch::Tensor& projected, const AttentionHeads& heads);
torch::Tensor tokenLosses(const torch::Tensor& logits, const torch::Tensor& targets, std::int64_t classes);
} // namespace plain

} // namespace steploom
