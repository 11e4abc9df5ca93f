// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/tensor/activation.h"
#include "engine/tensor/dtype.h"

#include <cstdint>

namespace steploom {

/// What Kernels::dequantize makes of the sums of an int8 product. With row r of src = scale[r] · q +
/// offset[r] and column c of W = columnScale[c] · w, src · W = scale[r] · columnScale[c] · sums + offset[r] ·
/// columnOffset[c], where columnOffset[c] = columnScale[c] · Σ w, known at load.
struct Dequantization {
    const std::int32_t* sums = nullptr; ///< [rows, columns]
    int rows = 0;
    int columns = 0;
    const float* rowScale = nullptr;  ///< [rows]
    const float* rowOffset = nullptr; ///< [rows]
    const float* columnScale = nullptr;
    const float* columnOffset = nullptr;
    const float* bias = nullptr; ///< [columns]; zeros for none: masked loads from null take an age
    Activation activation = Activation::None;
    bool accumulate = false; ///< dst (f32) += the result
    void* dst = nullptr;
    int dstStride = 0; ///< elements from one row of dst to the next
    Precision result = Precision::F32;
};

/// The loops between the matrix products, one thread each. Compiled once for each vector width from
/// kernels_body.h; their plain twins are in reference.h. R rows, d width, D head size. Inputs and sums are
/// f32; `out` is in `precision`.
struct Kernels {
    /// out [R, d] = (x − mean) / √(variance + eps) · weight + bias; bias may be null.
    void (*layerNorm)(const float* x, int rows, int width, const float* weight, const float* bias,
                      float epsilon, void* out, Precision precision);
    /// out [R, d] = x / √(mean of squares + eps) · weight.
    void (*rmsNorm)(const float* x, int rows, int width, const float* weight, float epsilon, void* out,
                    Precision precision);
    /// Rotary embedding, half-split form, of one head: (x₁, x₂) → (x₁cos − x₂sin, x₂cos + x₁sin) for R rows
    /// that are `stride` floats apart; cosine, sine [R, D/2], or null to copy only. out [R, D] contiguous.
    void (*rotate)(const float* x, int rows, int stride, int headSize, const float* cosine, const float* sine,
                   void* out, Precision precision);
    /// Softmax numerators of R rows of scores, `stride` apart: out = exp((s − max) · scale) over the first
    /// `valid[r]` columns, 0 in the rest; sums[r] their sum. In place when out == scores (f32).
    void (*softmax)(const float* scores, int rows, int columns, int stride, const int* valid, float scale,
                    void* out, float* sums, Precision precision);
    /// out [R, D] at `outStride` elements = x [R, D] / divisors[r].
    void (*divideRows)(const float* x, int rows, int headSize, const float* divisors, void* out,
                       int outStride, Precision precision);
    /// out [R, f] = SiLU(x[:, :f]) · x[:, f:] for x [R, 2f].
    void (*swiGlu)(const float* x, int rows, int hidden, void* out, Precision precision);
    /// x [R, d] += gate [d] · y [R, d].
    void (*addGated)(float* x, const float* y, const float* gate, int rows, int width);
    /// log Σ exp(x) over n values.
    float (*logSumExp)(const float* x, int n);
    /// The greatest of n ≥ 1 values.
    float (*largest)(const float* x, int n);
    /// Attention of one query over `keys` cached positions: keyRows, valueRows [keys, D]; scores is scratch
    /// [keys].
    void (*attendOne)(const float* query, const float* keyRows, const float* valueRows, int keys,
                      int headSize, float scale, float* scores, float* out);
    /// Each row of x [R, d], in `precision`, to 256 even steps between its least and its largest value (or
    /// 0): x ≈ scale · out + offset.
    void (*quantizeRows)(const void* x, int rows, int width, Precision precision, std::uint8_t* out,
                         float* scale, float* offset);
    /// The sums of an int8 product as numbers, with bias and activation.
    void (*dequantize)(const Dequantization& product);
    /// dst rows, `dstStride` floats apart, = or += x [R, columns].
    void (*placeRows)(const float* x, int rows, int columns, float* dst, int dstStride, bool accumulate);
    /// dst rows in `precision`, `dstStride` elements apart, = activation(x [R, columns]).
    void (*activate)(const float* x, int rows, int columns, Activation activation, void* dst, int dstStride,
                     Precision precision);
};

/// The kernels for this processor: as wide as what oneDNN uses (ONEDNN_MAX_CPU_ISA lowers both).
const Kernels& kernels();

/// All compiled variants that this processor can run, narrowest first, for tests.
struct KernelVariant {
    int vectorBits;
    const Kernels* kernels;
};
int kernelVariants(KernelVariant variants[3]);

} // namespace steploom
