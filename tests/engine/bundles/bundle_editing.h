// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/bundles/import_bundle.h"
#include "engine/checkpoint/safetensors.h"
#include "engine/checkpoint/zip_archive.h"
#include "engine/core/sha256.h"
#include "engine/runs/run_generation.h"
#include "engine/runs/run_store.h"
#include "tests/engine/runs/sample_runs.h"
#include "tests/testing/paths.h"
#include "tests/testing/torch_writer.h"

#include <nlohmann/json.hpp>

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace steploom::testing {

/// A finished run of the fake pool, kept in the store.
inline std::int64_t makeRun(RunStore& store, std::uint64_t seed = 77,
                            const std::optional<BranchPoint>& branch = {}) {
    ModelPool pool = makeFakePool();
    GenerationRequest request = makeRequest();
    request.seed = seed;
    request.branch = branch;
    RunObserver observer;
    return runGeneration(request, {.pool = &pool, .store = &store, .threads = 1}, observer, {}).summary.id;
}

inline std::vector<std::int64_t> allRuns(const RunStore& store) {
    std::vector<std::int64_t> ids;
    for (const RunSummary& run : store.list())
        ids.insert(ids.begin(), run.id);
    return ids;
}

/// The files of a bundle, to be changed and written again with a manifest that fits, or does not.
class EditedBundle {
public:
    explicit EditedBundle(const std::filesystem::path& file) {
        const auto mapped = MappedFile::open(file);
        const ZipArchive archive = ZipArchive::read(mapped->bytes(), file.string());
        for (const auto& [name, entry] : archive.entries()) {
            const std::vector<std::byte> unpacked =
                entry.deflated ? archive.inflate(name, entry)
                               : std::vector<std::byte>(entry.packed.begin(), entry.packed.end());
            files[name].assign(reinterpret_cast<const char*>(unpacked.data()), unpacked.size());
        }
    }

    std::map<std::string, std::string> files;

    /// The one file whose name ends so.
    std::string nameOf(const std::string& ending) const {
        for (const auto& [name, content] : files)
            if (name.ends_with(ending))
                return name;
        return {};
    }
    nlohmann::json json(const std::string& name) const { return nlohmann::json::parse(files.at(name)); }
    void setJson(const std::string& name, const nlohmann::json& json) { files[name] = json.dump(); }
    /// The manifest lists what is there now.
    void relist() {
        nlohmann::json manifest = json("manifest.json");
        manifest["entries"] = nlohmann::json::object();
        for (const auto& [name, content] : files)
            if (name != "manifest.json") {
                Sha256 hash;
                hash.add(content);
                manifest["entries"][name] = {{"bytes", content.size()}, {"sha256", hash.hex()}};
            }
        setJson("manifest.json", manifest);
    }
    std::string bytes() const {
        std::vector<ZipItem> items;
        for (const auto& [name, content] : files)
            items.push_back({.name = name, .content = content});
        return zipArchive(items);
    }
};

} // namespace steploom::testing
