// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/measures/scoring_windows.h"

#include <algorithm>

namespace steploom {

std::vector<ScoringWindow> scoringWindows(int text, int tokens, const WindowPlan& plan) {
    std::vector<ScoringWindow> windows;
    int scored = std::max(plan.first, 1);
    for (int begin = 0; scored < tokens; begin += plan.stride) {
        const int end = std::min(begin + plan.context, tokens);
        if (end <= scored)
            continue; // a window that lies within the tokens which are given
        windows.push_back({text, begin, end, scored});
        scored = end;
    }
    return windows;
}

std::vector<WindowBatch> batchWindows(std::span<const ScoringWindow> windows, int tokensPerCall,
                                      std::span<const int> sharedBeginning) {
    // Windows that are almost the same cost almost nothing but their keys and values.
    constexpr int kMostHeld = 16;
    std::vector<WindowBatch> batches;
    int held = 0; // positions of the last batch that are no padding
    for (int i = 0; i < static_cast<int>(windows.size()); ++i) {
        const int length = windows[i].length();
        if (!batches.empty()) {
            WindowBatch& last = batches.back();
            const int longest = std::max(last.length, length), samples = last.samples() + 1;
            const int padded = longest * samples;
            const int shared = sharedBeginning.empty()
                                   ? 0
                                   : std::min(last.shared, sharedBeginning[static_cast<std::size_t>(i)]);
            const int computed = padded - (samples - 1) * shared;
            if (computed <= tokensPerCall && padded <= kMostHeld * tokensPerCall &&
                padded - held - length <= computed / 4) {
                last.end = i + 1;
                last.length = longest;
                last.shared = shared;
                held += length;
                continue;
            }
        }
        batches.push_back({i, i + 1, length, length});
        held = length;
    }
    return batches;
}

} // namespace steploom
