// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/progress.h"
#include "engine/measures/measure.h"

#include <cstdint>
#include <map>
#include <span>
#include <stop_token>

namespace steploom {

class ModelPool;
class ThreadPool;

struct NelboSettings {
    int windows = 256; ///< of the text, at most: they do not overlap
    int length = 128;  ///< L, tokens of a window
    int draws = 8;     ///< times at which each window is masked
    std::uint64_t seed = 1;
};

/// Negative evidence lower bound of every pool member in nats a token (arXiv 2406.07524, eq. 10 under
/// log-linear noise): E_t[(1/t) Σ masked −log p(x₀)] / L, an upper bound of the cross-entropy. A window's
/// `draws` times lie in equal parts of (0, 1), moved by one random number a window (low discrepancy); mean
/// over windows with the t interval. "nelbo", by letter; empty when stopped before the first window was
/// complete. Throws as MaskedWindows.
std::map<char, Measure> measureNelbo(const ModelPool& pool, std::span<const std::int32_t> text,
                                     const NelboSettings& settings, ThreadPool& threads,
                                     const Progress& progress = {}, const std::stop_token& stop = {});

} // namespace steploom
