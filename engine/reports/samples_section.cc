// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/reports/report_material.h"
#include "engine/reports/run_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace steploom {

std::vector<ReportBlock> sampleBlocks(const ReportMaterial& material) {
    ReportTexts texts{.caption = "The first samples of each run"};
    std::set<int> indices;
    for (const Run& run : material.runs) {
        texts.headings.push_back(fmt::format("{}, seed {}", runName(run.summary), run.summary.request.seed));
        for (const RunSample& sample : run.samples)
            indices.insert(sample.trace.index);
    }
    for (const int index : indices) {
        if (static_cast<int>(texts.rows.size()) >= material.samples)
            break;
        ReportTexts::Row& row = texts.rows.emplace_back();
        row.heading = fmt::format("sample {}", index);
        for (const Run& run : material.runs) {
            const auto found = std::ranges::find(run.samples, index,
                                                 [](const RunSample& sample) { return sample.trace.index; });
            row.texts.push_back(found == run.samples.end() ? std::string() : found->text);
        }
    }
    if (indices.empty())
        return {ReportParagraph{"No sample of these runs was finished.", true}};
    if (texts.rows.empty())
        return {};
    return {ReportParagraph{"A row holds one sample of each run; with one seed, its random numbers are the "
                            "same in every column. Nothing stands where a run did not finish it.",
                            true},
            texts};
}

} // namespace steploom
