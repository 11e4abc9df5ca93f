// SPDX-License-Identifier: GPL-3.0-or-later
// Included once by each kernels_<width>.cc, which is compiled for that width and defines STEPLOOM_KERNELS.
// Everything is static and calls no inline function of the standard library: the linker must not share code
// between widths.
#include "engine/tensor/kernel_math.h"
#include "engine/tensor/kernels.h"

#include <math.h>

namespace steploom {
namespace {

struct StoreF32 {
    using Element = float;
    static float convert(float value) { return value; }
    static float read(float value) { return value; }
    static constexpr float kExpScale = 1.0f;
    static float exp(float x) { return fastExp(x); }
    static float divide(float x, float y) { return x / y; }
};
struct StoreBf16 {
    using Element = bf16_t;
    static bf16_t convert(float value) { return roundToBf16(value); }
    static float read(bf16_t value) { return fromBf16Bits(value); }
    static constexpr float kExpScale = 1.44269504088896341f; ///< exp(x) is its exp of this times x
    static float exp(float x) { return coarseExp2(x); }
    static float divide(float x, float y) { return x * coarseReciprocal(y); }
};

/// x / (1 + e^−u)
template <typename Store>
inline float timesSigmoid(float x, float u) {
    u = u < -80.0f ? -80.0f : u; // where e^−u would leave the range of a float
    return Store::divide(x, 1.0f + Store::exp(-Store::kExpScale * u));
}

template <typename Store>
struct Identity {
    static float apply(float x) { return x; }
};

/// ½x(1 + tanh u) = x / (1 + e^−2u), u = √(2/π)(x + 0.044715x³)
template <typename Store>
struct GeluTanh {
    static float apply(float x) {
        return timesSigmoid<Store>(x, x * (1.5957691216f + 0.0713548163f * x * x));
    }
};

/// With the error function by Abramowitz and Stegun 7.1.26 (absolute error of erf below 1.5e-7).
template <typename Store>
struct GeluErf {
    static float apply(float x) {
        const float z = (x < 0.0f ? -x : x) * 0.70710678119f;
        const float t = Store::divide(1.0f, 1.0f + 0.3275911f * z);
        const float tail =
            t *
            (0.254829592f +
             t * (-0.284496736f + t * (1.421413741f + t * (-1.453152027f + t * 1.061405429f)))) *
            Store::exp(-Store::kExpScale * z * z);
        return 0.5f * x * (x < 0.0f ? tail : 2.0f - tail);
    }
};

/// x / (1 + e^−x)
template <typename Store>
struct Silu {
    static float apply(float x) { return timesSigmoid<Store>(x, x); }
};

/// Σ (x − centre)^k over x [n] for k 1 or 2. In four stretches at once: one sum alone would wait for each of
/// its own additions.
template <int k>
inline float momentOf(const float* x, int n, float centre) {
    const int stretch = n / 4;
    const float *p = x + stretch, *q = p + stretch, *r = q + stretch;
    float a = 0.0f, b = 0.0f, c = 0.0f, d = 0.0f;
#pragma omp simd reduction(+ : a, b, c, d)
    for (int i = 0; i < stretch; ++i) {
        a += k == 1 ? x[i] - centre : (x[i] - centre) * (x[i] - centre);
        b += k == 1 ? p[i] - centre : (p[i] - centre) * (p[i] - centre);
        c += k == 1 ? q[i] - centre : (q[i] - centre) * (q[i] - centre);
        d += k == 1 ? r[i] - centre : (r[i] - centre) * (r[i] - centre);
    }
    float sum = (a + b) + (c + d);
    for (int i = 4 * stretch; i < n; ++i)
        sum += k == 1 ? x[i] - centre : (x[i] - centre) * (x[i] - centre);
    return sum;
}

/// The largest of x [n]; in four stretches, as momentOf.
inline float largestOf(const float* x, int n) {
    const int stretch = n / 4;
    float a = x[0], b = a, c = a, d = a;
#pragma omp simd reduction(max : a, b, c, d)
    for (int i = 0; i < stretch; ++i) {
        a = x[i] > a ? x[i] : a;
        b = x[stretch + i] > b ? x[stretch + i] : b;
        c = x[2 * stretch + i] > c ? x[2 * stretch + i] : c;
        d = x[3 * stretch + i] > d ? x[3 * stretch + i] : d;
    }
    a = b > a ? b : a;
    c = d > c ? d : c;
    a = c > a ? c : a;
    for (int i = 4 * stretch; i < n; ++i)
        a = x[i] > a ? x[i] : a;
    return a;
}

template <typename Store>
void normRows(const float* x, int rows, int width, const float* weight, const float* bias, float epsilon,
              bool centred, void* out) {
    auto* to = static_cast<typename Store::Element*>(out);
    for (int row = 0; row < rows; ++row, x += width, to += width) {
        const float mean = centred ? momentOf<1>(x, width, 0.0f) / static_cast<float>(width) : 0.0f;
        const float squares = momentOf<2>(x, width, mean);
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
        const float largest = largestOf(scores, n);
        float sum = 0.0f;
        const float factor = scale * Store::kExpScale, shift = -largest * factor;
#pragma omp simd reduction(+ : sum)
        for (int i = 0; i < n; ++i) {
            const float weight = Store::exp(scores[i] * factor + shift);
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
            to[i] = Store::convert(timesSigmoid<Store>(x[i], x[i]) * x[hidden + i]);
    }
}

void swiGlu(const float* x, int rows, int hidden, void* out, Precision precision) {
    (precision == Precision::F32 ? swiGluRows<StoreF32> : swiGluRows<StoreBf16>)(x, rows, hidden, out);
}

template <typename Store>
void quantizeEach(const typename Store::Element* x, int rows, int width, std::uint8_t* out, float* scale,
                  float* offset) {
    for (int row = 0; row < rows; ++row, x += width, out += width) {
        float least = 0.0f, largest = 0.0f;
#pragma omp simd reduction(min : least) reduction(max : largest)
        for (int i = 0; i < width; ++i) {
            const float value = Store::read(x[i]);
            least = value < least ? value : least;
            largest = value > largest ? value : largest;
        }
        const float step = (largest - least) / 255.0f;
        const float steps = step > 0.0f ? 1.0f / step : 0.0f;
#pragma omp simd
        for (int i = 0; i < width; ++i)
            out[i] = static_cast<std::uint8_t>(
                static_cast<std::int32_t>((Store::read(x[i]) - least) * steps + 0.5f));
        scale[row] = step;
        offset[row] = least;
    }
}

void quantizeRows(const void* x, int rows, int width, Precision precision, std::uint8_t* out, float* scale,
                  float* offset) {
    if (precision == Precision::F32)
        quantizeEach<StoreF32>(static_cast<const float*>(x), rows, width, out, scale, offset);
    else
        quantizeEach<StoreBf16>(static_cast<const bf16_t*>(x), rows, width, out, scale, offset);
}

template <typename Store, typename Function>
void dequantizeEach(const Dequantization& product) {
    const std::int32_t* sums = product.sums;
    auto* to = static_cast<typename Store::Element*>(product.dst);
    const float* const columnScale = product.columnScale;
    const float* const columnOffset = product.columnOffset;
    const float* const bias = product.bias;
    const int columns = product.columns;
    for (int row = 0; row < product.rows; ++row, sums += columns, to += product.dstStride) {
        const float scale = product.rowScale[row], offset = product.rowOffset[row];
        if (product.accumulate) {
#pragma omp simd
            for (int i = 0; i < columns; ++i)
                to[i] = Store::convert(Store::read(to[i]) + bias[i] +
                                       scale * columnScale[i] * static_cast<float>(sums[i]) +
                                       offset * columnOffset[i]);
        } else {
#pragma omp simd
            for (int i = 0; i < columns; ++i)
                to[i] = Store::convert(Function::apply(bias[i] +
                                                       scale * columnScale[i] * static_cast<float>(sums[i]) +
                                                       offset * columnOffset[i]));
        }
    }
}

template <typename Store>
void dequantizeInto(const Dequantization& product) {
    switch (product.activation) {
    case Activation::None:
        return dequantizeEach<Store, Identity<Store>>(product);
    case Activation::GeluTanh:
        return dequantizeEach<Store, GeluTanh<Store>>(product);
    case Activation::GeluErf:
        return dequantizeEach<Store, GeluErf<Store>>(product);
    case Activation::Silu:
        return dequantizeEach<Store, Silu<Store>>(product);
    }
}

void dequantize(const Dequantization& product) {
    (product.result == Precision::F32 ? dequantizeInto<StoreF32> : dequantizeInto<StoreBf16>)(product);
}

void placeRows(const float* x, int rows, int columns, float* dst, int dstStride, bool accumulate) {
    for (int row = 0; row < rows; ++row, x += columns, dst += dstStride) {
        if (accumulate) {
#pragma omp simd
            for (int i = 0; i < columns; ++i)
                dst[i] += x[i];
        } else {
#pragma omp simd
            for (int i = 0; i < columns; ++i)
                dst[i] = x[i];
        }
    }
}

template <typename Store, typename Function>
void activateEach(const float* x, int rows, int columns, void* dst, int dstStride) {
    auto* to = static_cast<typename Store::Element*>(dst);
    for (int row = 0; row < rows; ++row, x += columns, to += dstStride) {
#pragma omp simd
        for (int i = 0; i < columns; ++i)
            to[i] = Store::convert(Function::apply(x[i]));
    }
}

template <typename Store>
void activateInto(const float* x, int rows, int columns, Activation activation, void* dst, int dstStride) {
    switch (activation) {
    case Activation::None:
        return activateEach<Store, Identity<Store>>(x, rows, columns, dst, dstStride);
    case Activation::GeluTanh:
        return activateEach<Store, GeluTanh<Store>>(x, rows, columns, dst, dstStride);
    case Activation::GeluErf:
        return activateEach<Store, GeluErf<Store>>(x, rows, columns, dst, dstStride);
    case Activation::Silu:
        return activateEach<Store, Silu<Store>>(x, rows, columns, dst, dstStride);
    }
}

void activate(const float* x, int rows, int columns, Activation activation, void* dst, int dstStride,
              Precision precision) {
    (precision == Precision::F32 ? activateInto<StoreF32>
                                 : activateInto<StoreBf16>)(x, rows, columns, activation, dst, dstStride);
}

void addGated(float* x, const float* y, const float* gate, int rows, int width) {
    for (int row = 0; row < rows; ++row, x += width, y += width) {
#pragma omp simd
        for (int i = 0; i < width; ++i)
            x[i] += gate[i] * y[i];
    }
}

float logSumExp(const float* x, int n) {
    const float largest = largestOf(x, n);
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
const Kernels STEPLOOM_KERNELS{layerNorm,    rmsNorm,    rotate,    softmax,   divideRows,
                               swiGlu,       addGated,   logSumExp, largestOf, attendOne,
                               quantizeRows, dequantize, placeRows, activate};

} // namespace steploom
