// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/bundles/bundle_manifest.h"
#include "engine/bundles/bundled_run_json.h"
#include "engine/checkpoint/zip_archive.h"
#include "engine/runs/named_schedule.h"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace steploom {

class MappedFile;

/// A bundle to read from. Nothing in it is believed: the archive (zip_archive.h), the manifest and the
/// entries have to agree, and whatever is handed out has the SHA-256 that the manifest names. Every error is
/// an Error(File) that names the file and the entry.
class BundleReader {
public:
    /// Reads the tables and holds them against each other; no content but the manifest's.
    static BundleReader open(const std::filesystem::path& file);

    const BundleManifest& manifest() const noexcept { return m_manifest; }
    std::string where() const;
    /// A run with its traces, which must be what its identity says.
    BundledRun run(const std::string& identity) const;
    /// The same of one that run() has handed out before: what was checked then is not checked again.
    BundledRun checkedRun(const std::string& identity) const;
    /// Without ids; none when the bundle brings none.
    std::vector<NamedSchedule> schedules() const;
    /// Names of the files in "checkpoints/SHA256/", without it.
    std::vector<std::string> filesIn(const std::string& folder) const;
    /// Hands a file's bytes to `use`, for as long as it runs.
    void withContent(const std::string& name,
                     const std::function<void(std::span<const std::byte>)>& use) const;

private:
    void requireAgreement() const;
    std::string text(const std::string& name, bool checked = false) const;
    void read(const std::string& name, bool checked,
              const std::function<void(std::span<const std::byte>)>& use) const;
    BundledRun readRun(const std::string& identity, bool checked) const;
    [[noreturn]] void refuse(const std::string& name, std::string why) const;

    std::shared_ptr<const MappedFile> m_file;
    ZipArchive m_archive;
    BundleManifest m_manifest;
};

} // namespace steploom
