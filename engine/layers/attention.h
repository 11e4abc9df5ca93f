// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/layers/rotary.h"
#include "engine/tensor/buffer.h"
#include "engine/tensor/matmul.h"

#include <map>
#include <memory>
#include <span>
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
///
/// Keys and values are those of all rows of a call; queries may be those of some rows only (the last block
/// needs no others than the rows that are wanted). A row is sample · length + position.
class Attention {
public:
    static constexpr int kQueryTile = MatMul::kLargestTile;

    Attention() = default;
    Attention(const AttentionShape& shape, ComputeContext& context);

    /// Set-up for `samples` sequences of `length`; allocates and builds when the shape is new.
    void reserve(int samples, int length);

    /// Takes keys and values of rows [firstRow, firstRow + rows) from projections `stride` floats a row:
    /// keyValue points at the first row's keys, [keyValueHeads · D], with its values behind them. Rotates the
    /// keys (`rotary` null: learned positions) and files both by head. Any worker, distinct rows.
    void fileKeysValues(const float* keyValue, int stride, int firstRow, int rows, int length,
                        const RotaryTable* rotary);
    /// Takes the keys and values of a sequence's first `count` rows for a key head, f32 [count, D], rotated
    /// already, where they were kept from an earlier call. Any worker, distinct heads.
    void fileKept(int head, const float* keys, const float* values, int count, int length);
    /// What lies behind a sequence's first `count` rows up to `length` becomes 0: rows that nothing sees, but
    /// that are multiplied with weights of 0.
    void clearBehind(int count, int length);
    /// Takes the queries of rows `wanted`[first … first + count), likewise: `query` points at the first of
    /// them, [h · D].
    void fileQueries(const float* query, int stride, std::span<const std::int32_t> wanted, int first,
                     int count, int length, const RotaryTable* rotary);
    /// out [wanted.size(), h · D] in the shape's precision: what each wanted row (ascending) finds among all
    /// rows of its sample, or, causal, among those up to itself. Uses all threads.
    void attend(std::span<const std::int32_t> wanted, int length, void* out);

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
    /// Wanted rows [first, first + count), of one sample.
    struct Tile {
        int first, count;
    };
    int keysFor(std::int32_t lastRow, int length) const noexcept;
    void attendTile(const Tile& tile, int head, std::span<const std::int32_t> wanted, int length,
                    std::byte* out, int worker);
    std::byte* queries(int head, int index);
    std::byte* part(Buffer& buffer, int sample, int head, int position, int length) const;

    AttentionShape m_shape;
    ComputeContext* m_context = nullptr;
    int m_rows = 0;   ///< reserved
    Buffer m_queries; ///< [h, reserved rows, D], those wanted first
    Buffer m_keys;    ///< [samples, keyValueHeads, length, D]
    Buffer m_values;
    std::map<int, Products> m_products; ///< by number of keys
    std::vector<Tile> m_tiles;          ///< of the call at work
    std::vector<Scratch> m_scratch;     ///< by worker
};

} // namespace steploom
