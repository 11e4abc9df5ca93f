// SPDX-License-Identifier: GPL-3.0-or-later
// Included once by each kernels_<width>.cc, which is compiled for that width and defines STEPLOOM_KERNELS.
// Everything is static and calls no inline function of the standard library: the linker must not share code
// between widths.
#include "engine/tensor/kernels.h"

#include <math.h>

namespace steploom {
namespace {

/// Nearest-even, as toBf16; without its NaN case, so that loops vectorise. NaN weights are refused at load.
inline bf16_t roundToBf16(float value) {
    const std::uint32_t bits = __builtin_bit_cast(std::uint32_t, value);
    return static_cast<bf16_t>((bits + 0x7FFFu + (bits >> 16 & 1u)) >> 16);
}

/// eˣ to about 2 ulp: x = n·ln 2 + r, a polynomial for eʳ (Cephes expf), 2ⁿ by the exponent's bits.
inline float fastExp(float x) {
    x = x < -87.0f ? -87.0f : x;
    x = x > 88.0f ? 88.0f : x;
    // Adding 1.5·2²³ rounds to an integer in the low bits of the mantissa.
    const float shifted = x * 1.44269504088896341f + 12582912.0f;
    const float n = shifted - 12582912.0f;
    const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r + 1.0f;
    const std::int32_t exponent = (static_cast<std::int32_t>(n) + 127) << 23;
    return p * __builtin_bit_cast(float, exponent);
}

struct StoreF32 {
    using Element = float;
    static float convert(float value) { return value; }
};
struct StoreBf16 {
    using Element = bf16_t;
    static bf16_t convert(float value) { return roundToBf16(value); }
};

template <typename Store>
void normRows(const float* x, int rows, int width, const float* weight, const float* bias, float epsilon,
              bool centred, void* out) {
    auto* to = static_cast<typename Store::Element*>(out);
    for (int row = 0; row < rows; ++row, x += width, to += width) {
        float mean = 0.0f;
        if (centred) {
#pragma omp simd reduction(+ : mean)
            for (int i = 0; i < width; ++i)
                mean += x[i];
            mean /= static_cast<float>(width);
        }
        float squares = 0.0f;
#pragma omp simd reduction(+ : squares)
        for (int i = 0; i < width; ++i)
            squares += (x[i] - mean) * (x[i] - mean);
        const float scale = 1.0f / sqrtf(squares / static_cast<float>(width) + epsilon);
        if (bias) {
#pragma omp simd
            for (int i = 0; i < width; ++i)
                to[i] = Store::convert((x[i] - mean) * scale * weight[i] + bias[i]);
        } else {
#pragma omp simd
            for (int i = 0; i < width; ++i)
                to[i] = Store::convert((x[i] - mean) * scale * weight[i]);
        }
    }
}

void layerNorm(const float* x, int rows, int width, const float* weight, const float* bias, float epsilon,
               void* out, Precision precision) {
    (precision == Precision::F32 ? normRows<StoreF32> : normRows<StoreBf16>)(x, rows, width, weight, bias,
                                                                             epsilon, true, out);
}

void rmsNorm(const float* x, int rows, int width, const float* weight, float epsilon, void* out,
             Precision precision) {
    (precision == Precision::F32 ? normRows<StoreF32> : normRows<StoreBf16>)(x, rows, width, weight, nullptr,
                                                                             epsilon, false, out);
}

template <typename Store>
void convertAll(const float* x, std::int64_t count, void* out) {
    auto* to = static_cast<typename Store::Element*>(out);
#pragma omp simd
    for (std::int64_t i = 0; i < count; ++i)
        to[i] = Store::convert(x[i]);
}

void convert(const float* x, std::int64_t count, void* out, Precision precision) {
    (precision == Precision::F32 ? convertAll<StoreF32> : convertAll<StoreBf16>)(x, count, out);
}

template <typename Store>
void rotateRows(const float* x, int rows, int stride, int headSize, const float* cosine, const float* sine,
                void* out) {
    auto* to = static_cast<typename Store::Element*>(out);
    const int half = headSize / 2;
    for (int row = 0; row < rows; ++row, x += stride, to += headSize) {
        if (!cosine) {
            convertAll<Store>(x, headSize, to);
            continue;
        }
        const float* c = cosine + static_cast<std::int64_t>(row) * half;
        const float* s = sine + static_cast<std::int64_t>(row) * half;
#pragma omp simd
        for (int i = 0; i < half; ++i) {
            to[i] = Store::convert(x[i] * c[i] - x[half + i] * s[i]);
            to[half + i] = Store::convert(x[half + i] * c[i] + x[i] * s[i]);
        }
    }
}

void rotate(const float* x, int rows, int stride, int headSize, const float* cosine, const float* sine,
            void* out, Precision precision) {
    (precision == Precision::F32 ? rotateRows<StoreF32> : rotateRows<StoreBf16>)(x, rows, stride, headSize,
                                                                                 cosine, sine, out);
}

template <typename Store>
void softmaxRows(const float* scores, int rows, int columns, int stride, const int* valid, float scale,
                 void* out, float* sums) {
    auto* to = static_cast<typename Store::Element*>(out);
    for (int row = 0; row < rows; ++row, scores += stride, to += stride) {
        const int n = valid[row];
        float largest = scores[0];
#pragma omp simd reduction(max : largest)
        for (int i = 0; i < n; ++i)
            largest = scores[i] > largest ? scores[i] : largest;
        float sum = 0.0f;
#pragma omp simd reduction(+ : sum)
        for (int i = 0; i < n; ++i) {
            const float weight = fastExp((scores[i] - largest) * scale);
            sum += weight;
            to[i] = Store::convert(weight);
        }
        for (int i = n; i < columns; ++i)
            to[i] = 0;
        sums[row] = sum;
    }
}

void softmax(const float* scores, int rows, int columns, int stride, const int* valid, float scale, void* out,
             float* sums, Precision precision) {
    (precision == Precision::F32 ? softmaxRows<StoreF32> : softmaxRows<StoreBf16>)(scores, rows, columns,
                                                                                   stride, valid, scale, out,
                                                                                   sums);
}

template <typename Store>
void divideEach(const float* x, int rows, int headSize, const float* divisors, void* out, int outStride) {
    auto* to = static_cast<typename Store::Element*>(out);
    for (int row = 0; row < rows; ++row, x += headSize, to += outStride) {
        const float factor = 1.0f / divisors[row];
#pragma omp simd
        for (int i = 0; i < headSize; ++i)
            to[i] = Store::convert(x[i] * factor);
    }
}

void divideRows(const float* x, int rows, int headSize, const float* divisors, void* out, int outStride,
                Precision precision) {
    (precision == Precision::F32 ? divideEach<StoreF32> : divideEach<StoreBf16>)(x, rows, headSize, divisors,
                                                                                 out, outStride);
}

template <typename Store>
void swiGluRows(const float* x, int rows, int hidden, void* out) {
    auto* to = static_cast<typename Store::Element*>(out);
    for (int row = 0; row < rows; ++row, x += 2 * static_cast<std::int64_t>(hidden), to += hidden) {
#pragma omp simd
        for (int i = 0; i < hidden; ++i)
            to[i] = Store::convert(x[i] / (1.0f + fastExp(-x[i])) * x[hidden + i]);
    }
}

void swiGlu(const float* x, int rows, int hidden, void* out, Precision precision) {
    (precision == Precision::F32 ? swiGluRows<StoreF32> : swiGluRows<StoreBf16>)(x, rows, hidden, out);
}

void addGated(float* x, const float* y, const float* gate, int rows, int width) {
    for (int row = 0; row < rows; ++row, x += width, y += width) {
#pragma omp simd
        for (int i = 0; i < width; ++i)
            x[i] += gate[i] * y[i];
    }
}

float logSumExp(const float* x, int n) {
    float largest = x[0];
#pragma omp simd reduction(max : largest)
    for (int i = 0; i < n; ++i)
        largest = x[i] > largest ? x[i] : largest;
    double sum = 0.0;
    // Blocks of float sums in a double: fifty thousand terms would lose digits in one float.
    for (int begin = 0; begin < n; begin += 512) {
        const int end = begin + 512 < n ? begin + 512 : n;
        float part = 0.0f;
#pragma omp simd reduction(+ : part)
        for (int i = begin; i < end; ++i)
            part += fastExp(x[i] - largest);
        sum += static_cast<double>(part);
    }
    return largest + static_cast<float>(log(sum));
}

void attendOne(const float* query, const float* keyRows, const float* valueRows, int keys, int headSize,
               float scale, float* scores, float* out) {
    for (int key = 0; key < keys; ++key) {
        const float* k = keyRows + static_cast<std::int64_t>(key) * headSize;
        float dot = 0.0f;
#pragma omp simd reduction(+ : dot)
        for (int i = 0; i < headSize; ++i)
            dot += query[i] * k[i];
        scores[key] = dot;
    }
    float sum = 0.0f;
    softmaxRows<StoreF32>(scores, 1, keys, keys, &keys, scale, scores, &sum);
    for (int i = 0; i < headSize; ++i)
        out[i] = 0.0f;
    for (int key = 0; key < keys; ++key) {
        const float* v = valueRows + static_cast<std::int64_t>(key) * headSize;
        const float weight = scores[key] / sum;
#pragma omp simd
        for (int i = 0; i < headSize; ++i)
            out[i] += weight * v[i];
    }
}

} // namespace

extern const Kernels STEPLOOM_KERNELS;
const Kernels STEPLOOM_KERNELS{layerNorm, rmsNorm,  rotate,    softmax,   divideRows,
                               swiGlu,    addGated, logSumExp, attendOne, convert};

} // namespace steploom
