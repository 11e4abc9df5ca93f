// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/layers/norm.h"

#include "engine/tensor/kernels.h"

namespace steploom {

Norm::Norm(const Checkpoint& checkpoint, Kind kind, float epsilon, const std::string& weight,
           const std::string& bias)
    : m_kind(kind), m_epsilon(epsilon), m_weight(checkpoint.tensor(weight).toFloats()) {
    if (!bias.empty())
        m_bias = checkpoint.tensor(bias).toFloats();
}

void Norm::fold(std::span<const float> scale, std::span<const float> shift) {
    m_bias.resize(m_weight.size(), 0.0f);
    for (std::size_t i = 0; i < m_weight.size(); ++i) {
        m_weight[i] *= 1.0f + scale[i];
        m_bias[i] = m_bias[i] * (1.0f + scale[i]) + shift[i];
    }
}

void Norm::modulated(const float* scale, const float* shift, float* weight, float* bias) const {
    for (std::size_t i = 0; i < m_weight.size(); ++i) {
        weight[i] = m_weight[i] * (1.0f + scale[i]);
        bias[i] = (m_bias.empty() ? 0.0f : m_bias[i] * (1.0f + scale[i])) + shift[i];
    }
}

void Norm::forward(const float* x, int rows, void* out, Precision precision) const {
    forward(x, rows, m_weight.data(), m_bias.empty() ? nullptr : m_bias.data(), out, precision);
}

void Norm::forward(const float* x, int rows, const float* weight, const float* bias, void* out,
                   Precision precision) const {
    if (m_kind == Kind::Layer)
        kernels().layerNorm(x, rows, width(), weight, bias, m_epsilon, out, precision);
    else
        kernels().rmsNorm(x, rows, width(), weight, m_epsilon, out, precision);
}

} // namespace steploom
