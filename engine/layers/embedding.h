// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/checkpoint.h"

#include <span>
#include <string>
#include <vector>

namespace steploom {

/// A table of vectors, one for each id: [V, d]; in bf16 when it is stored so, or when the model computes in
/// less than f32.
class Embedding {
public:
    Embedding() = default;
    Embedding(const Checkpoint& checkpoint, const std::string& name, Precision effective = Precision::F32);

    int width() const noexcept { return m_width; }
    /// out [d] = row `id`.
    void copy(int id, float* out) const;
    /// out [d] += row `id`.
    void add(int id, float* out) const;

private:
    int m_width = 0;
    std::vector<float> m_table;
    std::vector<bf16_t> m_halfTable; ///< instead of m_table
};

} // namespace steploom
