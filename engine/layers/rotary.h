// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

namespace steploom {

/// Cosines and sines of the rotary embedding (RoFormer, arXiv 2104.09864): angle of pair j at position p is
/// p · base^(−2j/D), j < D/2.
class RotaryTable {
public:
    RotaryTable() = default;
    RotaryTable(int headSize, double base) : m_half(headSize / 2), m_base(base) {}

    /// Makes positions [0, length) available; set-up, not part of the step loop.
    void reserve(int length);
    /// [D/2] of this position; the next position's follow.
    const float* cosine(int position) const noexcept { return m_cosine.data() + position * m_half; }
    const float* sine(int position) const noexcept { return m_sine.data() + position * m_half; }

private:
    int m_half = 0;
    double m_base = 10000.0;
    int m_length = 0;
    std::vector<float> m_cosine; ///< [length, D/2]
    std::vector<float> m_sine;
};

} // namespace steploom
