// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <vector>

namespace steploom {

/// A stretch of one tokenised text that the evaluator sees at once, and which of its tokens count.
struct ScoringWindow {
    int text = 0;
    int begin = 0;      ///< first token the network sees
    int end = 0;        ///< one past the last
    int scoredFrom = 0; ///< tokens [scoredFrom, end) are scored; begin < scoredFrom
    int length() const noexcept { return end - begin; }

    friend bool operator==(const ScoringWindow&, const ScoringWindow&) = default;
};

struct WindowPlan {
    int context = 0; ///< positions the network can see, at least 2
    int stride = 0;  ///< 1…context − 1
    int first = 1;   ///< first token to be scored, at least 1: nothing precedes token 0
};

/// Windows of text `text`, which has `tokens` tokens: [0, context), then on by `stride` until the end is
/// reached. Each token from `first` on is scored once, in the first window that reaches it, so behind the
/// first window it is given at least context − stride tokens. None when nothing is to be scored.
std::vector<ScoringWindow> scoringWindows(int text, int tokens, const WindowPlan& plan);

/// Consecutive windows that share a network call: [begin, end) of the list, padded at the right to `length`.
/// Padding is exact under a causal model: no position sees what follows it.
struct WindowBatch {
    int begin = 0;
    int end = 0;
    int length = 0;
    int shared = 0; ///< tokens that all its windows begin with; its own length for a single one
    int samples() const noexcept { return end - begin; }
};

/// Groups windows in their order, with at most `tokensPerCall` computed positions a call (but always one
/// window) of which at most a quarter is padding. `sharedBeginning`: how many tokens each window begins with
/// that the one before it begins with as well; what a whole call shares is computed once (empty: nothing).
std::vector<WindowBatch> batchWindows(std::span<const ScoringWindow> windows, int tokensPerCall,
                                      std::span<const int> sharedBeginning = {});

} // namespace steploom
