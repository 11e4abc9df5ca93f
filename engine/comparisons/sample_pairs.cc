// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/comparisons/sample_pairs.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>

namespace steploom {

namespace {

/// Whether two runs go on from the same canvas with the same random numbers, or both from none.
bool beginAlike(const GenerationRequest& first, const GenerationRequest& second) {
    if (!first.branch || !second.branch)
        return first.branch.has_value() == second.branch.has_value();
    return first.branch->step == second.branch->step && first.branch->noise == second.branch->noise &&
           first.branch->tokens == second.branch->tokens;
}

} // namespace

std::string whyUnpaired(const RunSummary& first, const RunSummary& second) {
    const GenerationRequest &a = first.request, &b = second.request;
    std::vector<std::string> different;
    if (first.kind != second.kind) // one seed, but its numbers are for other things
        different.push_back(fmt::format("kind of model ({} and {})", generationKindName(first.kind),
                                        generationKindName(second.kind)));
    if (a.seed != b.seed)
        different.push_back(fmt::format("seed ({} and {})", a.seed, b.seed));
    if (a.length != b.length)
        different.push_back(fmt::format("length ({} and {})", a.length, b.length));
    if (a.prompt != b.prompt)
        different.push_back("prompt");
    if (a.templateText != b.templateText)
        different.push_back("template");
    if (!beginAlike(a, b))
        different.push_back("the canvas that they were branched from");
    return different.empty() ? std::string() : fmt::format("they differ in {}", fmt::join(different, ", "));
}

std::vector<std::pair<std::size_t, std::size_t>> samplePairs(const Run& first, const Run& second) {
    std::map<int, std::size_t> places;
    for (std::size_t i = 0; i < second.samples.size(); ++i)
        places[second.samples[i].trace.index] = i;
    std::map<int, std::pair<std::size_t, std::size_t>> pairs;
    for (std::size_t i = 0; i < first.samples.size(); ++i) {
        const int index = first.samples[i].trace.index;
        if (const auto found = places.find(index); found != places.end())
            pairs[index] = {i, found->second};
    }
    std::vector<std::pair<std::size_t, std::size_t>> result;
    result.reserve(pairs.size());
    for (const auto& [index, pair] : pairs)
        result.push_back(pair);
    return result;
}

} // namespace steploom
