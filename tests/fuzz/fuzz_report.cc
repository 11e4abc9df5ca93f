// SPDX-License-Identifier: GPL-3.0-or-later
// Input: a report in HTML or JSON, as somebody sends it.
#include "engine/bundles/run_identity.h"
#include "engine/reports/import_report.h"
#include "tests/fuzz/property.h"

using namespace steploom;
using namespace steploom::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    std::vector<BundledRun> runs;
    if (!answers([&] { runs = runsInReport(text, "fuzzed"); }))
        return 0;
    for (const BundledRun& each : runs) {
        require(runIdentity(each.run) == each.identity, "a run is what it says it is");
        require(each.run.samples.size() <= size, "no more samples than the text has bytes");
        for (const RunSample& sample : each.run.samples)
            require(sample.trace.tokens.size() <= size, "no more tokens than the text has bytes");
    }
    return 0;
}
