// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/bridge/session.h"
#include "engine/runs/run.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace steploom {

/// What a sample of the request costs in expectation, by letter too. FLOPs are 0 where `loaded` does not
/// serve the request; nothing where it cannot be run.
std::optional<ScheduleCost> expectedCost(const GenerationRequest& request, const PoolFacts& loaded);

/// How long a call of a model takes, from what was measured: the newest stored run that called it at that
/// length, else a calibration. So what waits can be foretold.
class CallTimes {
public:
    /// Replaces what was learnt from runs. Newest first; only the newest few hundred are looked at.
    void learnRuns(const std::vector<RunSummary>& runs);
    /// A calibration, in pool order.
    void learnPool(const PoolFacts& pool, int length, const std::vector<CallSeconds>& seconds);

    /// Seconds of one sample of the request, by what its schedule costs in expectation; nothing when that is
    /// not known of every model it calls. `loaded`: the loaded pool; where it serves the request, rows
    /// through the output layer and fixed text are reckoned with too.
    std::optional<double> secondsPerSample(const GenerationRequest& request, const PoolFacts& loaded) const;
    /// Seconds of one call on one sample of `length` that wants `rows` rows of the output layer; `cost` is
    /// the member's at this length. Nothing when it is not known.
    std::optional<double> secondsPerCall(const PoolMemberSpec& member, const CallCost& cost, double rows,
                                         int length) const;

private:
    struct Rate {
        double perCall = 0; ///< seconds of one sample's call
        double perFlop = 0; ///< seconds; 0: not known
        double perDraw = 0; ///< CALM: seconds of each further vector drawn for a chunk
    };
    /// `draws`: of a chunk, by CALM; else 1.
    static std::string key(const PoolMemberSpec& member, int length, double draws);
    std::optional<Rate> find(const PoolMemberSpec& member, int length, double draws) const;

    std::map<std::string, Rate> m_measured;
    std::map<std::string, Rate> m_calibrated;
};

} // namespace steploom
