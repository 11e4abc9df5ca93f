// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/bundles/import_bundle.h"

#include "engine/bundles/bundle_reader.h"
#include "engine/bundles/bundled_files.h"
#include "engine/bundles/run_identity.h"
#include "engine/bundles/schedule_names.h"
#include "engine/checkpoint/checkpoint.h"
#include "engine/core/error.h"
#include "engine/core/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace steploom {

namespace {

/// Runs in one transaction: every commit waits for the disk.
constexpr std::size_t kBatchRuns = 256;
constexpr std::size_t kBatchPositions = 4u << 20; ///< of their samples; some 100 bytes each in memory

/// Runs that were read to be checked are kept up to here: the others are read a second time to be added.
constexpr std::size_t kKeptBytes = 192u << 20;

/// In memory, about.
std::size_t bytesOf(const Run& run) {
    constexpr std::size_t kRun = 4096, kPosition = 20;
    std::size_t bytes = kRun;
    for (const RunSample& sample : run.samples)
        bytes += kPosition * sample.trace.tokens.size() + sizeof(LikelyToken) * sample.trace.likely.size() +
                 sizeof(RemaskedToken) * sample.trace.remasked.size() + sample.text.size();
    return bytes;
}

/// The runs of a store by identity. The store knows it of those that were imported; of the others it is
/// computed where they started in the same second as one that is looked for, each once.
class KnownRuns {
public:
    explicit KnownRuns(const RunStore& store) : m_store(store) {}

    std::optional<std::int64_t> find(const std::string& identity, const std::string& started) {
        if (const auto imported = m_store.findIdentity(identity))
            return imported;
        if (m_computed.insert(started).second)
            for (const std::int64_t id : m_store.unidentifiedRuns(started))
                m_byIdentity.emplace(runIdentity(m_store.load(id)), id); // the newest of several
        const auto found = m_byIdentity.find(identity);
        return found == m_byIdentity.end() ? std::nullopt : std::optional(found->second);
    }

private:
    const RunStore& m_store;
    std::unordered_set<std::string> m_computed; ///< times of start
    std::unordered_map<std::string, std::int64_t> m_byIdentity;
};

class Importer {
public:
    Importer(RunStore& store, const std::filesystem::path& file, const BundleProgress& progress)
        : m_store(store), m_bundle(BundleReader::open(file)), m_known(store), m_progress(progress) {}

    void checkAll(bool checkpoints) {
        const BundleManifest& manifest = m_bundle.manifest();
        std::size_t bytes = 0;
        for (const std::string& identity : manifest.runs) {
            BundledRun bundled = m_bundle.run(identity);
            bytes += bytesOf(bundled.run);
            if (bytes <= kKeptBytes)
                m_checked.emplace(identity, std::move(bundled));
            advance();
        }
        m_bundle.schedules();
        if (!checkpoints)
            return;
        for (const auto& [name, entry] : manifest.entries)
            if (name.starts_with("checkpoints/") || name.starts_with("tokenizers/"))
                m_bundle.withContent(name, [](auto) {}); // its hash
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
            if (const auto id = m_known.find(identity, bundled.run.summary.started))
                complete(*id, bundled);
            else
                put(std::move(bundled));
        }
        flush();
    }

    void addSchedules() {
        for (NamedSchedule& schedule : m_store.listSchedules())
            m_library.emplace(nameKey(schedule.name), std::move(schedule));
        for (const NamedSchedule& schedule : m_bundle.schedules())
            m_report.schedules.push_back(addSchedule(schedule));
    }

    ImportReport report() {
        // Runs were added in batches, and those that were known in between.
        std::unordered_map<std::string, std::size_t> place;
        for (std::size_t i = 0; i < m_bundle.manifest().runs.size(); ++i)
            place[m_bundle.manifest().runs[i]] = i;
        std::ranges::sort(m_report.runs, {}, [&](const ImportedRun& run) { return place.at(run.identity); });
        return std::move(m_report);
    }

private:
    void advance() {
        const double passes = 2 * static_cast<double>(m_bundle.manifest().runs.size()); // checked, added
        if (m_progress)
            m_progress(++m_done / passes);
    }

    void put(BundledRun bundled) {
        ImportedRun imported{.identity = bundled.identity};
        GenerationRequest& request = bundled.run.summary.request;
        if (!bundled.parent.empty() && request.branch) {
            const bool waits =
                std::ranges::find(m_waiting, bundled.parent, &ImportedRun::identity) != m_waiting.end();
            if (waits)
                flush(); // it gets its id
            const auto parent = m_known.find(bundled.parent, bundled.parentStarted);
            request.branch->parent = parent.value_or(0);
            imported.parentUnknown = !parent;
        }
        pointAtFiles(request);
        m_positions += bundled.run.samples.size() * static_cast<std::size_t>(request.length);
        m_batch.push_back(std::move(bundled.run));
        m_waiting.push_back(std::move(imported));
        if (m_batch.size() >= kBatchRuns || m_positions >= kBatchPositions)
            flush();
    }

    void flush() {
        std::vector<std::string> identities;
        for (const ImportedRun& run : m_waiting)
            identities.push_back(run.identity);
        const std::vector<std::int64_t> ids = m_store.addRuns(m_batch, identities);
        for (std::size_t i = 0; i < ids.size(); ++i) {
            m_waiting[i].id = ids[i];
            m_report.runs.push_back(std::move(m_waiting[i]));
        }
        m_batch.clear();
        m_waiting.clear();
        m_positions = 0;
    }

    void pointAtFiles(GenerationRequest& request) const {
        for (PoolMemberSpec& member : request.pool)
            if (const auto files = m_checkpoints.find(member.sha256); files != m_checkpoints.end())
                member.path =
                    pathWithin(checkpointPlace(m_store.file(), member.sha256), member.path, files->second);
        if (const auto place = m_tokenizers.find(request.tokenizer); place != m_tokenizers.end())
            request.tokenizer = place->second;
    }

    void complete(std::int64_t id, const BundledRun& bundled) {
        ImportedRun imported{.identity = bundled.identity, .id = id, .outcome = ImportedRun::Outcome::Known};
        const Run here = m_store.load(id);
        const RunSummary& there = bundled.run.summary;
        for (const Measure& measure : there.measures) {
            if (here.summary.measure(measure.name))
                continue;
            // The scores of the samples belong to it: of whichever evaluator has judged the run.
            if (measure.name == "generative_perplexity")
                m_store.setScores(id, scoresToTake(here, bundled.run));
            m_store.addMeasure(id, measure);
            imported.measures.push_back(measure.name);
        }
        if (here.summary.note.empty() && !there.note.empty()) {
            m_store.setNote(id, there.note);
            imported.note = true;
        }
        for (const std::string& tag : there.tags)
            if (!hasTag(here.summary, tag)) {
                m_store.addTag(std::array{id}, tag);
                imported.tags.push_back(tag);
            }
        if (!here.summary.binned.empty()) {
            m_store.restoreFromBin(std::array{id});
            imported.restored = true;
        }
        if (imported.note || imported.restored || !imported.tags.empty() || !imported.measures.empty())
            imported.outcome = ImportedRun::Outcome::Completed;
        m_report.runs.push_back(std::move(imported));
    }

    /// As tags count: without case.
    static bool hasTag(const RunSummary& run, const std::string& tag) {
        const auto same = [](char a, char b) {
            const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
            return lower(a) == lower(b);
        };
        return std::ranges::any_of(
            run.tags, [&](const std::string& each) { return std::ranges::equal(each, tag, same); });
    }

    static std::vector<RunSample> scoresToTake(const Run& here, const Run& there) {
        std::vector<RunSample> samples; // one identity: both have the same
        for (std::size_t i = 0; i < there.samples.size(); ++i)
            if (there.samples[i].score && !here.samples.at(i).score)
                samples.push_back(there.samples[i]);
        return samples;
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
    KnownRuns m_known;
    const BundleProgress& m_progress;
    double m_done = 0;
    std::unordered_map<std::string, BundledRun> m_checked; ///< by identity
    ImportReport m_report;
    std::map<std::string, std::vector<std::string>> m_checkpoints; ///< SHA-256: files
    std::map<std::string, std::string> m_tokenizers;               ///< path in requests: path here
    std::map<std::string, NamedSchedule> m_library;                ///< by nameKey
    std::vector<Run> m_batch;
    std::vector<ImportedRun> m_waiting; ///< of the batch
    std::size_t m_positions = 0;
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
