// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/reports/import_report.h"

#include "engine/bundles/run_identity.h"
#include "engine/bundles/run_merger.h"
#include "engine/checkpoint/shown_name.h"
#include "engine/core/error.h"
#include "engine/core/json_text.h"
#include "engine/core/read_file.h"
#include "engine/core/version.h"
#include "engine/reports/base64.h"
#include "engine/reports/html_report.h"
#include "engine/reports/json_report.h"
#include "engine/runs/trace_blob.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <set>
#include <unordered_map>

namespace steploom {

namespace {

constexpr const char* kWhat = "cannot import the report";
constexpr const char* kAgain = "Get the report again from who made it";

[[noreturn]] void refuse(const std::string& where, std::string why, std::string remedy = kAgain) {
    throw Error(ErrorKind::File, {kWhat, where, std::move(why), std::move(remedy)});
}

/// The JSON in a page, or all of what is JSON itself.
std::string_view jsonIn(std::string_view content, const std::string& where) {
    const std::size_t first = content.find_first_not_of(" \t\r\n");
    if (first != std::string_view::npos && content[first] == '{')
        return content.substr(first);
    const std::size_t begin = content.find(kRunsInHtmlBegin);
    if (begin == std::string_view::npos)
        refuse(where, "it holds no runs that Steploom has written into it",
               "Choose a bundle (.steploom), or a report in HTML or JSON");
    const std::string_view rest = content.substr(begin + kRunsInHtmlBegin.size());
    const std::size_t end = rest.find(kRunsInHtmlEnd);
    if (end == std::string_view::npos)
        refuse(where, "it ends in the middle of its runs");
    return rest.substr(0, end);
}

void requireFormat(const nlohmann::json& json, const std::string& where) {
    const auto format = json.find("steploom_report");
    if (!json.is_object() || format == json.end() || !format->is_number_integer())
        refuse(where, "it is JSON, but no report",
               "Choose a report in HTML or JSON, or a bundle (.steploom)");
    if (*format != kReportFormat)
        refuse(where,
               fmt::format("it has format {}; this Steploom {} reads format {}", format->dump(), kVersion,
                           kReportFormat),
               "Import it with a newer Steploom");
}

BundledRun runOf(const nlohmann::json& json, const std::string& where) {
    BundledRun bundled = bundledRunFromJson(json, where);
    const nlohmann::json& traces = json.at("traces");
    std::vector<RunSample>& samples = bundled.run.samples;
    if (!traces.is_array() || traces.size() != samples.size())
        refuse(where, "its samples and its traces are not equally many");
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const std::string trace = fmt::format("{}, sample {}", where, samples[i].trace.index);
        const auto bytes = bytesOfBase64(traces[i].get_ref<const std::string&>());
        if (!bytes)
            refuse(trace, "its trace is no base64");
        try {
            traceFromBlob(*bytes, trace, samples[i].trace);
        } catch (const Error& cause) { // whose remedy is a store's
            refuse(trace, cause.parts().why);
        }
        requireFits(samples[i].trace, bundled.run.summary.request, trace);
    }
    if (const std::string found = runIdentity(bundled.run); found != bundled.identity)
        refuse(where, fmt::format("its content is that of run {}: it was changed after it was made", found));
    return bundled;
}

/// The report lists them as its reader wanted them; a branch is added after its parent. What a hostile file
/// calls a parent may go round in a circle, which is cut somewhere.
std::vector<std::size_t> parentsFirst(const std::vector<BundledRun>& runs) {
    std::unordered_map<std::string, std::size_t> places;
    for (std::size_t i = 0; i < runs.size(); ++i)
        places.emplace(runs[i].identity, i);
    std::vector<std::size_t> order;
    std::vector<bool> ordered(runs.size());
    for (std::size_t first = 0; first < runs.size(); ++first) {
        const auto begin = static_cast<std::ptrdiff_t>(order.size());
        for (std::size_t i = first; !ordered[i];) {
            ordered[i] = true;
            order.push_back(i);
            if (const auto parent = places.find(runs[i].parent); parent != places.end())
                i = parent->second;
        }
        std::ranges::reverse(order.begin() + begin, order.end());
    }
    return order;
}

} // namespace

std::vector<BundledRun> runsInReport(std::string_view content, const std::string& where) {
    const nlohmann::json json =
        parseJson(jsonIn(content, where), ErrorKind::File, {kWhat, where, {}, kAgain});
    requireFormat(json, where);
    std::vector<BundledRun> runs;
    std::set<std::string> identities;
    try {
        const nlohmann::json& list = json.at("runs");
        if (!list.is_array())
            refuse(where, "its runs are no list");
        for (std::size_t i = 0; i < list.size(); ++i) {
            runs.push_back(runOf(list[i], fmt::format("{}, run {} of {}", where, i + 1, list.size())));
            if (!identities.insert(runs.back().identity).second)
                refuse(where, fmt::format("it holds run {} twice", runs.back().identity));
        }
    } catch (const nlohmann::json::exception& cause) {
        refuse(where, cause.what());
    }
    return runs;
}

ImportReport importReport(RunStore& store, const std::filesystem::path& file,
                          const BundleProgress& progress) {
    const std::string content = readFile(file, ErrorKind::File, kWhat);
    std::vector<BundledRun> runs = runsInReport(content, file.string());
    RunMerger merger(store);
    double done = 0;
    const auto count = static_cast<double>(runs.size());
    for (const std::size_t i : parentsFirst(runs)) {
        merger.add(std::move(runs[i]));
        if (progress)
            progress(++done / count);
    }
    ImportReport report;
    report.runs = merger.take();
    return report;
}

ImportReport importRuns(RunStore& store, const std::filesystem::path& file, const ImportOptions& options,
                        const BundleProgress& progress) {
    std::array<char, 2> begin{};
    std::ifstream(file, std::ios::binary).read(begin.data(), begin.size());
    const bool archive = begin == std::array{'P', 'K'}; // of every ZIP file
    return archive ? importBundle(store, file, options, progress) : importReport(store, file, progress);
}

} // namespace steploom
