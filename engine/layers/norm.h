// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/checkpoint.h"

#include <span>
#include <string>
#include <vector>

namespace steploom {

/// LayerNorm or RMSNorm over the last dimension, d wide.
class Norm {
public:
    enum class Kind { Layer, Rms };

    Norm() = default;
    /// `bias` empty: the norm has none.
    Norm(const Checkpoint& checkpoint, Kind kind, float epsilon, const std::string& weight,
         const std::string& bias = {});

    int width() const noexcept { return static_cast<int>(m_weight.size()); }
    /// Folds norm(x) ⊙ (1 + scale) + shift into weight and bias: adaLN whose condition never changes.
    void fold(std::span<const float> scale, std::span<const float> shift);
    /// Weight and bias of the same modulation for one sample: weight ⊙ (1 + scale) [d], shift [d].
    void modulated(const float* scale, const float* shift, float* weight, float* bias) const;

    /// out [rows, d] in `precision`, from x [rows, d].
    void forward(const float* x, int rows, void* out, Precision precision) const;
    /// The same with weight and bias from modulated().
    void forward(const float* x, int rows, const float* weight, const float* bias, void* out,
                 Precision precision) const;

private:
    Kind m_kind = Kind::Layer;
    float m_epsilon = 1e-5f;
    std::vector<float> m_weight;
    std::vector<float> m_bias;
};

} // namespace steploom
