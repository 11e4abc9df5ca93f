// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/bundles/export_bundle.h"
#include "engine/bundles/run_merger.h"

#include <filesystem>
#include <string>
#include <vector>

namespace steploom {

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
