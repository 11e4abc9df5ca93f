// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/bundles/import_bundle.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace steploom {

/// The runs of a report, which is HTML as htmlReport() writes it or JSON as jsonReport() does. Nothing in it
/// is believed: every run has to be what its identity says. `where` names the file. Throws Error(File).
std::vector<BundledRun> runsInReport(std::string_view content, const std::string& where);

/// Merges the runs of a report into the store as importBundle() does those of a bundle: by identity, nothing
/// is overwritten, and a damaged or hostile file changes nothing. Throws Error(File) for what is wrong with
/// the file, Error(Store) for what is wrong with the store.
ImportReport importReport(RunStore& store, const std::filesystem::path& file,
                          const BundleProgress& progress = {});

/// Merges the runs of a bundle or of a report, whichever the file is by how it begins; `options` are of
/// bundles. Throws as importBundle() and importReport() do.
ImportReport importRuns(RunStore& store, const std::filesystem::path& file, const ImportOptions& options = {},
                        const BundleProgress& progress = {});

} // namespace steploom
