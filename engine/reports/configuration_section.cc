// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/reports/report_material.h"
#include "engine/reports/run_text.h"
#include "engine/runs/run_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace steploom {

namespace {

std::string indented(const nlohmann::json& json) {
    return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// The request as lines of a table: what it reads is what reruns it.
std::string valueText(const nlohmann::json& value) {
    return value.is_string() ? value.get<std::string>() : jsonText(value);
}

/// Keys whose values are long, and told elsewhere.
bool isToldElsewhere(const std::string& key) { return key == "pool" || key == "branch"; }

} // namespace

std::vector<ReportBlock> configurationBlocks(const ReportMaterial& material) {
    // What all share is said once; what differs, a column each, makes the comparison.
    std::vector<nlohmann::json> requests;
    for (const Run& run : material.runs)
        requests.push_back(run.summary.request);
    std::map<std::string, bool> differs; // by key
    for (const nlohmann::json& request : requests)
        for (const auto& [key, value] : request.items())
            differs[key] |=
                std::ranges::any_of(requests, [&, k = &key, v = &value](const nlohmann::json& other) {
                    const auto found = other.find(*k);
                    return found == other.end() || *found != *v;
                });
    std::vector<ReportBlock> blocks;
    nlohmann::json shared = nlohmann::json::object();
    ReportTable table{.caption = "What differs between the runs", .columns = {{"run"}}};
    std::vector<std::string> keys;
    for (const auto& [key, different] : differs) {
        if (!different) {
            shared[key] = requests.front().at(key);
        } else if (!isToldElsewhere(key)) {
            table.columns.push_back({key});
            keys.push_back(key);
        }
    }
    for (std::size_t i = 0; i < requests.size() && !keys.empty(); ++i) {
        std::vector<std::string>& row = table.rows.emplace_back();
        row.push_back(runName(material.runs[i].summary));
        for (const std::string& key : keys)
            row.push_back(requests[i].contains(key) ? valueText(requests[i].at(key)) : "–");
    }
    if (!table.rows.empty())
        blocks.emplace_back(std::move(table));
    if (!shared.empty())
        blocks.emplace_back(ReportCode{material.runs.size() == 1 ? "The request" : "What all requests share",
                                       indented(shared)});
    for (const char* key : {"pool", "branch"}) {
        if (const auto found = differs.find(key); found == differs.end() || !found->second)
            continue;
        for (std::size_t i = 0; i < requests.size(); ++i)
            if (requests[i].contains(key))
                blocks.emplace_back(
                    ReportCode{fmt::format("The {} of run {}", key, runName(material.runs[i].summary)),
                               indented(requests[i].at(key))});
    }
    return blocks;
}

} // namespace steploom
