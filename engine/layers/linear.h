// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/checkpoint.h"
#include "engine/tensor/activation.h"
#include "engine/tensor/buffer.h"
#include "engine/tensor/matmul.h"

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace steploom {

class ComputeContext;

/// How a Linear is made from a checkpoint. The tensors' shapes were checked by requireTensors.
struct LinearSpec {
    std::vector<std::string> weights; ///< [out, in] each, stacked along the outputs (q, k, v in one product)
    std::vector<std::string> biases;  ///< as many as weights, or none
    bool storedTransposed = false;    ///< [in, out], as GPT-2's Conv1D
    int firstOutput = 0;              ///< only outputs [firstOutput, firstOutput + outputs) of the stack
    int outputs = 0;                  ///< 0: all from firstOutput on
    int firstInput = 0;               ///< likewise of the inputs: a layer may be the sum of several
    int inputs = 0;                   ///< 0: all from firstInput on
    std::vector<float> outputGain;    ///< multiplies each output (folded adaLN gates); empty: none
    Precision precision = Precision::F32;
    Precision result = Precision::F32;
    Activation activation = Activation::None;
    bool accumulate = false; ///< forward adds to dst (f32): the residual stream
};

/// x Wᵀ + b. Wide ones are cut into panels of outputs, so that the threads can share a product of few rows
/// and each result stays in the cache until it is put in its place.
///
/// In int8 (as in LLM.int8(), arXiv 2208.07339, without its outlier columns) each output has its own scale,
/// W ≈ columnScale · w with w in −127…127, fixed at load, and each row of x is quantised when it comes:
/// x ≈ scale · q + offset with q in 0…255. What the offset contributes, offset · columnScale · Σ w, is known
/// but for one factor at load.
class Linear {
public:
    Linear() = default;
    Linear(const Checkpoint& checkpoint, const LinearSpec& spec, ComputeContext& context);

    int inputs() const noexcept { return m_inputs; }
    int outputs() const noexcept { return m_outputs; }
    int panels() const noexcept { return static_cast<int>(m_panels.size()); }
    /// dst [rows, outputs] in the spec's `result` from src [rows, inputs] in activationPrecision(precision),
    /// on the calling worker.
    void forward(int worker, const void* src, void* dst, int rows) const;
    /// The same by all threads, which share tiles of rows and panels: for few rows and many outputs.
    void forwardShared(const void* src, void* dst, int rows) const;
    /// For each row the output with the greatest value, of equal ones the first: by all threads, and without
    /// ever holding all values. For a layer in f32 results without activation.
    void argmaxShared(const void* src, int rows, std::span<std::int32_t> out) const;
    /// One panel's columns of the same dst.
    void forwardPanel(int worker, int panel, const void* src, void* dst, int rows) const;

private:
    struct Panel {
        std::shared_ptr<const MatMul> product;
        PackedWeights weights;
        int firstOutput = 0;
        int outputs = 0;
    };
    /// Rows of src as int8 products take them, in the worker's scratch.
    struct Quantized {
        const std::uint8_t* values;
        const float* scale;
        const float* offset;
    };
    void addPanel(std::vector<float>& weights, int firstOutput, int outputs, const LinearSpec& spec);
    Quantized quantize(int worker, const void* src, int rows) const;
    void panelTile(int worker, const Panel& panel, const void* src, void* dst, int rows) const;
    void int8Panel(int worker, const Panel& panel, const Quantized& src, void* columns, int stride,
                   int rows) const;
    template <typename Body>
    void forEachStretch(const void* src, void* dst, int rows, int most, const Body& body) const;
    const float* biasOf(const Panel& panel) const noexcept;
    void* columnsOf(const Panel& panel, void* dst) const noexcept;

    ComputeContext* m_context = nullptr;
    int m_inputs = 0;
    int m_outputs = 0;
    bool m_int8 = false;
    Precision m_source = Precision::F32; ///< of src
    Precision m_result = Precision::F32;
    Activation m_activation = Activation::None;
    bool m_accumulate = false;
    bool m_direct = true; ///< its one product writes dst; otherwise by way of the worker's scratch
    std::vector<float> m_bias;
    std::vector<float> m_columnScale;  ///< int8: [outputs]
    std::vector<float> m_columnOffset; ///< int8: [outputs], columnScale · Σ w
    std::vector<Panel> m_panels;
};

} // namespace steploom
