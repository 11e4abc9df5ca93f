// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/bundles/run_identity.h"

#include "engine/core/sha256.h"
#include "engine/runs/run_json.h"
#include "engine/runs/trace_blob.h"

#include <fmt/format.h>

#include <algorithm>

namespace steploom {

namespace {

nlohmann::json withoutPlaces(const GenerationRequest& request) {
    nlohmann::json json = request;
    json.erase("tokenizer");
    for (nlohmann::json& member : json["pool"])
        if (!member.value("sha256", std::string()).empty()) // else the path is all that names it
            member.erase("path");
    if (json.contains("branch"))
        json["branch"].erase("run");
    return json;
}

} // namespace

std::string runIdentity(const Run& run) {
    Sha256 hash;
    // An object's keys are sorted and every text ends where the next begins: no two runs give the same bytes.
    hash.add(jsonText({{"identity", 1},
                       {"request", withoutPlaces(run.summary.request)},
                       {"started", run.summary.started},
                       {"version", run.provenance.version}}));
    for (const RunSample& sample : run.samples) {
        const std::vector<std::byte> trace = traceToBlob(sample.trace);
        hash.add(fmt::format("\nsample {}, {} bytes\n", sample.trace.index, trace.size()));
        hash.add(trace);
    }
    return hash.hex();
}

bool isSha256(const std::string& text) noexcept {
    return text.size() == 64 &&
           std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

} // namespace steploom
