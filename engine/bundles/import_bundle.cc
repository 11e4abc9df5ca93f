// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/bundles/import_bundle.h"

#include "engine/bundles/bundle_reader.h"
#include "engine/bundles/bundled_files.h"
#include "engine/bundles/run_merger.h"
#include "engine/bundles/schedule_names.h"
#include "engine/checkpoint/checkpoint.h"
#include "engine/core/error.h"
#include "engine/core/thread_pool.h"
#include "engine/core/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <map>
#include <optional>
#include <span>
#include <utility>

namespace steploom {

namespace {

/// Runs that were read to be checked are kept up to here: the others are read a second time to be added.
constexpr std::size_t kKeptBytes = 192u << 20;

constexpr std::size_t kCheckedTogether = 256;

/// In memory, about.
std::size_t bytesOf(const Run& run) {
    constexpr std::size_t kRun = 4096, kPosition = 20;
    std::size_t bytes = kRun;
    for (const RunSample& sample : run.samples)
        bytes += kPosition * sample.trace.tokens.size() + sizeof(LikelyToken) * sample.trace.likely.size() +
                 sizeof(RemaskedToken) * sample.trace.remasked.size() + sample.text.size();
    return bytes;
}

class Importer {
public:
    Importer(RunStore& store, const std::filesystem::path& file, const BundleProgress& progress)
        : m_store(store), m_bundle(BundleReader::open(file)), m_merger(store), m_progress(progress) {}

    void checkAll(bool checkpoints) {
        const BundleManifest& manifest = m_bundle.manifest();
        checkRuns(manifest.runs);
        m_bundle.schedules();
        if (!checkpoints)
            return;
        for (const auto& [name, entry] : manifest.entries)
            if (name.starts_with("checkpoints/") || name.starts_with("tokenizers/"))
                m_bundle.withContent(name, [](auto) {}); // its hash
    }

    /// Reading and hashing a run needs nothing of the others: the processors share it, some hundred at a
    /// time.
    void checkRuns(std::span<const std::string> identities) {
        ThreadPool threads;
        std::size_t bytes = 0;
        for (std::size_t first = 0; first < identities.size(); first += kCheckedTogether) {
            const auto batch =
                identities.subspan(first, std::min(kCheckedTogether, identities.size() - first));
            std::vector<std::optional<BundledRun>> runs(batch.size());
            std::vector<std::exception_ptr> faults(batch.size());
            threads.forEach(static_cast<int>(batch.size()), [&](int index, int) {
                const auto i = static_cast<std::size_t>(index);
                try {
                    runs[i] = m_bundle.run(batch[i]);
                } catch (...) {
                    faults[i] = std::current_exception();
                }
            });
            for (std::size_t i = 0; i < batch.size(); ++i) {
                if (faults[i]) // the first one, as if they had been read in turn
                    std::rethrow_exception(faults[i]);
                bytes += bytesOf(runs[i]->run);
                if (bytes <= kKeptBytes)
                    m_checked.emplace(batch[i], std::move(*runs[i]));
                advance();
            }
        }
    }

    void unpackFiles() {
        for (const std::string& sha256 : m_bundle.manifest().checkpoints) {
            const std::filesystem::path place = checkpointPlace(m_store.file(), sha256);
            const bool unpacked = unpack(m_bundle, checkpointFolder(sha256), place, [&](const auto& folder) {
                const std::string found = Checkpoint::open(folder).sha256();
                if (found != sha256)
                    throw Error(ErrorKind::File,
                                {"cannot unpack the checkpoint", m_bundle.where(),
                                 fmt::format("its tensors have SHA-256 {}, not {}", found, sha256),
                                 "Import it without checkpoints, and get them elsewhere"});
            });
            m_report.checkpoints.push_back({sha256, place, unpacked});
            m_checkpoints.emplace(sha256, m_bundle.filesIn(checkpointFolder(sha256)));
        }
        for (const auto& [sha256, path] : m_bundle.manifest().tokenizers) {
            const std::filesystem::path place = tokenizerPlace(m_store.file(), sha256);
            unpack(m_bundle, tokenizerFolder(sha256), place, [](const auto&) {});
            m_tokenizers[path] = pathWithin(place, path, m_bundle.filesIn(tokenizerFolder(sha256)));
        }
    }

    void addRuns() {
        for (const std::string& identity : m_bundle.manifest().runs) {
            auto checked = m_checked.extract(identity);
            BundledRun bundled = checked ? std::move(checked.mapped()) : m_bundle.checkedRun(identity);
            advance();
            pointAtFiles(bundled.run.summary.request);
            m_merger.add(std::move(bundled));
        }
        m_report.runs = m_merger.take();
    }

    void addSchedules() {
        for (NamedSchedule& schedule : m_store.listSchedules())
            m_library.emplace(nameKey(schedule.name), std::move(schedule));
        for (const NamedSchedule& schedule : m_bundle.schedules())
            m_report.schedules.push_back(addSchedule(schedule));
    }

    ImportReport report() { return std::move(m_report); }

private:
    void advance() {
        const double passes = 2 * static_cast<double>(m_bundle.manifest().runs.size()); // checked, added
        if (m_progress)
            m_progress(++m_done / passes);
    }

    void pointAtFiles(GenerationRequest& request) const {
        for (PoolMemberSpec& member : request.pool)
            if (const auto files = m_checkpoints.find(member.sha256); files != m_checkpoints.end())
                member.path =
                    pathWithin(checkpointPlace(m_store.file(), member.sha256), member.path, files->second);
        if (const auto place = m_tokenizers.find(request.tokenizer); place != m_tokenizers.end())
            request.tokenizer = place->second;
    }

    ImportedSchedule addSchedule(const NamedSchedule& schedule) {
        using Outcome = ImportedSchedule::Outcome;
        // The name, or the first of "name (2)", "name (3)"… that is free or holds this very schedule.
        for (int number = 1;; ++number) {
            const std::string ending = number == 1 ? "" : fmt::format(" ({})", number);
            NamedSchedule wanted = schedule;
            const std::string_view most =
                std::string_view(schedule.name).substr(0, kLongestScheduleName - ending.size());
            wanted.name = std::string(most.substr(0, validUtf8Prefix(most))) + ending;
            const auto taken = m_library.find(nameKey(wanted.name));
            if (taken == m_library.end()) {
                m_store.restoreSchedule(wanted); // with no id: a new one
                m_library.emplace(nameKey(wanted.name), wanted);
                return {schedule.name, wanted.name, number == 1 ? Outcome::Added : Outcome::Renamed};
            }
            if (taken->second.schedule == schedule.schedule)
                return {schedule.name, taken->second.name, Outcome::Known};
        }
    }

    RunStore& m_store;
    BundleReader m_bundle;
    RunMerger m_merger;
    const BundleProgress& m_progress;
    double m_done = 0;
    std::unordered_map<std::string, BundledRun> m_checked; ///< by identity
    ImportReport m_report;
    std::map<std::string, std::vector<std::string>> m_checkpoints; ///< SHA-256: files
    std::map<std::string, std::string> m_tokenizers;               ///< path in requests: path here
    std::map<std::string, NamedSchedule> m_library;                ///< by nameKey
};

} // namespace

int ImportReport::count(ImportedRun::Outcome outcome) const {
    return static_cast<int>(std::ranges::count(runs, outcome, &ImportedRun::outcome));
}

ImportReport importBundle(RunStore& store, const std::filesystem::path& file, const ImportOptions& options,
                          const BundleProgress& progress) {
    Importer importer(store, file, progress);
    importer.checkAll(options.checkpoints);
    if (options.checkpoints)
        importer.unpackFiles();
    importer.addRuns();
    importer.addSchedules();
    return importer.report();
}

} // namespace steploom
