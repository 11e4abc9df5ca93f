// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/layers/rotary.h"

#include <cmath>

namespace steploom {

void RotaryTable::reserve(int length) {
    for (int position = m_length; position < length; ++position) {
        for (int j = 0; j < m_half; ++j) {
            const double angle = position * std::pow(m_base, -static_cast<double>(j) / m_half);
            m_cosine.push_back(static_cast<float>(std::cos(angle)));
            m_sine.push_back(static_cast<float>(std::sin(angle)));
        }
        m_length = position + 1;
    }
}

} // namespace steploom
