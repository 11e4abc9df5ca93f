// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/tensor/activation.h"
#include "engine/tensor/dtype.h"

#include <compare>
#include <memory>
#include <span>

namespace steploom {

/// What one kind of matrix product computes: dst [rows, outputs] = f(src [rows, inputs] · W + bias), or,
/// accumulating, dst += src · W + bias. All row-major; src and W in `precision`, bias and the sums in f32. In
/// int8, src is unsigned and W signed, dst holds the exact 32-bit sums, and nothing is added or applied.
struct MatMulSpec {
    enum class Weights {
        Packed,          ///< constant, in the layout that oneDNN asks for: layers
        Plain,           ///< [inputs, outputs], changing from call to call: attention's values
        PlainTransposed, ///< [outputs, inputs]: attention's keys
    };
    int inputs = 0;
    int outputs = 0;
    Weights weights = Weights::Packed;
    Precision precision = Precision::F32;
    Precision result = Precision::F32;
    bool bias = false;
    bool accumulate = false;
    Activation activation = Activation::None;

    friend auto operator<=>(const MatMulSpec&, const MatMulSpec&) = default;
};

/// Weights reordered once into oneDNN's layout for a MatMul.
class PackedWeights {
public:
    struct Content;
    PackedWeights() = default;
    explicit PackedWeights(std::shared_ptr<const Content> content) : m_content(std::move(content)) {}
    const Content* content() const noexcept { return m_content.get(); }

private:
    std::shared_ptr<const Content> m_content;
};

/// A matrix product built for oneDNN once and run many times, each run on the calling worker's thread alone:
/// threads share the rows, oneDNN itself stays single-threaded. Its primitives cover a few row counts
/// ("tiles"); a tile is kept only when, on random data, its rows equal those of the largest tile bit for bit.
/// So a row's result depends neither on how many rows are computed with it nor on the number of threads.
class MatMul {
public:
    /// Most rows of one primitive: enough to amortise streaming the weights, few enough for the second-level
    /// cache.
    static constexpr int kLargestTile = 128;

    virtual ~MatMul() = default;
    virtual const MatMulSpec& spec() const noexcept = 0;
    /// `weights` [outputs, inputs] f32, row-major (as PyTorch's Linear stores them).
    virtual PackedWeights pack(std::span<const float> weights) const = 0;
    /// The same for int8.
    virtual PackedWeights pack(std::span<const std::int8_t> weights) const = 0;
    /// For packed weights. `bias` [outputs] or null when the spec has none.
    virtual void run(int worker, const void* src, const PackedWeights& weights, const float* bias, void* dst,
                     int rows) const = 0;
    /// For plain weights.
    virtual void runPlain(int worker, const void* src, const void* weights, void* dst, int rows) const = 0;
    /// oneDNN's name of the implementation ("brg:avx512_core"): for reports and benchmarks.
    virtual std::string implementation() const = 0;
};

/// Builds each MatMul once and keeps it. Part of a ComputeContext.
class MatMulCache {
public:
    explicit MatMulCache(int workers);
    ~MatMulCache();
    /// Not thread-safe: building is set-up, not part of the step loop. Throws Error(Device) when oneDNN
    /// refuses.
    std::shared_ptr<const MatMul> get(const MatMulSpec& spec);

private:
    struct Content;
    std::unique_ptr<Content> m_content;
};

} // namespace steploom
