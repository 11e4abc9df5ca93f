// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/analyses/frontier.h"
#include "engine/runs/run_generation.h"

#include <span>
#include <stop_token>

namespace steploom {

class FrontierObserver {
public:
    virtual ~FrontierObserver() = default;
    /// Before a run is made (or found): which of how many.
    virtual void beginning(int /*index*/, int /*count*/, const StepSchedule&, double /*temperature*/,
                           bool /*known*/) {}
    /// Of the whole.
    virtual void advanced(double /*share*/) {}
    /// The points so far.
    virtual void measured(const Frontier&) {}
};

/// Runs the request under every schedule at every temperature, keeps each run in means.store, and takes
/// generative perplexity (under means.evaluator) and unigram entropy of its samples. Runs that the store has
/// are found again and broken-off ones continued (KnownRuns). Throws Error(Request) for no schedule, no
/// temperature, one that is not above 0, or missing means, and as runGeneration().
Frontier measureFrontier(const GenerationRequest& request, std::span<const StepSchedule> schedules,
                         std::span<const double> temperatures, const GenerationMeans& means,
                         FrontierObserver& observer, const std::stop_token& stop);

} // namespace steploom
