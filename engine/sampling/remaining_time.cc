// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sampling/remaining_time.h"

#include <algorithm>

namespace steploom {

RemainingTime::RemainingTime(const PlannedWork& work, std::span<const CallCost> costs, int length) {
    for (const CallCost& cost : costs) {
        Member& member = m_members[cost.letter];
        if (const auto calls = work.calls.find(cost.letter); calls != work.calls.end())
            member.plannedCalls = static_cast<double>(calls->second);
        if (const auto flops = work.flopsByLetter.find(cost.letter); flops != work.flopsByLetter.end())
            member.plannedFlops = flops->second;
        // Calibrated with one row through the output layer.
        if (const double flops = cost.executed(1, 1, length); flops > 0)
            member.calibrated = cost.seconds.call / flops;
    }
}

void RemainingTime::count(char letter, const StepEvent& event, double elapsed) {
    Member& member = m_members[letter];
    member.done.count(event);
    if (member.done.networkCalls <= 1) {
        member.firstSeconds += event.seconds;
        member.firstFlops += event.flops;
    }
    m_elapsed = elapsed;
    m_networkCalls += event.opensCall;
    if (m_networkCalls <= 1) { // what was set up before and with it does not come again
        m_firstElapsed = elapsed;
        m_firstSeconds += event.seconds;
        m_firstCalls += 1;
    }
}

double RemainingTime::Member::measured() const noexcept {
    if (done.networkCalls > 1 && done.flops > firstFlops)
        return (done.seconds - firstSeconds) / (done.flops - firstFlops);
    if (firstFlops <= 0)
        return 0;
    const double first = firstSeconds / firstFlops;
    if (calibrated <= 0)
        return first;
    // The lesser of two noisy times would be too little: where the first call was the quicker one, the mean.
    return (std::min(first, calibrated) + calibrated) / 2;
}

std::optional<double> RemainingTime::seconds() const {
    // How the calls that were timed compare with the calibration, and what a FLOP takes on the whole.
    double timed = 0, timedFlops = 0;
    double timedCalibrated = 0, asCalibrated = 0; ///< of the members that were calibrated
    double inCalls = 0, calls = 0, callsLeft = 0;
    for (const auto& [letter, member] : m_members) {
        inCalls += member.done.seconds;
        calls += static_cast<double>(member.done.sampleCalls);
        callsLeft += std::max(0.0, member.plannedCalls - static_cast<double>(member.done.sampleCalls));
        if (const double rate = member.measured(); rate > 0) {
            timed += rate * member.done.flops;
            timedFlops += member.done.flops;
            if (member.calibrated > 0) {
                timedCalibrated += rate * member.done.flops;
                asCalibrated += member.calibrated * member.done.flops;
            }
        }
    }
    double left = 0;
    for (const auto& [letter, member] : m_members) {
        const double flopsLeft = std::max(0.0, member.plannedFlops - member.done.flops);
        if (flopsLeft == 0)
            continue;
        double rate = member.measured();
        if (rate == 0 && member.calibrated > 0)
            rate = asCalibrated > 0 ? member.calibrated * timedCalibrated / asCalibrated : member.calibrated;
        if (rate == 0 && timedFlops > 0)
            rate = timed / timedFlops;
        if (rate == 0)
            return std::nullopt;
        left += rate * flopsLeft;
    }
    if (calls > m_firstCalls)
        left += std::max(0.0, m_elapsed - m_firstElapsed - (inCalls - m_firstSeconds)) /
                (calls - m_firstCalls) * callsLeft;
    return left;
}

} // namespace steploom
