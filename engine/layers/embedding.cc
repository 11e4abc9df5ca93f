// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/layers/embedding.h"

#include <algorithm>

namespace steploom {

Embedding::Embedding(const Checkpoint& checkpoint, const std::string& name)
    : m_width(static_cast<int>(checkpoint.tensor(name).shape[1])),
      m_table(checkpoint.tensor(name).toFloats()) {}

void Embedding::copy(int id, float* out) const {
    std::copy_n(m_table.data() + static_cast<std::size_t>(id) * static_cast<std::size_t>(m_width), m_width,
                out);
}

void Embedding::add(int id, float* out) const {
    const float* row = m_table.data() + static_cast<std::size_t>(id) * static_cast<std::size_t>(m_width);
    for (int i = 0; i < m_width; ++i)
        out[i] += row[i];
}

} // namespace steploom
