// SPDX-License-Identifier: GPL-3.0-or-later
// Input: a bundle's manifest when it begins with "m", otherwise a run of a bundle as its run.json is.
#include "engine/bundles/bundle_manifest.h"
#include "engine/bundles/bundled_run_json.h"
#include "engine/core/json_text.h"
#include "engine/runs/run_json.h"
#include "tests/fuzz/property.h"

using namespace steploom;
using namespace steploom::fuzz;

namespace {

void tryManifest(std::string_view text) {
    BundleManifest manifest;
    if (!answers([&] { manifest = parseManifest(text, "fuzzed"); }))
        return;
    for (const auto& [name, entry] : manifest.entries)
        require(name.find("..") == std::string::npos || name.find("/../") == std::string::npos,
                "no name leads out of the bundle");
    const std::string written = jsonText(manifestJson(manifest));
    require(jsonText(manifestJson(parseManifest(written, "rewritten"))) == written,
            "what is written reads as the same manifest");
}

void tryRun(std::string_view text) {
    BundledRun bundled;
    const bool read = answers([&] {
        const nlohmann::json json = parseJson(text, ErrorKind::File, {"cannot read", "fuzzed", {}, "None"});
        bundled = bundledRunFromJson(json, "fuzzed");
    });
    if (!read)
        return;
    require(bundled.run.samples.size() <= text.size(), "no more samples than the text has bytes");
    const std::string written = jsonText(bundledRunJson(bundled));
    const BundledRun back = bundledRunFromJson(nlohmann::json::parse(written), "rewritten");
    require(jsonText(bundledRunJson(back)) == written, "what is written reads as the same run");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (text.starts_with('m'))
        tryManifest(text.substr(1));
    else
        tryRun(text);
    return 0;
}
