// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace steploom {

/// Which pool member does each denoising step (arXiv 2604.02340): one letter per step, step 0 first
/// (everything masked, t = 1). A plain value; letters are 'A'…'Z'.
class StepSchedule {
public:
    /// A run of equal letters.
    struct Segment {
        char letter;
        int begin; ///< first step
        int steps; ///< at least 1
        int end() const noexcept { return begin + steps; }
        friend bool operator==(const Segment&, const Segment&) = default;
    };

    static constexpr int kMaximumSteps = 10'000;

    StepSchedule() = default;
    /// One letter a step. Throws Error(Schedule) unless there are 1…kMaximumSteps letters from A to Z.
    explicit StepSchedule(std::string letters);
    /// `steps` times `letter`.
    static StepSchedule all(char letter, int steps);

    int steps() const noexcept { return static_cast<int>(m_letters.size()); }
    bool empty() const noexcept { return m_letters.empty(); }
    char at(int step) const { return m_letters.at(static_cast<std::size_t>(step)); }
    const std::string& letters() const noexcept { return m_letters; }
    std::vector<Segment> segments() const;
    int count(char letter) const noexcept;
    /// Share of steps done by `letter`, 0…1.
    double share(char letter) const noexcept;

    /// A copy with steps [begin, end) done by `letter`; the range is clipped to the schedule.
    StepSchedule filled(int begin, int end, char letter) const;
    /// A copy read from the last step to the first.
    StepSchedule mirrored() const;
    /// A copy over `steps` steps whose segments keep their shares (largest-remainder rounding, so that the
    /// segments sum to `steps`). Segments that would round to nothing are dropped.
    StepSchedule rescaled(int steps) const;

    friend bool operator==(const StepSchedule&, const StepSchedule&) = default;

private:
    std::string m_letters;
};

/// What places along a schedule are counted in. Researchers disagree, so all three are offered: steps, shares
/// of the steps, or the noise level (share of positions expected to be masked still; see noise.h).
enum class StepUnit { Step, Fraction, Masked };

/// Run-length notation as the paper prints it: "(L125,H750,L125)".
std::string printSchedule(const StepSchedule& schedule);
/// The same in another unit: "(L12.5%,H75%,L12.5%)", "(L>87.5%,H>12.5%,L>0%)", with as many decimals as it
/// takes for parseSchedule() to read the same schedule over as many steps.
std::string printSchedule(const StepSchedule& schedule, StepUnit unit);

/// Reads the notation, in one of its three forms:
/// * step counts, "(L125,H750,L125)";
/// * shares of `steps`, "(L12.5%,H75%,L12.5%)" or "(L0.125,H0.75,L0.125)" (largest-remainder rounding);
/// * shares still masked, "(L>87.5%,H>12.5%,L>0%)": L while more than 87.5% of the positions are expected to
///   be masked, then H while more than 12.5% are, then L to the end. Shares fall from segment to segment,
///   the last is 0; each edge lies at the step boundary whose expected share is nearest.
/// Accepts spaces, lower case and missing brackets. With `steps` > 0 step counts must sum to it; shares to 1
/// ± 1e-6. With 0 step counts decide. A single letter "H" or the words of a preset are not notation: see
/// presets.h. Throws Error(Schedule) that names the character, or both numbers when the sum is off.
StepSchedule parseSchedule(std::string_view text, int steps = 0);

/// Throws Error(Schedule) naming the first letter (and its step) that is none of `poolLetters`.
void requireLetters(const StepSchedule& schedule, std::string_view poolLetters);

} // namespace steploom
