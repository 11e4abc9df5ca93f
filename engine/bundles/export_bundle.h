// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/bundles/bundle_manifest.h"
#include "engine/runs/run_store.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace steploom {

struct ExportOptions {
    bool checkpoints = false; ///< with the files of every pool member, each checkpoint once
    bool schedules = false;   ///< with the library of schedules
};

struct ExportReport {
    std::vector<std::int64_t> runs; ///< ids, oldest first
    /// Runs that still run: what they have may be different a moment later.
    std::vector<std::int64_t> running;
    int samples = 0;
    int schedules = 0;
    std::vector<std::string> checkpoints; ///< SHA-256 of those in the bundle
    /// Of those that were to be in it and are not, each with its reason.
    std::vector<std::string> checkpointsLeftOut;
    std::uint64_t bytes = 0; ///< of the file
};

/// `share` of the work that is done, 0…1.
using BundleProgress = std::function<void(double share)>;

/// Writes the runs, and what the options ask for, as one file, which appears when it is whole (in place of
/// one of that name). One run at a time is in memory. Throws Error(Store) when there is no such run,
/// Error(File) when the file cannot be written, and Error(Request) when nothing would be in it.
ExportReport exportBundle(const RunStore& store, std::span<const std::int64_t> runs,
                          const ExportOptions& options, const std::filesystem::path& file,
                          const BundleProgress& progress = {});

} // namespace steploom
