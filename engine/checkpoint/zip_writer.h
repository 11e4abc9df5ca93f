// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/file_beside.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace steploom {

/// Writes a zip archive (PKWARE's APPNOTE 6.3.10), zip64 where its sizes ask for it, entry after entry: one
/// entry at a time is in memory. The same entries give the same bytes, as no times are kept. What is written
/// here ZipArchive reads: no entry is packed so tightly that the archive would be refused for it.
class ZipWriter {
public:
    /// Errors are Error(File) that begin with `what` and name `file`, which appears when finish() returns.
    ZipWriter(const std::filesystem::path& file, std::string what);

    /// Names are plain, with '/' between folders, and each is given once. Deflated where that pays.
    void add(std::string_view name, std::span<const std::byte> content);
    /// For what does not deflate, such as weights.
    void addStored(std::string_view name, std::span<const std::byte> content);
    void finish();

    std::uint64_t bytes() const noexcept { return m_written; }

private:
    struct Entry;
    void write(Entry& entry, std::span<const std::byte> packed);
    void put(std::string_view bytes);

    FileBeside m_file;
    std::string m_directory; ///< grows by a header with every entry
    std::uint64_t m_written = 0;
    std::uint64_t m_entries = 0;
};

} // namespace steploom
