// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/thread_pool.h"
#include "engine/tensor/matmul.h"

#include <algorithm>

namespace steploom {

/// Calls body(firstRow, rows, worker) for tiles that cover [0, rows), shared among the threads. A tile stays
/// with one worker through several layers, so its activations stay in that core's cache. Which tiles there
/// are does not matter to the results: every layer treats its rows independently (see MatMul).
template <typename Body>
void forEachTile(ThreadPool& threads, int rows, const Body& body) {
    const int share = (rows + threads.workers() - 1) / threads.workers();
    const int tile = std::min(MatMul::kLargestTile, (share + 15) / 16 * 16);
    threads.forEach((rows + tile - 1) / tile, [&](int index, int worker) {
        const int first = index * tile;
        body(first, std::min(tile, rows - first), worker);
    });
}

} // namespace steploom
