// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/layers/rotary.h"
#include "engine/tensor/buffer.h"
#include "engine/tensor/matmul.h"

#include <map>
#include <memory>
#include <vector>

namespace steploom {

class ComputeContext;

struct AttentionShape {
    int heads = 1;         ///< h
    int keyValueHeads = 1; ///< query head j uses key head ⌊j · keyValueHeads / heads⌋
    int headSize = 64;     ///< D
    bool causal = false;
    Precision precision = Precision::F32;

    int width() const noexcept { return heads * headSize; }
    /// Columns of the fused projection: q, k, v.
    int fusedWidth() const noexcept { return (heads + 2 * keyValueHeads) * headSize; }
};

/// Multi-head attention between two projections. Works through one head of one sample and kQueryTile queries
/// at a time: only those scores exist, never those of all heads at once. Shared by all blocks of a model.
class Attention {
public:
    static constexpr int kQueryTile = MatMul::kLargestTile;

    Attention() = default;
    Attention(const AttentionShape& shape, ComputeContext& context);

    /// Set-up for `samples` sequences of `length`; allocates and builds when the shape is new.
    void reserve(int samples, int length);

    /// Takes rows [firstRow, firstRow + rows) of the fused projection, qkv [rows, fusedWidth] f32, row =
    /// sample · length + position; rotates q and k (`rotary` null: learned positions) and files them by head.
    /// Any worker, distinct rows.
    void fileRows(const float* qkv, int firstRow, int rows, int length, const RotaryTable* rotary);
    /// out [samples · length, h · D] in the shape's precision, from all filed rows. Uses all threads.
    void attend(int samples, int length, void* out);

private:
    struct Products {
        std::shared_ptr<const MatMul> scores; ///< [queries, D] · [keys, D]ᵀ
        std::shared_ptr<const MatMul> values; ///< [queries, keys] · [keys, D]
    };
    struct Scratch {
        Buffer scores;  ///< [kQueryTile, keys] f32
        Buffer weights; ///< the same in bf16 (f32: in place)
        Buffer values;  ///< [kQueryTile, D] f32
        std::vector<float> sums;
        std::vector<int> valid;
    };
    /// Keys that a tile of queries ending at `lastQuery` (exclusive) may see, out of `length`.
    int keysFor(int lastQuery, int length) const noexcept;
    void attendTile(int sample, int head, int firstQuery, int length, std::byte* out, int worker);
    std::byte* part(Buffer& buffer, int heads, int sample, int head, int position, int length) const;

    AttentionShape m_shape;
    ComputeContext* m_context = nullptr;
    std::size_t m_elementSize = sizeof(float);
    Buffer m_queries; ///< [samples, h, length, D]
    Buffer m_keys;    ///< [samples, keyValueHeads, length, D]
    Buffer m_values;
    std::map<int, Products> m_products; ///< by number of keys
    std::vector<Scratch> m_scratch;     ///< by worker
};

} // namespace steploom
