// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/random.h"
#include "engine/measures/row_divergence.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace steploom {

class ModelPool;
class ThreadPool;

/// Which windows of a text are masked, and how.
struct MaskingPlan {
    int windows = 256; ///< at most: they do not overlap
    int length = 128;  ///< L, tokens of a window
    int maskings = 20; ///< of each window
    /// t of a window's masking, in (0, 1]: a position is masked with that probability.
    std::function<double(int window, int masking)> time;
    /// One random number a position for all maskings: what is masked at t is masked at all later ones too.
    bool nested = false;
    std::uint64_t seed = 1;
};

/// Runs all members of a pool on windows of a text, each masked several times, call by call: window by
/// window, so that whenever it is broken off the complete windows are a measurement of their own. The mask
/// token and ids without a piece have no probability (SUBS); where they stand in the text nothing is asked.
class MaskedWindows {
public:
    /// Sums over the masked positions of one masking of a window.
    struct Sums {
        double time = 0;
        int masked = 0;
        std::vector<double> crossEntropy; ///< by member, nats: −log p(x₀)
        std::vector<double> divergence;   ///< by member, nats: KL(first member ‖ this one)
    };

    /// Pool, text and threads are borrowed. `what` begins the errors. Throws Error(Text) when the text is
    /// shorter than a window, Error(Request) for a plan out of range or windows longer than a member's
    /// positions.
    MaskedWindows(const ModelPool& pool, std::span<const std::int32_t> text, MaskingPlan plan,
                  ThreadPool& threads, const std::string& what);

    /// One call of every member; false when all is done.
    bool advance();
    double share() const noexcept; ///< of the work, 0…1
    int complete() const noexcept; ///< windows with all their maskings
    const Sums& sums(int window, int masking) const;

private:
    void gather();
    void compare(std::size_t member);

    const ModelPool& m_pool;
    const std::span<const std::int32_t> m_text;
    const MaskingPlan m_plan;
    ThreadPool& m_threads;
    const CounterRandom m_random;
    const std::size_t m_length;
    const std::size_t m_maskings;
    const std::size_t m_vocabulary;
    const std::vector<std::size_t> m_starts; ///< of the windows
    std::vector<Sums> m_sums;                ///< [windows, maskings]
    std::size_t m_done = 0;                  ///< of m_sums

    // One call: some of m_sums, from m_done on.
    std::size_t m_samples = 0;
    std::vector<std::int32_t> m_tokens; ///< [samples, L]
    std::vector<float> m_sigma;         ///< [samples]
    std::vector<std::int32_t> m_rows;   ///< masked positions, as sample · L + position
    std::vector<float> m_first;         ///< [rows, V] logits of the first member
    std::vector<float> m_other;         ///< [rows, V] of another one
    std::vector<RowWeights> m_firstWeights;
    std::vector<double> m_crossEntropy; ///< [rows]
    std::vector<double> m_divergence;   ///< [rows]
};

} // namespace steploom
