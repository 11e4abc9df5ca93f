// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/layers/linear.h"

#include "engine/tensor/compute_context.h"

#include <algorithm>

namespace steploom {
namespace {

/// Outputs of a panel at most. A vocabulary of 50,258 makes 13 of them: enough for the threads to share even
/// one row.
constexpr int kPanel = 4096;

/// Outputs of each panel but the last. Even shares in whole vectors, rather than full panels and a rest:
/// 4,097 outputs must not end in a panel of one column, which oneDNN 3.7 computes wrongly where its rows lie
/// apart.
int panelWidth(int outputs) {
    constexpr int kVector = 16;
    const int panels = (outputs + kPanel - 1) / kPanel;
    const int share = (outputs + panels - 1) / panels;
    return (share + kVector - 1) / kVector * kVector;
}

std::vector<float> transpose(const std::vector<float>& values, std::size_t rows, std::size_t columns) {
    std::vector<float> result(values.size());
    for (std::size_t row = 0; row < rows; ++row)
        for (std::size_t column = 0; column < columns; ++column)
            result[column * rows + row] = values[row * columns + column];
    return result;
}

} // namespace

Linear::Linear(const Checkpoint& checkpoint, const LinearSpec& spec, ComputeContext& context)
    : m_resultSize(spec.result == Precision::F32 ? sizeof(float) : sizeof(bf16_t)) {
    std::vector<float> weights; // [outputs, inputs]
    for (const std::string& name : spec.weights) {
        const TensorView& tensor = checkpoint.tensor(name);
        const auto first = static_cast<std::size_t>(tensor.shape[0]),
                   second = static_cast<std::size_t>(tensor.shape[1]);
        const std::vector<float> values =
            spec.storedTransposed ? transpose(tensor.toFloats(), first, second) : tensor.toFloats();
        m_inputs = static_cast<int>(spec.storedTransposed ? first : second);
        m_outputs += static_cast<int>(spec.storedTransposed ? second : first);
        weights.insert(weights.end(), values.begin(), values.end());
    }
    for (const std::string& name : spec.biases) {
        const std::vector<float> values = checkpoint.tensor(name).toFloats();
        m_bias.insert(m_bias.end(), values.begin(), values.end());
    }
    const auto inputs = static_cast<std::size_t>(m_inputs);
    for (std::size_t output = 0; output < spec.outputGain.size(); ++output) {
        for (std::size_t i = 0; i < inputs; ++i)
            weights[output * inputs + i] *= spec.outputGain[output];
        if (!m_bias.empty())
            m_bias[output] *= spec.outputGain[output];
    }
    const int width = panelWidth(m_outputs);
    for (int first = 0; first < m_outputs; first += width) {
        const int outputs = std::min(width, m_outputs - first);
        const MatMulSpec product{.inputs = m_inputs,
                                 .outputs = outputs,
                                 .outputStride = m_outputs,
                                 .precision = spec.precision,
                                 .result = spec.result,
                                 .bias = !m_bias.empty(),
                                 .accumulate = spec.accumulate,
                                 .activation = spec.activation};
        Panel panel{context.matMuls().get(product), {}, first};
        panel.weights = panel.product->pack(std::span(weights).subspan(
            static_cast<std::size_t>(first) * inputs, static_cast<std::size_t>(outputs) * inputs));
        m_panels.push_back(std::move(panel));
    }
}

void Linear::forwardPanel(int worker, int panel, const void* src, void* dst, int rows) const {
    const Panel& part = m_panels[static_cast<std::size_t>(panel)];
    const auto offset = static_cast<std::size_t>(part.firstOutput);
    part.product->run(worker, src, part.weights, m_bias.empty() ? nullptr : m_bias.data() + offset,
                      static_cast<std::byte*>(dst) + offset * m_resultSize, rows);
}

void Linear::forward(int worker, const void* src, void* dst, int rows) const {
    for (int panel = 0; panel < panels(); ++panel)
        forwardPanel(worker, panel, src, dst, rows);
}

} // namespace steploom
