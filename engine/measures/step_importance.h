// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/measures/statistics.h"

#include <cstdint>
#include <functional>
#include <span>
#include <stop_token>
#include <vector>

namespace steploom {

class ModelPool;
class ThreadPool;

struct ImportanceSettings {
    int times = 20;    ///< G: the run in this many equal parts, each measured at its middle
    int windows = 256; ///< of the text, at most: they do not overlap
    int length = 128;  ///< L, tokens of a window
    std::uint64_t seed = 1;

    friend bool operator==(const ImportanceSettings&, const ImportanceSettings&) = default;
};

/// What the members of a pool make of the same partly masked text over the course of a run (arXiv
/// 2604.02340): how much it matters which of them takes a step.
struct ImportanceProfile {
    /// A member at each time: means over the masked positions of all windows, with the interval over windows.
    struct Member {
        char letter = 'H';
        std::vector<Estimate> crossEntropy; ///< [G] nats a masked position: −log p(x₀)
        std::vector<Estimate> divergence;   ///< [G] nats a masked position: KL(first member ‖ this one)

        friend bool operator==(const Member&, const Member&) = default;
    };
    std::vector<double> times; ///< [G] t, which is the expected masked share: from the run's start to its end
    std::vector<Member> members; ///< in pool order; the first diverges from itself by nothing
    int windows = 0;             ///< measured at every time

    /// KL of a member over equal parts of the run, as optimumSchedule() and predictedCost() take it; at least
    /// 0. Throws Error(Schedule) when no member has this letter.
    std::vector<double> importanceOf(char letter) const;

    friend bool operator==(const ImportanceProfile&, const ImportanceProfile&) = default;
};

/// Told after each call of all members, with what is known by then: fewer windows, wider intervals. Profile
/// empty while no window is complete. Must not throw.
using ImportanceProgress = std::function<void(double share, const ImportanceProfile& soFar)>;

/// Masks each window at every time t of the grid, with probability t a position, and runs all members on it.
/// A position of a window draws one random number for all times: what is masked at t is masked at all later
/// ones, so that times are compared on the same text. The mask token and ids without a piece have no
/// probability (SUBS). When stopped, what the complete windows say.
///
/// Throws Error(Text) when the text is shorter than a window, Error(Request) for settings out of range or
/// windows longer than a member's positions.
ImportanceProfile measureImportance(const ModelPool& pool, std::span<const std::int32_t> text,
                                    const ImportanceSettings& settings, ThreadPool& threads,
                                    const ImportanceProgress& progress = {}, std::stop_token stop = {});

} // namespace steploom
