// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/reports/json_report.h"

#include "engine/bundles/bundled_run_json.h"
#include "engine/bundles/run_identity.h"
#include "engine/core/error.h"
#include "engine/reports/base64.h"
#include "engine/runs/run_store.h"
#include "engine/runs/trace_blob.h"

#include <set>

namespace steploom {

namespace {

/// Whether an import takes it, which it does not for what was never checked on its way into a store.
bool isReadable(const nlohmann::json& json, const Run& run) {
    try {
        bundledRunFromJson(json, {});
        for (const RunSample& sample : run.samples)
            requireFits(sample.trace, run.summary.request, {});
        return true;
    } catch (const Error&) {
        return false;
    }
}

BundledRun bundled(const RunStore& store, const Run& run) {
    BundledRun result{.identity = runIdentity(run), .run = run};
    if (const auto& branch = run.summary.request.branch; branch && branch->parent > 0) {
        try {
            const Run parent = store.load(branch->parent);
            result.parent = runIdentity(parent);
            result.parentStarted = parent.summary.started;
        } catch (const Error&) { // a branch needs no parent
        }
    }
    return result;
}

} // namespace

std::string jsonReport(const ReportDocument& document, const RunStore& store, std::span<const Run> runs,
                       int indent) {
    nlohmann::json list = nlohmann::json::array();
    std::set<std::string> written;
    for (const Run& run : runs) {
        if (run.summary.state == RunState::Running)
            continue;
        const BundledRun each = bundled(store, run);
        nlohmann::json json = bundledRunJson(each);
        if (!written.insert(each.identity).second || !isReadable(json, run))
            continue;
        json["id"] = run.summary.id;
        nlohmann::json& traces = json["traces"] = nlohmann::json::array();
        for (const RunSample& sample : run.samples)
            traces.push_back(base64Of(traceToBlob(sample.trace)));
        list.push_back(std::move(json));
    }
    const nlohmann::json json = {{"steploom_report", kReportFormat}, {"program", document.program},
                                 {"title", document.title},          {"author", document.author},
                                 {"remarks", document.remarks},      {"date", document.date},
                                 {"runs", std::move(list)}};
    // In ASCII, so that no character turns the text's direction or ends a line where it is embedded.
    return json.dump(indent, ' ', true, nlohmann::json::error_handler_t::replace);
}

} // namespace steploom
