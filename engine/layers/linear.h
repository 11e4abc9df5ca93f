// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/checkpoint.h"
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
    std::vector<float> outputGain;    ///< multiplies each output (folded adaLN gates); empty: none
    Precision precision = Precision::F32;
    Precision result = Precision::F32;
    Activation activation = Activation::None;
    bool accumulate = false; ///< forward adds to dst: the residual stream
};

/// x Wᵀ + b. Wide ones are cut into panels of outputs, so that the threads can share a product of few rows.
class Linear {
public:
    Linear() = default;
    Linear(const Checkpoint& checkpoint, const LinearSpec& spec, ComputeContext& context);

    int inputs() const noexcept { return m_inputs; }
    int outputs() const noexcept { return m_outputs; }
    int panels() const noexcept { return static_cast<int>(m_panels.size()); }
    /// dst [rows, outputs] from src [rows, inputs], on the calling worker.
    void forward(int worker, const void* src, void* dst, int rows) const;
    /// One panel's columns of the same dst.
    void forwardPanel(int worker, int panel, const void* src, void* dst, int rows) const;

private:
    struct Panel {
        std::shared_ptr<const MatMul> product;
        PackedWeights weights;
        int firstOutput = 0;
    };
    int m_inputs = 0;
    int m_outputs = 0;
    std::size_t m_resultSize = sizeof(float);
    std::vector<float> m_bias;
    std::vector<Panel> m_panels;
};

} // namespace steploom
