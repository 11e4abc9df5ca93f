// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/bundles/run_merger.h"

#include "engine/bundles/run_identity.h"
#include "engine/core/near_names.h"

#include <algorithm>
#include <array>
#include <utility>

namespace steploom {

namespace {

/// Runs in one transaction: every commit waits for the disk.
constexpr std::size_t kBatchRuns = 256;
constexpr std::size_t kBatchPositions = 4u << 20; ///< of their samples; some 100 bytes each in memory

std::vector<RunSample> scoresToTake(const Run& here, const Run& there) {
    std::vector<RunSample> samples; // one identity: both have the same
    for (std::size_t i = 0; i < there.samples.size(); ++i)
        if (there.samples[i].score && !here.samples.at(i).score)
            samples.push_back(there.samples[i]);
    return samples;
}

/// As tags count: without case.
bool hasTag(const RunSummary& run, const std::string& tag) {
    return std::ranges::any_of(run.tags,
                               [&](const std::string& each) { return lowerCase(each) == lowerCase(tag); });
}

} // namespace

std::optional<std::int64_t> RunsByIdentity::find(const std::string& identity, const std::string& started) {
    if (const auto imported = m_store.findIdentity(identity))
        return imported;
    if (m_computed.insert(started).second)
        for (const std::int64_t id : m_store.unidentifiedRuns(started))
            m_byIdentity.emplace(runIdentity(m_store.load(id)), id); // the newest of several
    const auto found = m_byIdentity.find(identity);
    return found == m_byIdentity.end() ? std::nullopt : std::optional(found->second);
}

void RunMerger::add(BundledRun bundled) {
    ImportedRun& imported = m_runs.emplace_back();
    imported.identity = bundled.identity;
    if (const auto id = m_known.find(bundled.identity, bundled.run.summary.started)) {
        imported.id = *id;
        complete(bundled, imported);
    } else {
        put(std::move(bundled), imported);
    }
}

std::vector<ImportedRun> RunMerger::take() {
    flush();
    return std::move(m_runs);
}

void RunMerger::put(BundledRun bundled, ImportedRun& imported) {
    GenerationRequest& request = bundled.run.summary.request;
    if (!bundled.parent.empty() && request.branch) {
        const bool waits = std::ranges::any_of(
            m_waiting, [&](std::size_t place) { return m_runs[place].identity == bundled.parent; });
        if (waits)
            flush(); // it gets its id
        const auto parent = m_known.find(bundled.parent, bundled.parentStarted);
        request.branch->parent = parent.value_or(0);
        imported.parentUnknown = !parent;
    }
    m_positions += bundled.run.samples.size() * static_cast<std::size_t>(request.length);
    m_batch.push_back(std::move(bundled.run));
    m_waiting.push_back(m_runs.size() - 1);
    if (m_batch.size() >= kBatchRuns || m_positions >= kBatchPositions)
        flush();
}

void RunMerger::flush() {
    std::vector<std::string> identities;
    for (const std::size_t place : m_waiting)
        identities.push_back(m_runs[place].identity);
    const std::vector<std::int64_t> ids = m_store.addRuns(m_batch, identities);
    for (std::size_t i = 0; i < ids.size(); ++i)
        m_runs[m_waiting[i]].id = ids[i];
    m_batch.clear();
    m_waiting.clear();
    m_positions = 0;
}

void RunMerger::complete(const BundledRun& bundled, ImportedRun& imported) {
    imported.outcome = ImportedRun::Outcome::Known;
    const Run here = m_store.load(imported.id);
    const RunSummary& there = bundled.run.summary;
    for (const Measure& measure : there.measures) {
        if (here.summary.measure(measure.name))
            continue;
        // The scores of the samples belong to it: of whichever evaluator has judged the run.
        if (measure.name == "generative_perplexity")
            m_store.setScores(imported.id, scoresToTake(here, bundled.run));
        m_store.addMeasure(imported.id, measure);
        imported.measures.push_back(measure.name);
    }
    if (here.summary.note.empty() && !there.note.empty()) {
        m_store.setNote(imported.id, there.note);
        imported.note = true;
    }
    for (const std::string& tag : there.tags)
        if (!hasTag(here.summary, tag)) {
            m_store.addTag(std::array{imported.id}, tag);
            imported.tags.push_back(tag);
        }
    if (!here.summary.binned.empty()) {
        m_store.restoreFromBin(std::array{imported.id});
        imported.restored = true;
    }
    if (imported.note || imported.restored || !imported.tags.empty() || !imported.measures.empty())
        imported.outcome = ImportedRun::Outcome::Completed;
}

} // namespace steploom
