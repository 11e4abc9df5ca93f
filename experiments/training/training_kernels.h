// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/tensor/dtype.h"

#include <cstdint>

namespace steploom {

/// Dropout without a stored mask: whether number `index` is dropped follows from (seed, index), so the
/// backward pass asks again. Share 0 drops nothing.
struct DropoutMask {
    double share = 0;
    std::uint32_t seed = 0;
};

/// One residual branch and the norm after it, for R rows of width d, of which `rowsPerCondition` in turn
/// share a row of the gates, weights and shifts:
///     sum    = x + gate ⊙ dropout(branch + branchBias)
///     normed = (sum − mean) · scale ⊙ weight + shift,   scale = 1 / √(mean of (sum − mean)² + ε)
/// Without `centred` the mean counts as 0 (RMS norm). What is null is left out: no branch, no gate (1), no
/// bias, no shift.
struct ResidualNorm {
    std::int64_t rows = 0;
    int width = 0;
    std::int64_t rowsPerCondition = 1;
    float epsilon = 1e-5f;
    bool centred = true;
    DropoutMask dropout;
    const float* x = nullptr;          ///< [R, d]
    const bf16_t* branch = nullptr;    ///< [R, d]
    const float* branchBias = nullptr; ///< [d]
    const float* gate = nullptr;       ///< [C, d]
    const float* weight = nullptr;     ///< [C, d]
    const float* shift = nullptr;      ///< [C, d]
    float* sum = nullptr;              ///< [R, d]; given to the backward pass
    float* mean = nullptr;             ///< [R]; likewise
    float* scale = nullptr;            ///< [R]; likewise
    bf16_t* normed = nullptr;          ///< [R, d]
};
void residualNorm(const ResidualNorm& pass);

/// Gradients of a ResidualNorm. Those of the conditions and biases are added to; null where not wanted.
struct ResidualNormGradients {
    const float* sum = nullptr;     ///< [R, d] or null: nothing else used the sum
    const bf16_t* normed = nullptr; ///< [R, d]
    float* x = nullptr;             ///< [R, d]
    bf16_t* branch = nullptr;       ///< [R, d]
    float* branchBias = nullptr;    ///< [d]
    float* gate = nullptr;          ///< [C, d]
    float* weight = nullptr;        ///< [C, d]
    float* shift = nullptr;         ///< [C, d]
};
void residualNormBackward(const ResidualNorm& pass, const ResidualNormGradients& gradients);

/// out = GELU(x + bias), tanh form, for x [R, d].
void biasedGelu(const bf16_t* x, const float* bias, std::int64_t rows, int width, bf16_t* out);
/// dx from `gradient` [R, d]; adds to dBias [d].
void biasedGeluBackward(const bf16_t* x, const float* bias, const bf16_t* gradient, std::int64_t rows,
                        int width, bf16_t* dx, float* dBias);

/// out [R, width] = SiLU(x + bias of the row's group), bias [R / rowsPerBias, width]; backward adds to dBias.
void biasedSilu(const bf16_t* x, const float* bias, std::int64_t rows, std::int64_t rowsPerBias, int width,
                bf16_t* out);
void biasedSiluBackward(const bf16_t* x, const float* bias, const bf16_t* gradient, std::int64_t rows,
                        std::int64_t rowsPerBias, int width, bf16_t* dx, float* dBias);

/// out [R, f] = SiLU(x[:, :f]) · x[:, f:] for x [R, 2f].
void gatedSilu(const bf16_t* x, std::int64_t rows, int hidden, bf16_t* out);
void gatedSiluBackward(const bf16_t* x, const bf16_t* gradient, std::int64_t rows, int hidden, bf16_t* dx);

/// Heads of an attention: H of queries, K of keys and of values, H a multiple of K, each D wide.
struct HeadShape {
    int windows = 0, length = 0, heads = 0, keyValueHeads = 0, headSize = 0;
    int projectedWidth() const noexcept { return (heads + 2 * keyValueHeads) * headSize; }
};
/// projected [B, L, (H + 2K)·D] → query, key, value [B, H, L, D], queries and keys turned by their position
/// (half-split form; cosine, sine [L, D/2]), keys and values repeated for the heads that share them.
void splitHeads(const HeadShape& shape, const bf16_t* projected, const float* cosine, const float* sine,
                bf16_t* query, bf16_t* key, bf16_t* value);
void splitHeadsBackward(const HeadShape& shape, const bf16_t* query, const bf16_t* key, const bf16_t* value,
                        const float* cosine, const float* sine, bf16_t* projected);
/// [B, H, L, D] → [B, L, H·D], and back.
void mergeHeads(const HeadShape& shape, const bf16_t* heads, bf16_t* merged);
void mergeHeadsBackward(const HeadShape& shape, const bf16_t* merged, bf16_t* heads);

/// In place: each row of scores [matrices, L, L] to softmax(scale · row), over the first i + 1 columns in row
/// i when `causal`, 0 in the rest.
void attentionWeights(bf16_t* scores, std::int64_t matrices, int length, float scale, bool causal);
/// In place: gradient of the weights [matrices, L, L] to that of the scores.
void attentionWeightsBackward(const bf16_t* weights, bf16_t* gradient, std::int64_t matrices, int length,
                              float scale);

/// Negative log-likelihood [R] of the targets under softmax over the first `classes` of `columns` logits, and
/// the log of each softmax's sum.
void tokenLosses(const bf16_t* logits, const std::int64_t* targets, std::int64_t rows, int columns,
                 int classes, float* losses, float* logSums);
/// dLogits [R, columns] from the gradient [R] of the losses.
void tokenLossesBackward(const bf16_t* logits, const std::int64_t* targets, const float* logSums,
                         const float* gradient, std::int64_t rows, int columns, int classes, bf16_t* dLogits);

/// One step of AdamW over n numbers, of which the first `decayed` decay, with the moving average of the
/// result. The factors are the step's own: rate and root corrected for the moments' late start.
struct AdamWStep {
    float beta1 = 0, beta2 = 0, epsilon = 0;
    float rate = 0;   ///< learning rate / (1 − β₁ᵗ)
    float root = 0;   ///< 1 / √(1 − β₂ᵗ)
    float decay = 1;  ///< 1 − learning rate · weight decay
    float follow = 0; ///< how far the average goes towards the weights
};
void adamW(const AdamWStep& step, const float* gradient, std::int64_t begin, std::int64_t end,
           std::int64_t decayed, float* weights, float* first, float* second, float* average);

/// The energy loss (energy_loss.h) of R rows of N draws, held against M samples, in l dimensions.
struct EnergyRows {
    std::int64_t rows = 0;
    int draws = 0, samples = 0, latent = 0;
    const float* drawn = nullptr; ///< [R, N, l]
    const float* mean = nullptr;  ///< [R, l]
    const float* sigma = nullptr; ///< [R, l]
    const float* noise = nullptr; ///< [R, M, l]
    double exponent = 1;
};
/// Losses [R] and their gradient [R, N, l] by the draws.
void energyLosses(const EnergyRows& pass, float* losses, float* gradient);

/// Number i is a function of seed and i: uniform on (0, 1), of 23 bits.
void uniformNumbers(std::uint64_t seed, std::int64_t count, float* numbers);
/// Standard normal ones, of the first 2h = 2⌈count/2⌉ uniform ones of this seed (Box and Muller 1958): with u
/// and v the i-th and (h + i)-th, number i is √(−2 ln u) cos 2πv, and number h + i the same with the sine. To
/// 1e-4.
void normalNumbers(std::uint64_t seed, std::int64_t count, float* numbers);

} // namespace steploom
