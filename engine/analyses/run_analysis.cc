// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/analyses/run_analysis.h"

#include "engine/analyses/kinds.h"
#include "engine/core/error.h"
#include "engine/core/read_file.h"
#include "engine/runs/known_importance.h"
#include "engine/runs/run_store.h"
#include "engine/tensor/compute_context.h"

#include <fmt/format.h>

namespace steploom {

StoredAnalysis runAnalysis(const GenerationRequest&, const AnalysisOrder& order, const GenerationMeans& means,
                           ComputeContext& context, AnalysisObserver& observer, const std::stop_token& stop) {
    const auto* importance = std::get_if<ImportanceOrder>(&order);
    if (importance == nullptr || means.pool == nullptr)
        throw Error(ErrorKind::Request, {"cannot analyse", kindOf(order), "this is not made yet", "Wait"});
    const std::string text = readFile(importance->text, ErrorKind::File, "cannot read the text");
    const nlohmann::json key = importanceKey(*means.pool, text, importance->settings);
    const KnownImportance found = findOrMeasureImportance(
        means.store, key, *means.pool, text, importance->settings, context.threads(),
        [&](double share, const ImportanceProfile& soFar) {
            observer.advanced(share, fmt::format("{} windows", soFar.windows));
        },
        stop);
    StoredAnalysis result{kImportanceKind, key, found.profile, {}, 0};
    if (found.stopped)
        result.result["stopped"] = true;
    else
        observer.kept(result);
    return result;
}

bool runQueuedAnalysis(const QueuedGeneration& item, const GenerationMeans& means, ComputeContext& context,
                       AnalysisObserver& observer, const std::stop_token& stop) {
    try {
        const StoredAnalysis result =
            runAnalysis(item.request, orderOf(item.analysis), means, context, observer, stop);
        if (result.result.value("stopped", false)) {
            means.store->releaseQueued(item.id);
            return false;
        }
        means.store->finishQueued(item.id);
        return true;
    } catch (const Error& error) {
        means.store->failQueued(item.id, error.parts());
        throw;
    } catch (const std::exception& error) {
        means.store->failQueued(item.id, {"cannot analyse", "the engine", error.what(), "Try it again"});
        throw;
    }
}

} // namespace steploom
