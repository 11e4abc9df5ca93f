// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/bridge/call_times.h"
#include "app/bridge/session.h"
#include "engine/analyses/analysis_order.h"

#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

namespace steploom {

/// What an analysis comes to before it is begun: its model calls, without what an evaluator takes.
struct AnalysisWork {
    std::uint64_t schedules = 0;   ///< that are tried; 0: it tries none
    double flops = 0;              ///< executed, in expectation; 0: not known
    std::optional<double> seconds; ///< nothing: not known
    bool atMost = false;           ///< it may end sooner
};

/// `request`: pool, length, steps (of its schedule), sampler, samples. `loaded`: the loaded pool.
AnalysisWork workOf(const GenerationRequest& request, const AnalysisOrder& order, const PoolFacts& loaded,
                    const CallTimes& times);

/// How long something will still take that says, now and then, what share of it is done. What went by at once
/// (the store had it) does not count for long: the rate is that of the last minute.
class ShareRate {
public:
    /// `seconds`: on any clock that does not go back. Shares that fall begin anew.
    void report(double share, double seconds);
    double share() const noexcept { return m_reports.empty() ? 0 : m_reports.back().first; }
    /// From the last report on; nothing while it advances too little to tell.
    std::optional<double> secondsLeft() const;

private:
    std::deque<std::pair<double, double>> m_reports; ///< share, seconds; about one a second
};

} // namespace steploom
