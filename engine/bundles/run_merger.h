// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/bundles/bundled_run_json.h"
#include "engine/runs/run_store.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace steploom {

/// What became of one run of a bundle.
struct ImportedRun {
    enum class Outcome {
        Added,     ///< under a new id
        Completed, ///< the store has it, and took what it lacked
        Known,     ///< the store has it, with all that the bundle brings
    };
    std::string identity;
    std::int64_t id = 0; ///< in the store
    Outcome outcome = Outcome::Added;
    std::vector<std::string> measures; ///< names of those that were taken; Completed only
    std::vector<std::string> tags;     ///< those that were taken; Completed only
    bool note = false;                 ///< the bundle's note was taken, as there was none; Completed only
    bool restored = false;             ///< it was in the bin, and is no more; Completed only
    /// It was branched from a run that neither bundle nor store holds. It needs none.
    bool parentUnknown = false;
};

/// The runs of a store by identity. The store knows it of those that were imported; of the others it is
/// computed where they started in the same second as one that is looked for, each once.
class RunsByIdentity {
public:
    /// `store` is borrowed.
    explicit RunsByIdentity(const RunStore& store) : m_store(store) {}

    std::optional<std::int64_t> find(const std::string& identity, const std::string& started);

private:
    const RunStore& m_store;
    std::unordered_set<std::string> m_computed; ///< times of start
    std::unordered_map<std::string, std::int64_t> m_byIdentity;
};

/// Merges runs that were made elsewhere into a store, by identity: one that is there keeps its note and its
/// measures and takes those that it lacks; others are added, some hundred in a transaction. Nothing is ever
/// overwritten or removed.
class RunMerger {
public:
    /// `store` is borrowed.
    explicit RunMerger(RunStore& store) : m_store(store), m_known(store) {}

    /// A run that was checked, whose paths are of this machine as far as they are known; a branch after its
    /// parent.
    void add(BundledRun bundled);
    /// Writes what waits, and says what became of the runs, in the order in which they were added.
    std::vector<ImportedRun> take();

private:
    void put(BundledRun bundled, ImportedRun& imported);
    void complete(const BundledRun& bundled, ImportedRun& imported);
    void flush();

    RunStore& m_store;
    RunsByIdentity m_known;
    std::vector<ImportedRun> m_runs;
    std::vector<Run> m_batch;
    std::vector<std::size_t> m_waiting; ///< places in m_runs of the batch
    std::size_t m_positions = 0;
};

} // namespace steploom
