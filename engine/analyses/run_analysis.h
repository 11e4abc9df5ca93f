// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/analyses/analysis_order.h"
#include "engine/runs/run_generation.h"
#include "engine/runs/stored_analysis.h"

#include <stop_token>
#include <string>

namespace steploom {

class ComputeContext;

/// Listens to an analysis. Must not throw.
class AnalysisObserver {
public:
    virtual ~AnalysisObserver() = default;
    /// How much is done, 0…1, and what is being done: "schedule 3 of 46: (L26,H230)".
    virtual void advanced(double /*share*/, const std::string& /*what*/) {}
    /// The store has a newer result under this kind and these settings: of all that is measured so far.
    virtual void kept(const StoredAnalysis&) {}
};

/// The one path from an order to a stored analysis, for window and command line. A result that the store has
/// whole is returned as it is; what an earlier, broken-off analysis left there is gone on from. After every
/// part the result so far is kept, with "stopped": true until all is there. A stop ends it within one network
/// call.
///
/// `means` must have a store; pool for all but correlations, evaluator for search and frontier. Throws
/// Error(Request) where one is missing or the order is out of range, and what the analyses throw.
StoredAnalysis runAnalysis(const GenerationRequest& request, const AnalysisOrder& order,
                           const GenerationMeans& means, ComputeContext& context, AnalysisObserver& observer,
                           const std::stop_token& stop);

/// Runs an item of the queue that this process has claimed and that is an analysis. When all is done the item
/// leaves the queue, and true is returned; after a stop it waits again; after an Error, which is thrown, it
/// is marked as failed.
bool runQueuedAnalysis(const QueuedGeneration& item, const GenerationMeans& means, ComputeContext& context,
                       AnalysisObserver& observer, const std::stop_token& stop);

} // namespace steploom
