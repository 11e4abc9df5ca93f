// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/sampling/generator.h"

#include <map>
#include <optional>
#include <span>

namespace steploom {

/// How long a generation will still take: what its plan has left for each pool member, at that member's
/// seconds per FLOP. Those are measured as soon as the member has been called in this generation, and come
/// from the calibration before. A plain value; the clock is the caller's.
///
/// * A member's first network call also builds primitives and touches the weights: it counts only until the
///   second is timed, and never for more than the calibration said.
/// * A member that was not called yet takes its calibrated time, longer or shorter in the proportion that the
///   called ones show; without a calibration it has their rate.
/// * What passes between the calls (drawing, storing) goes on in the same measure for each sample-call.
class RemainingTime {
public:
    RemainingTime() = default;
    /// `costs`: of the pool's members at the request's length, seconds 0 where not calibrated.
    RemainingTime(const PlannedWork& work, std::span<const CallCost> costs, int length);

    /// A sample's part in a call of this member; `elapsed`: seconds since the generation began.
    void count(char letter, const StepEvent& event, double elapsed);

    /// From the last counted call on; nothing when no member in use was called or calibrated.
    std::optional<double> seconds() const;

private:
    struct Member {
        double plannedCalls = 0;
        double plannedFlops = 0;
        double calibrated = 0; ///< seconds per FLOP; 0: not known
        ExecutedWork done;
        double firstSeconds = 0, firstFlops = 0; ///< of its first network call

        double measured() const noexcept; ///< seconds per FLOP; 0: not called yet
    };
    std::map<char, Member> m_members;
    double m_elapsed = 0; ///< at the last call
    // Of the first network call, at its end.
    int m_networkCalls = 0; ///< of all members
    double m_firstElapsed = 0, m_firstSeconds = 0, m_firstCalls = 0;
};

} // namespace steploom
