// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/thread_pool.h"
#include "engine/tensor/matmul.h"

#include <algorithm>

namespace steploom {

/// Most rows that stay with one worker through the layers of a block. Several tiles of a product: the weights
/// of a layer come from the third-level cache once for all of them, which is what limits bf16 and int8.
inline constexpr int kMostTileRows = 512;

/// Bytes of weights that are multiplied with several tiles of rows, one after the other: they stay in the
/// second-level cache meanwhile, together with a tile's rows and results.
inline constexpr std::size_t kPanelBytes = 640 << 10;

/// Rows that no second worker would get a share of (see forEachTile): the threads share the outputs of their
/// products instead, or all but one would wait while it reads the weights.
inline constexpr int kFewRows = 16;

/// Calls body(firstRow, rows, worker) for tiles that cover [0, rows), shared evenly among the threads. A tile
/// stays with one worker through several layers, so its activations stay in that core's cache. Which tiles
/// there are does not matter to the results: every layer treats its rows independently (see MatMul).
template <typename Body>
void forEachTile(ThreadPool& threads, int rows, const Body& body) {
    const int workers = threads.workers();
    const int rounds = (rows + workers * kMostTileRows - 1) / (workers * kMostTileRows);
    const int share = rounds > 0 ? (rows + workers * rounds - 1) / (workers * rounds) : 0;
    const int tile = std::clamp((share + 15) / 16 * 16, kFewRows, kMostTileRows);
    threads.forEach((rows + tile - 1) / tile, [&](int index, int worker) {
        const int first = index * tile;
        body(first, std::min(tile, rows - first), worker);
    });
}

} // namespace steploom
