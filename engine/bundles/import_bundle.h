// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/bundles/export_bundle.h"

#include <cstdint>
#include <filesystem>
#include <string>
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

struct ImportedSchedule {
    enum class Outcome { Added, Renamed, Known };
    std::string name;   ///< in the bundle
    std::string keptAs; ///< in the store: another one when the name was taken by another schedule
    Outcome outcome = Outcome::Added;
};

struct ImportedCheckpoint {
    std::string sha256;
    std::filesystem::path place;
    bool unpacked = false; ///< else it was there
};

struct ImportReport {
    std::vector<ImportedRun> runs; ///< in the order of the bundle
    std::vector<ImportedSchedule> schedules;
    std::vector<ImportedCheckpoint> checkpoints;

    int count(ImportedRun::Outcome outcome) const;
};

struct ImportOptions {
    bool checkpoints = true; ///< unpack those that the bundle brings, beside the store's file
};

/// Merges a bundle into the store. Runs are told apart by what made them (run_identity.h): one that is there
/// keeps its note and its measures and takes those that it lacks. Nothing is ever overwritten or removed.
///
/// The whole bundle is read and checked first: a damaged or hostile one changes nothing. Then checkpoints are
/// unpacked (checkpointPlace) and requests point there; then runs are added, some hundred in a transaction,
/// so that after a failing disk each is there whole or not at all, and importing again adds the rest.
///
/// Throws Error(File) for what is wrong with the bundle, Error(Store) for what is wrong with the store.
ImportReport importBundle(RunStore& store, const std::filesystem::path& file,
                          const ImportOptions& options = {}, const BundleProgress& progress = {});

} // namespace steploom
