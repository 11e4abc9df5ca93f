// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/bundles/export_bundle.h"

#include "engine/bundles/bundled_files.h"
#include "engine/bundles/bundled_run_json.h"
#include "engine/bundles/run_identity.h"
#include "engine/checkpoint/safetensors.h"
#include "engine/checkpoint/zip_archive.h"
#include "engine/checkpoint/zip_writer.h"
#include "engine/core/error.h"
#include "engine/core/sha256.h"
#include "engine/core/version.h"
#include "engine/runs/run_json.h"
#include "engine/runs/trace_blob.h"
#include "engine/runs/utc_now.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace steploom {

namespace {

constexpr const char* kWhat = "cannot write the bundle";
/// Below what the reader takes; what is left is for checkpoints.
constexpr std::size_t kMostEntries = ZipArchive::kMostEntries - 10'000;

class BundleWriter {
public:
    BundleWriter(const RunStore& store, const std::filesystem::path& file)
        : m_store(store), m_archive(file, kWhat) {
        m_manifest.program = kVersion;
        m_manifest.created = utcNow();
    }

    ExportReport& report() noexcept { return m_report; }

    void addRun(std::int64_t id) {
        BundledRun bundled{.run = m_store.load(id)};
        if (bundled.run.summary.state == RunState::Running) {
            m_report.running.push_back(id);
            return;
        }
        bundled.identity = runIdentity(bundled.run);
        m_origins[id] = {bundled.identity, bundled.run.summary.started};
        if (m_manifest.entries.contains(runEntry(bundled.identity)))
            return; // the store has it twice
        if (const auto& branch = bundled.run.summary.request.branch; branch && branch->parent > 0)
            std::tie(bundled.parent, bundled.parentStarted) = originOf(branch->parent);
        requireReadable(bundled, id);
        m_manifest.runs.push_back(bundled.identity);
        add(runEntry(bundled.identity), jsonText(bundledRunJson(bundled)));
        for (const RunSample& sample : bundled.run.samples)
            addTrace(traceEntry(bundled.identity, sample.trace.index), traceToBlob(sample.trace));
        m_report.runs.push_back(id);
        m_report.samples += static_cast<int>(bundled.run.samples.size());
        noteFiles(bundled.run.summary.request);
    }

    void addSchedules() {
        nlohmann::json list = nlohmann::json::array();
        for (const NamedSchedule& each : m_store.listSchedules())
            list.push_back(
                {{"name", each.name}, {"created", each.created}, {"schedule", printSchedule(each.schedule)}});
        m_report.schedules = static_cast<int>(list.size());
        if (!list.empty())
            add(kSchedulesEntry, jsonText(list));
    }

    /// The checkpoints and tokenizers of the runs that were added.
    void addFiles(const BundleProgress& progress) {
        double done = 0;
        for (const auto& [sha256, member] : m_members) {
            addCheckpoint(member);
            if (progress)
                progress(++done / static_cast<double>(m_members.size()));
        }
        for (const std::string& path : m_tokenizers)
            addTokenizer(path);
    }

    void finish() {
        const std::string manifest = jsonText(manifestJson(m_manifest));
        m_archive.add(kManifestEntry, std::as_bytes(std::span(manifest)));
        m_archive.finish();
        m_report.bytes = m_archive.bytes();
    }

private:
    using Origin = std::pair<std::string, std::string>;

    void add(const std::string& name, std::span<const std::byte> bytes) {
        list(name, bytes);
        m_archive.add(name, bytes);
    }
    void add(const std::string& name, const std::string& text) { add(name, std::as_bytes(std::span(text))); }

    /// Mostly the bits of floats: packing them takes longer than all else and saves a tenth.
    void addTrace(const std::string& name, std::span<const std::byte> bytes) {
        list(name, bytes);
        m_archive.addStored(name, bytes);
    }

    void list(const std::string& name, std::span<const std::byte> bytes) {
        Sha256 hash;
        hash.add(bytes);
        m_manifest.entries[name] = {bytes.size(), hash.hex()};
    }

    /// Identity and start of a parent; empty when it is gone.
    Origin originOf(std::int64_t id) {
        if (const auto known = m_origins.find(id); known != m_origins.end())
            return known->second;
        Origin origin;
        try {
            const Run parent = m_store.load(id);
            origin = {runIdentity(parent), parent.summary.started};
        } catch (const Error&) { // a branch needs no parent
        }
        return m_origins[id] = origin;
    }

    /// What is written here every import takes.
    void requireReadable(const BundledRun& bundled, std::int64_t id) const {
        const std::string where = fmt::format("run {}", id);
        try {
            bundledRunFromJson(bundledRunJson(bundled), where);
            for (const RunSample& sample : bundled.run.samples)
                requireFits(sample.trace, bundled.run.summary.request, where);
        } catch (const Error& cause) {
            throw Error(ErrorKind::Store, {kWhat, fmt::format("{}, {}", m_store.file().string(), where),
                                           cause.parts().why, "Export the other runs without this one"});
        }
        if (m_manifest.entries.size() + bundled.run.samples.size() + 2 > kMostEntries)
            throw Error(ErrorKind::Request,
                        {kWhat, where, fmt::format("a bundle holds {} files at most", kMostEntries),
                         "Export the runs in several bundles, naming some of them for each"});
    }

    void noteFiles(const GenerationRequest& request) {
        for (const PoolMemberSpec& member : request.pool)
            if (!member.sha256.empty())
                m_members.emplace(member.sha256, member);
        if (!request.tokenizer.empty())
            m_tokenizers.insert(request.tokenizer);
    }

    using Files = std::vector<std::shared_ptr<const MappedFile>>;

    /// None, and a line in the report, when they are not to be had.
    Files filesOrReport(const std::string& what, const std::function<Files()>& find) {
        try {
            return find();
        } catch (const Error& cause) {
            m_report.checkpointsLeftOut.push_back(fmt::format("{}: {}", what, cause.parts().why));
            return {};
        }
    }

    void addCheckpoint(const PoolMemberSpec& member) {
        const Files files = filesOrReport(fmt::format("{} ({})", member.sha256, member.path), [&] {
            return checkpointFiles(findCheckpoint(member, m_store.file()));
        });
        if (files.empty())
            return;
        addFolder(checkpointFolder(member.sha256), files);
        m_manifest.checkpoints.push_back(member.sha256);
        m_report.checkpoints.push_back(member.sha256);
    }

    void addTokenizer(const std::string& path) {
        const Files files = filesOrReport(path, [&] { return tokenizerFiles(path); });
        if (files.empty())
            return;
        const std::string sha256 = sha256Of(files);
        if (std::ranges::find(m_manifest.tokenizers, sha256, &BundledTokenizer::sha256) ==
            m_manifest.tokenizers.end())
            addFolder(tokenizerFolder(sha256), files);
        m_manifest.tokenizers.push_back({sha256, path});
    }

    void addFolder(const std::string& folder, const Files& files) {
        for (const auto& file : files) {
            const std::string name = folder + file->path().filename().string();
            list(name, file->bytes());
            const bool isText = name.ends_with(".json") || name.ends_with(".txt");
            if (isText)
                m_archive.add(name, file->bytes());
            else
                m_archive.addStored(name, file->bytes());
            file->requireUnchanged();
            file->releasePages();
        }
    }

    const RunStore& m_store;
    ZipWriter m_archive;
    BundleManifest m_manifest;
    ExportReport m_report;
    std::map<std::int64_t, Origin> m_origins;
    std::map<std::string, PoolMemberSpec> m_members; ///< by SHA-256
    std::set<std::string> m_tokenizers;              ///< paths
};

} // namespace

ExportReport exportBundle(const RunStore& store, std::span<const std::int64_t> runs,
                          const ExportOptions& options, const std::filesystem::path& file,
                          const BundleProgress& progress) {
    const std::set<std::int64_t> ordered(runs.begin(), runs.end()); // a parent has the lower id
    // Copying weights takes as long as all else together, or longer.
    const double runShare = options.checkpoints ? 0.5 : 1;
    BundleWriter writer(store, file);
    double done = 0;
    for (const std::int64_t id : ordered) {
        writer.addRun(id);
        if (progress)
            progress(runShare * ++done / static_cast<double>(ordered.size()));
    }
    if (options.schedules)
        writer.addSchedules();
    if (options.checkpoints)
        writer.addFiles([&](double share) {
            if (progress)
                progress(runShare + (1 - runShare) * share);
        });
    if (writer.report().runs.empty() && writer.report().schedules == 0)
        throw Error(ErrorKind::Request,
                    {kWhat, file.string(),
                     writer.report().running.empty() ? "there is nothing to put into it"
                                                     : "all of these runs are still running",
                     "Choose runs that have ended: steploom-cli runs list"});
    writer.finish();
    return std::move(writer.report());
}

} // namespace steploom
