// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/training/training_kernels.h"

#include "engine/tensor/kernel_math.h"

#include <cmath>
#include <cstring>
#include <vector>

// Compiled once for each vector width; the loader takes the widest that the processor has.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define STEPLOOM_EACH_WIDTH __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define STEPLOOM_EACH_WIDTH
#endif
// Whatever a clone calls must become part of it.
#define STEPLOOM_INLINE [[gnu::always_inline]] inline

namespace steploom {

namespace {

constexpr float kLog2E = 1.44269504088896341f;

/// 1 / (1 + e^−u)
STEPLOOM_INLINE float sigmoid(float u) {
    u = u < -80.0f ? -80.0f : u;
    return coarseReciprocal(1.0f + coarseExp2(-kLog2E * u));
}

/// Whether a number is kept, times what makes up for those that are not: a hash of its index (lowbias32, by
/// C. Wellons) against the share.
struct Keep {
    explicit Keep(const DropoutMask& mask)
        : seed(mask.seed), dropped(static_cast<std::uint32_t>(mask.share * 4294967296.0)),
          factor(static_cast<float>(1.0 / (1.0 - mask.share))) {}
    STEPLOOM_INLINE float operator()(std::uint32_t index) const {
        std::uint32_t x = index ^ seed;
        x ^= x >> 16;
        x *= 0x7FEB352Du;
        x ^= x >> 15;
        x *= 0x846CA68Bu;
        x ^= x >> 16;
        return x >= dropped ? factor : 0.0f;
    }
    std::uint32_t seed, dropped;
    float factor;
};

/// kDropout, kBranch: loops without what a pass does not have.
template <bool kBranch, bool kDropout>
STEPLOOM_INLINE void residualNormRow(const ResidualNorm& pass, const Keep& keep, std::int64_t row,
                                     const float* branchBias, const float* gates) {
    const int width = pass.width;
    const std::int64_t at = row * width, condition = row / pass.rowsPerCondition * width;
    const float* const x = pass.x + at;
    const bf16_t* const branch = kBranch ? pass.branch + at : nullptr;
    const float* const gate = pass.gate ? pass.gate + condition : gates;
    const float* const weight = pass.weight + condition;
    float* const sum = pass.sum + at;
    bf16_t* const out = pass.normed + at;
    float total = 0.0f;
#pragma omp simd reduction(+ : total)
    for (int i = 0; i < width; ++i) {
        float value = x[i];
        if (kBranch) {
            float added = gate[i] * (fromBf16Bits(branch[i]) + branchBias[i]);
            if (kDropout)
                added *= keep(static_cast<std::uint32_t>(at) + static_cast<std::uint32_t>(i));
            value += added;
        }
        sum[i] = value;
        total += value;
    }
    const float mean = pass.centred ? total / static_cast<float>(width) : 0.0f;
    float squares = 0.0f;
#pragma omp simd reduction(+ : squares)
    for (int i = 0; i < width; ++i)
        squares += (sum[i] - mean) * (sum[i] - mean);
    const float scale = 1.0f / std::sqrt(squares / static_cast<float>(width) + pass.epsilon);
    pass.mean[row] = mean;
    pass.scale[row] = scale;
    if (pass.shift) {
        const float* const shift = pass.shift + condition;
#pragma omp simd
        for (int i = 0; i < width; ++i)
            out[i] = roundToBf16((sum[i] - mean) * scale * weight[i] + shift[i]);
    } else {
#pragma omp simd
        for (int i = 0; i < width; ++i)
            out[i] = roundToBf16((sum[i] - mean) * scale * weight[i]);
    }
}

/// `unwanted` [4, d] takes the sums that nobody asked for.
template <bool kBranch, bool kDropout>
STEPLOOM_INLINE void residualNormRowBackward(const ResidualNorm& pass, const ResidualNormGradients& to,
                                             const Keep& keep, std::int64_t row, const float* branchBias,
                                             const float* gates, const float* zeros, float* unwanted) {
    const int width = pass.width;
    const std::int64_t at = row * width, condition = row / pass.rowsPerCondition * width;
    const float* const sum = pass.sum + at;
    const bf16_t* const gradient = to.normed + at;
    const float* const later = to.sum ? to.sum + at : zeros;
    const float* const weight = pass.weight + condition;
    const bf16_t* const branch = kBranch ? pass.branch + at : nullptr;
    const float* const gate = pass.gate ? pass.gate + condition : gates;
    float* const dX = to.x + at;
    bf16_t* const dBranch = kBranch ? to.branch + at : nullptr;
    float* const dWeight = to.weight ? to.weight + condition : unwanted;
    float* const dShift = to.shift ? to.shift + condition : unwanted + width;
    float* const dGate = to.gate ? to.gate + condition : unwanted + 2 * width;
    float* const dBias = to.branchBias ? to.branchBias : unwanted + 3 * width;
    const float mean = pass.mean[row], scale = pass.scale[row];
    float first = 0.0f, second = 0.0f;
#pragma omp simd reduction(+ : first, second)
    for (int i = 0; i < width; ++i) {
        const float g = fromBf16Bits(gradient[i]), even = (sum[i] - mean) * scale, weighed = g * weight[i];
        first += weighed;
        second += weighed * even;
        dWeight[i] += g * even;
        dShift[i] += g;
    }
    first = pass.centred ? first / static_cast<float>(width) : 0.0f;
    second /= static_cast<float>(width);
#pragma omp simd
    for (int i = 0; i < width; ++i) {
        const float even = (sum[i] - mean) * scale;
        const float d = later[i] + scale * (fromBf16Bits(gradient[i]) * weight[i] - first - even * second);
        dX[i] = d;
        if (kBranch) {
            const float kept =
                kDropout ? d * keep(static_cast<std::uint32_t>(at) + static_cast<std::uint32_t>(i)) : d;
            const float passed = kept * gate[i];
            dGate[i] += kept * (fromBf16Bits(branch[i]) + branchBias[i]);
            dBias[i] += passed;
            dBranch[i] = roundToBf16(passed);
        }
    }
}

/// Stand-ins for what is not there.
std::vector<float> filled(std::int64_t count, float value) {
    return std::vector<float>(static_cast<std::size_t>(count), value);
}

} // namespace

STEPLOOM_EACH_WIDTH
void residualNorm(const ResidualNorm& pass) {
    const Keep keep(pass.dropout);
    const std::vector<float> ones = filled(pass.width, 1.0f), zeros = filled(pass.width, 0.0f);
    const float* const bias = pass.branchBias ? pass.branchBias : zeros.data();
    for (std::int64_t row = 0; row < pass.rows; ++row) {
        if (!pass.branch)
            residualNormRow<false, false>(pass, keep, row, bias, ones.data());
        else if (pass.dropout.share > 0)
            residualNormRow<true, true>(pass, keep, row, bias, ones.data());
        else
            residualNormRow<true, false>(pass, keep, row, bias, ones.data());
    }
}

STEPLOOM_EACH_WIDTH
void residualNormBackward(const ResidualNorm& pass, const ResidualNormGradients& gradients) {
    const Keep keep(pass.dropout);
    const std::vector<float> ones = filled(pass.width, 1.0f), zeros = filled(pass.width, 0.0f);
    std::vector<float> unwanted = filled(4 * std::int64_t{pass.width}, 0.0f);
    const float* const bias = pass.branchBias ? pass.branchBias : zeros.data();
    for (std::int64_t row = 0; row < pass.rows; ++row) {
        if (!pass.branch)
            residualNormRowBackward<false, false>(pass, gradients, keep, row, bias, ones.data(), zeros.data(),
                                                  unwanted.data());
        else if (pass.dropout.share > 0)
            residualNormRowBackward<true, true>(pass, gradients, keep, row, bias, ones.data(), zeros.data(),
                                                unwanted.data());
        else
            residualNormRowBackward<true, false>(pass, gradients, keep, row, bias, ones.data(), zeros.data(),
                                                 unwanted.data());
    }
}

// GELU(u) = u · sigmoid(z), z = 2√(2/π)(u + 0.044715u³)
STEPLOOM_EACH_WIDTH
void biasedGelu(const bf16_t* x, const float* bias, std::int64_t rows, int width, bf16_t* out) {
    for (std::int64_t row = 0; row < rows; ++row, x += width, out += width) {
#pragma omp simd
        for (int i = 0; i < width; ++i) {
            const float u = fromBf16Bits(x[i]) + bias[i];
            out[i] = roundToBf16(u * sigmoid(u * (1.5957691216f + 0.0713548163f * u * u)));
        }
    }
}

STEPLOOM_EACH_WIDTH
void biasedGeluBackward(const bf16_t* x, const float* bias, const bf16_t* gradient, std::int64_t rows,
                        int width, bf16_t* dx, float* dBias) {
    for (std::int64_t row = 0; row < rows; ++row, x += width, gradient += width, dx += width) {
#pragma omp simd
        for (int i = 0; i < width; ++i) {
            const float u = fromBf16Bits(x[i]) + bias[i];
            const float s = sigmoid(u * (1.5957691216f + 0.0713548163f * u * u));
            const float slope = s + u * s * (1.0f - s) * (1.5957691216f + 0.2140644489f * u * u);
            const float d = fromBf16Bits(gradient[i]) * slope;
            dBias[i] += d;
            dx[i] = roundToBf16(d);
        }
    }
}

STEPLOOM_EACH_WIDTH
void biasedSilu(const bf16_t* x, const float* bias, std::int64_t rows, std::int64_t rowsPerBias, int width,
                bf16_t* out) {
    for (std::int64_t row = 0; row < rows; ++row, x += width, out += width) {
        const float* const added = bias + row / rowsPerBias * width;
#pragma omp simd
        for (int i = 0; i < width; ++i) {
            const float u = fromBf16Bits(x[i]) + added[i];
            out[i] = roundToBf16(u * sigmoid(u));
        }
    }
}

STEPLOOM_EACH_WIDTH
void biasedSiluBackward(const bf16_t* x, const float* bias, const bf16_t* gradient, std::int64_t rows,
                        std::int64_t rowsPerBias, int width, bf16_t* dx, float* dBias) {
    for (std::int64_t row = 0; row < rows; ++row, x += width, gradient += width, dx += width) {
        const std::int64_t at = row / rowsPerBias * width;
        const float* const added = bias + at;
        float* const sum = dBias + at;
#pragma omp simd
        for (int i = 0; i < width; ++i) {
            const float u = fromBf16Bits(x[i]) + added[i], s = sigmoid(u);
            const float d = fromBf16Bits(gradient[i]) * (s + u * s * (1.0f - s));
            sum[i] += d;
            dx[i] = roundToBf16(d);
        }
    }
}

STEPLOOM_EACH_WIDTH
void gatedSilu(const bf16_t* x, std::int64_t rows, int hidden, bf16_t* out) {
    for (std::int64_t row = 0; row < rows; ++row, x += 2 * hidden, out += hidden) {
        const bf16_t* const up = x + hidden;
#pragma omp simd
        for (int i = 0; i < hidden; ++i) {
            const float gate = fromBf16Bits(x[i]);
            out[i] = roundToBf16(gate * sigmoid(gate) * fromBf16Bits(up[i]));
        }
    }
}

STEPLOOM_EACH_WIDTH
void gatedSiluBackward(const bf16_t* x, const bf16_t* gradient, std::int64_t rows, int hidden, bf16_t* dx) {
    for (std::int64_t row = 0; row < rows; ++row, x += 2 * hidden, gradient += hidden, dx += 2 * hidden) {
        const bf16_t* const ups = x + hidden;
        bf16_t* const dUp = dx + hidden;
#pragma omp simd
        for (int i = 0; i < hidden; ++i) {
            const float gate = fromBf16Bits(x[i]), up = fromBf16Bits(ups[i]), g = fromBf16Bits(gradient[i]);
            const float s = sigmoid(gate);
            dx[i] = roundToBf16(g * up * s * (1.0f + gate * (1.0f - s)));
            dUp[i] = roundToBf16(g * gate * s);
        }
    }
}

namespace {

/// Turns one head of one position by `direction` (1, or −1 for the gradient).
STEPLOOM_INLINE void turn(const bf16_t* x, const float* cosine, const float* sine, float direction, int half,
                          bf16_t* out) {
#pragma omp simd
    for (int i = 0; i < half; ++i) {
        const float first = fromBf16Bits(x[i]), second = fromBf16Bits(x[half + i]);
        const float c = cosine[i], s = direction * sine[i];
        out[i] = roundToBf16(first * c - second * s);
        out[half + i] = roundToBf16(second * c + first * s);
    }
}

/// Σ of the gradients of the heads that share one key or value.
STEPLOOM_INLINE void addShared(const bf16_t* heads, std::int64_t stride, int count, int size, bf16_t* out) {
    if (count == 1) {
        std::memcpy(out, heads, static_cast<std::size_t>(size) * sizeof(bf16_t));
        return;
    }
    for (int i = 0; i < size; ++i) {
        float sum = 0.0f;
        for (int head = 0; head < count; ++head)
            sum += fromBf16Bits(heads[head * stride + i]);
        out[i] = roundToBf16(sum);
    }
}

} // namespace

STEPLOOM_EACH_WIDTH
void splitHeads(const HeadShape& shape, const bf16_t* projected, const float* cosine, const float* sine,
                bf16_t* query, bf16_t* key, bf16_t* value) {
    const int size = shape.headSize, half = size / 2, shared = shape.heads / shape.keyValueHeads;
    const std::size_t bytes = static_cast<std::size_t>(size) * sizeof(bf16_t);
    for (int window = 0; window < shape.windows; ++window) {
        for (int position = 0; position < shape.length; ++position, projected += shape.projectedWidth()) {
            const float* const c = cosine + std::int64_t{position} * half;
            const float* const s = sine + std::int64_t{position} * half;
            for (int head = 0; head < shape.heads; ++head) {
                const std::int64_t to =
                    ((std::int64_t{window} * shape.heads + head) * shape.length + position) * size;
                const bf16_t* const keys = projected + (shape.heads + head / shared) * size;
                turn(projected + head * size, c, s, 1.0f, half, query + to);
                turn(keys, c, s, 1.0f, half, key + to);
                std::memcpy(value + to, keys + shape.keyValueHeads * size, bytes);
            }
        }
    }
}

STEPLOOM_EACH_WIDTH
void splitHeadsBackward(const HeadShape& shape, const bf16_t* query, const bf16_t* key, const bf16_t* value,
                        const float* cosine, const float* sine, bf16_t* projected) {
    const int size = shape.headSize, half = size / 2, shared = shape.heads / shape.keyValueHeads;
    const std::int64_t stride = std::int64_t{shape.length} * size; // from one head to the next
    for (int window = 0; window < shape.windows; ++window) {
        for (int position = 0; position < shape.length; ++position, projected += shape.projectedWidth()) {
            const float* const c = cosine + std::int64_t{position} * half;
            const float* const s = sine + std::int64_t{position} * half;
            const std::int64_t at = (std::int64_t{window} * shape.heads * shape.length + position) * size;
            for (int head = 0; head < shape.heads; ++head)
                turn(query + at + head * stride, c, s, -1.0f, half, projected + head * size);
            for (int head = 0; head < shape.keyValueHeads; ++head) {
                bf16_t* const keys = projected + (shape.heads + head) * size;
                const std::int64_t from = at + head * shared * stride;
                addShared(key + from, stride, shared, size, keys);
                turn(keys, c, s, -1.0f, half, keys);
                addShared(value + from, stride, shared, size, keys + shape.keyValueHeads * size);
            }
        }
    }
}

namespace {

template <typename Copy>
void eachHead(const HeadShape& shape, const Copy& copy) {
    for (int window = 0; window < shape.windows; ++window)
        for (int position = 0; position < shape.length; ++position)
            for (int head = 0; head < shape.heads; ++head)
                copy(((std::int64_t{window} * shape.heads + head) * shape.length + position) * shape.headSize,
                     ((std::int64_t{window} * shape.length + position) * shape.heads + head) *
                         shape.headSize);
}

} // namespace

void mergeHeads(const HeadShape& shape, const bf16_t* heads, bf16_t* merged) {
    const std::size_t bytes = static_cast<std::size_t>(shape.headSize) * sizeof(bf16_t);
    eachHead(shape, [&](std::int64_t apart, std::int64_t joined) {
        std::memcpy(merged + joined, heads + apart, bytes);
    });
}

void mergeHeadsBackward(const HeadShape& shape, const bf16_t* merged, bf16_t* heads) {
    const std::size_t bytes = static_cast<std::size_t>(shape.headSize) * sizeof(bf16_t);
    eachHead(shape, [&](std::int64_t apart, std::int64_t joined) {
        std::memcpy(heads + apart, merged + joined, bytes);
    });
}

STEPLOOM_EACH_WIDTH
void attentionWeights(bf16_t* scores, std::int64_t matrices, int length, float scale, bool causal) {
    std::vector<float> row = filled(length, 0.0f);
    float* const x = row.data();
    const float factor = scale * kLog2E;
    for (std::int64_t i = 0; i < matrices * length; ++i, scores += length) {
        const int valid = causal ? static_cast<int>(i % length) + 1 : length;
        float largest = -INFINITY, sum = 0.0f;
#pragma omp simd reduction(max : largest)
        for (int j = 0; j < valid; ++j) {
            const float value = fromBf16Bits(scores[j]) * factor;
            x[j] = value;
            largest = value > largest ? value : largest;
        }
#pragma omp simd reduction(+ : sum)
        for (int j = 0; j < valid; ++j) {
            const float weight = coarseExp2(x[j] - largest);
            x[j] = weight;
            sum += weight;
        }
        const float share = 1.0f / sum;
#pragma omp simd
        for (int j = 0; j < valid; ++j)
            scores[j] = roundToBf16(x[j] * share);
        for (int j = valid; j < length; ++j)
            scores[j] = 0;
    }
}

STEPLOOM_EACH_WIDTH
void attentionWeightsBackward(const bf16_t* weights, bf16_t* gradient, std::int64_t matrices, int length,
                              float scale) {
    for (std::int64_t i = 0; i < matrices * length; ++i, weights += length, gradient += length) {
        float mean = 0.0f;
#pragma omp simd reduction(+ : mean)
        for (int j = 0; j < length; ++j)
            mean += fromBf16Bits(weights[j]) * fromBf16Bits(gradient[j]);
#pragma omp simd
        for (int j = 0; j < length; ++j)
            gradient[j] = roundToBf16(fromBf16Bits(weights[j]) * (fromBf16Bits(gradient[j]) - mean) * scale);
    }
}

STEPLOOM_EACH_WIDTH
void tokenLosses(const bf16_t* logits, const std::int64_t* targets, std::int64_t rows, int columns,
                 int classes, float* losses, float* logSums) {
    for (std::int64_t row = 0; row < rows; ++row, logits += columns) {
        float largest = -INFINITY, sum = 0.0f;
#pragma omp simd reduction(max : largest)
        for (int j = 0; j < classes; ++j) {
            const float value = fromBf16Bits(logits[j]);
            largest = value > largest ? value : largest;
        }
#pragma omp simd reduction(+ : sum)
        for (int j = 0; j < classes; ++j)
            sum += fastExp(fromBf16Bits(logits[j]) - largest);
        logSums[row] = largest + std::log(sum);
        losses[row] = logSums[row] - fromBf16Bits(logits[targets[row]]);
    }
}

STEPLOOM_EACH_WIDTH
void tokenLossesBackward(const bf16_t* logits, const std::int64_t* targets, const float* logSums,
                         const float* gradient, std::int64_t rows, int columns, int classes,
                         bf16_t* dLogits) {
    for (std::int64_t row = 0; row < rows; ++row, logits += columns, dLogits += columns) {
        const float shift = -kLog2E * logSums[row], g = gradient[row];
#pragma omp simd
        for (int j = 0; j < classes; ++j)
            dLogits[j] = roundToBf16(g * coarseExp2(fromBf16Bits(logits[j]) * kLog2E + shift));
        for (int j = classes; j < columns; ++j)
            dLogits[j] = 0;
        const std::int64_t target = targets[row];
        dLogits[target] = roundToBf16(g * (std::exp(fromBf16Bits(logits[target]) - logSums[row]) - 1.0f));
    }
}

STEPLOOM_EACH_WIDTH
void adamW(const AdamWStep& step, const float* gradient, std::int64_t begin, std::int64_t end,
           std::int64_t decayed, float* weights, float* first, float* second, float* average) {
#pragma omp simd
    for (std::int64_t i = begin; i < end; ++i) {
        const float g = gradient[i];
        first[i] = step.beta1 * first[i] + (1.0f - step.beta1) * g;
        second[i] = step.beta2 * second[i] + (1.0f - step.beta2) * g * g;
        const float kept = i < decayed ? weights[i] * step.decay : weights[i];
        weights[i] = kept - step.rate * first[i] / (std::sqrt(second[i]) * step.root + step.epsilon);
        average[i] += step.follow * (weights[i] - average[i]);
    }
}

namespace {

/// ‖a − b‖^e, and to the gradients `ofA` and `ofB` (where there is one) what `weight` times that adds.
STEPLOOM_INLINE float addDistance(const float* a, const float* b, int width, double exponent, float weight,
                                  float* ofA, float* ofB) {
    float square = 0.0f;
#pragma omp simd reduction(+ : square)
    for (int i = 0; i < width; ++i)
        square += (a[i] - b[i]) * (a[i] - b[i]);
    if (square < 1e-12f) // where they meet there is no gradient
        return 0.0f;
    const float power = exponent == 1.0
                            ? std::sqrt(square)
                            : static_cast<float>(std::pow(static_cast<double>(square), exponent / 2));
    const float slope = weight * static_cast<float>(exponent) * power / square;
#pragma omp simd
    for (int i = 0; i < width; ++i)
        ofA[i] += slope * (a[i] - b[i]);
    if (ofB)
#pragma omp simd
        for (int i = 0; i < width; ++i)
            ofB[i] -= slope * (a[i] - b[i]);
    return power;
}

} // namespace

STEPLOOM_EACH_WIDTH
void energyLosses(const EnergyRows& pass, float* losses, float* gradient) {
    const int width = pass.latent, draws = pass.draws;
    const auto n = static_cast<float>(draws), m = static_cast<float>(pass.samples);
    const float attract = 2.0f / (n * m), repel = -2.0f / (n * (n - 1.0f)); // each pair once
    std::vector<float> sample = filled(width, 0.0f);
    float* const z = sample.data();
    const float* noise = pass.noise;
    for (std::int64_t row = 0; row < pass.rows; ++row) {
        const float* const drawn = pass.drawn + row * draws * width;
        float* const to = gradient + row * draws * width;
        std::memset(to, 0, sizeof(float) * static_cast<std::size_t>(draws) * static_cast<std::size_t>(width));
        float across = 0.0f, among = 0.0f;
        for (int each = 0; each < pass.samples; ++each, noise += width) {
            const float *const mean = pass.mean + row * width, *const sigma = pass.sigma + row * width;
#pragma omp simd
            for (int i = 0; i < width; ++i)
                z[i] = mean[i] + sigma[i] * noise[i];
            for (int k = 0; k < draws; ++k)
                across +=
                    addDistance(drawn + k * width, z, width, pass.exponent, attract, to + k * width, nullptr);
        }
        for (int j = 0; j < draws; ++j)
            for (int k = 0; k < j; ++k)
                among += addDistance(drawn + j * width, drawn + k * width, width, pass.exponent, repel,
                                     to + j * width, to + k * width);
        losses[row] = attract * across + repel * among;
    }
}

namespace {

/// lowbias32, by C. Wellons
STEPLOOM_INLINE std::uint32_t hashed(std::uint32_t x) {
    x ^= x >> 16;
    x *= 0x7FEB352Du;
    x ^= x >> 15;
    x *= 0x846CA68Bu;
    x ^= x >> 16;
    return x;
}

STEPLOOM_INLINE float uniformAt(std::uint32_t low, std::uint32_t high, std::uint32_t index) {
    const std::uint32_t word = hashed(hashed(index + low) ^ high);
    return (static_cast<float>(static_cast<std::int32_t>(word >> 9)) + 0.5f) * 0x1p-23f;
}

/// ln u for a positive normal u: mantissa m in [1, 2) by the series of artanh((m − 1)/(m + 1)).
STEPLOOM_INLINE float logarithm(float u) {
    std::uint32_t bits;
    std::memcpy(&bits, &u, sizeof bits);
    const auto exponent = static_cast<float>(static_cast<std::int32_t>(bits >> 23) - 127);
    bits = (bits & 0x7FFFFFu) | 0x3F800000u;
    float mantissa;
    std::memcpy(&mantissa, &bits, sizeof mantissa);
    const float t = (mantissa - 1.0f) / (mantissa + 1.0f), s = t * t;
    return exponent * 0.69314718f +
           2.0f * t * (1.0f + s * (1.0f / 3 + s * (1.0f / 5 + s * (1.0f / 7 + s * (1.0f / 9)))));
}

/// sin 2πv for |v| ≤ ¼, by its Taylor series.
STEPLOOM_INLINE float quarterSine(float v) {
    const float x = 6.28318531f * v, s = x * x;
    return x * (1.0f + s * (-1.0f / 6 + s * (1.0f / 120 + s * (-1.0f / 5040 + s * (1.0f / 362880)))));
}

} // namespace

STEPLOOM_EACH_WIDTH
void uniformNumbers(std::uint64_t seed, std::int64_t count, float* numbers) {
    const auto low = static_cast<std::uint32_t>(seed), high = static_cast<std::uint32_t>(seed >> 32);
#pragma omp simd
    for (std::int64_t i = 0; i < count; ++i)
        numbers[i] = uniformAt(low, high, static_cast<std::uint32_t>(i));
}

STEPLOOM_EACH_WIDTH
void normalNumbers(std::uint64_t seed, std::int64_t count, float* numbers) {
    const auto low = static_cast<std::uint32_t>(seed), high = static_cast<std::uint32_t>(seed >> 32);
    const std::int64_t half = (count + 1) / 2, both = count / 2;
    const auto pair = [=](std::int64_t i, float& cosine, float& sine) __attribute__((always_inline)) {
        const float u = uniformAt(low, high, static_cast<std::uint32_t>(i)),
                    turn = uniformAt(low, high, static_cast<std::uint32_t>(half + i)) - 0.5f,
                    radius = std::sqrt(-2.0f * logarithm(u)), size = turn < 0.0f ? -turn : turn;
        // Half a turn further both change sign.
        const float folded = size > 0.25f ? 0.5f - size : size;
        cosine = -radius * quarterSine(0.25f - size);
        sine = -radius * quarterSine(turn < 0.0f ? -folded : folded);
    };
#pragma omp simd
    for (std::int64_t i = 0; i < both; ++i) {
        float cosine, sine;
        pair(i, cosine, sine);
        numbers[i] = cosine;
        numbers[half + i] = sine;
    }
    if (both < half) {
        float sine;
        pair(both, numbers[both], sine);
    }
}

} // namespace steploom
