// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/layers/embedding.h"

#include <algorithm>

namespace steploom {

Embedding::Embedding(const Checkpoint& checkpoint, const std::string& name, Precision effective) {
    const TensorView& tensor = checkpoint.tensor(name);
    m_width = static_cast<int>(tensor.shape[1]);
    if (tensor.dtype != DType::BF16 && effective == Precision::F32) {
        m_table = tensor.toFloats();
        return;
    }
    m_halfTable.resize(tensor.elements());
    std::vector<float> row(static_cast<std::size_t>(m_width));
    for (std::size_t first = 0; first < m_halfTable.size(); first += row.size()) {
        tensor.copyFloats(first, row);
        std::transform(row.begin(), row.end(), m_halfTable.begin() + static_cast<std::ptrdiff_t>(first),
                       toBf16);
    }
}

void Embedding::copy(int id, float* out) const {
    std::fill_n(out, m_width, 0.0f);
    add(id, out);
}

void Embedding::add(int id, float* out) const {
    const std::size_t first = static_cast<std::size_t>(id) * static_cast<std::size_t>(m_width);
    if (m_halfTable.empty()) {
        for (int i = 0; i < m_width; ++i)
            out[i] += m_table[first + static_cast<std::size_t>(i)];
    } else {
        for (int i = 0; i < m_width; ++i)
            out[i] += fromBf16(m_halfTable[first + static_cast<std::size_t>(i)]);
    }
}

} // namespace steploom
