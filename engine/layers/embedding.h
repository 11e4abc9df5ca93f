// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/checkpoint.h"

#include <span>
#include <string>
#include <vector>

namespace steploom {

/// A table of vectors, one for each id: [V, d].
class Embedding {
public:
    Embedding() = default;
    Embedding(const Checkpoint& checkpoint, const std::string& name);

    int width() const noexcept { return m_width; }
    /// out [d] = row `id`.
    void copy(int id, float* out) const;
    /// out [d] += row `id`.
    void add(int id, float* out) const;

private:
    int m_width = 0;
    std::vector<float> m_table;
};

} // namespace steploom
