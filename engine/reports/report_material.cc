// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/reports/report_material.h"

#include "engine/measures/generative_perplexity.h"

#include <algorithm>
#include <cmath>

namespace steploom {

std::vector<std::vector<std::size_t>> groupsBySettings(std::span<const Run> runs) {
    std::vector<std::vector<std::size_t>> groups;
    std::vector<GenerationRequest> requests; // of the groups, without seed
    for (std::size_t i = 0; i < runs.size(); ++i) {
        GenerationRequest request = runs[i].summary.request;
        request.seed = 0;
        request.batch = kAutomaticBatch; // this and the next change no token
        request.topTokens = 0;
        const auto found = std::ranges::find(requests, request);
        const auto place = static_cast<std::size_t>(found - requests.begin());
        if (found == requests.end()) {
            requests.push_back(std::move(request));
            groups.push_back({i});
        } else {
            std::vector<std::size_t>& group = groups[place];
            const auto again = std::ranges::find_if(group, [&](std::size_t member) {
                return runs[member].summary.request.seed == runs[i].summary.request.seed;
            });
            if (again == group.end())
                group.push_back(i);
            else if (runs[i].summary.finishedSamples > runs[*again].summary.finishedSamples)
                *again = i;
        }
    }
    return groups;
}

std::vector<std::string> measureNames(std::span<const Run> runs) {
    std::vector<std::string> names;
    for (const Run& run : runs)
        for (const Measure& measure : run.summary.measures)
            if (measure.name != "entropy" && std::ranges::find(names, measure.name) == names.end())
                names.push_back(measure.name);
    std::ranges::stable_partition(names,
                                  [](const std::string& name) { return name == "generative_perplexity"; });
    return names;
}

Estimate estimateOf(const Run& run, std::string_view name) {
    if (const Measure* measure = run.summary.measure(name))
        return measure->estimate;
    std::vector<double> values;
    if (name == "entropy")
        for (const RunSample& sample : run.samples)
            values.push_back(unigramEntropyOf(sample.trace.tokens));
    return meanWithInterval(values);
}

Estimate overSeeds(const ReportMaterial& material, std::span<const std::size_t> group,
                   std::string_view name) {
    std::vector<double> values;
    for (const std::size_t i : group)
        if (const Estimate estimate = estimateOf(material.runs[i], name); std::isfinite(estimate.value))
            values.push_back(estimate.value);
    return meanWithInterval(values);
}

std::string evaluatorOf(const RunSummary& run) {
    const Measure* judged = run.measure("generative_perplexity");
    if (!judged || !judged->settings.is_object())
        return {};
    const auto sha256 = judged->settings.find("evaluator_sha256");
    return sha256 != judged->settings.end() && sha256->is_string() ? sha256->get<std::string>()
                                                                   : std::string();
}

} // namespace steploom
