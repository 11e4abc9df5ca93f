// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace steploom {

/// One file of a zip archive, as central directory and local header agree on it.
struct ZipEntry {
    std::uint64_t size = 0;            ///< bytes, unpacked
    std::uint32_t crc = 0;             ///< of the unpacked bytes
    bool deflated = false;             ///< else stored: `packed` is the content itself
    std::span<const std::byte> packed; ///< inside the archive
};

/// The table of a zip or zip64 archive in memory (PKWARE's APPNOTE 6.3.10). Nothing in it is believed: every
/// field is held against the bytes that are there; entries may not overlap each other or the directory, share
/// a name, leave their folder, be encrypted or packed by an unknown method; local headers must say what the
/// directory says; and what would unpack to far more than the archive is refused before memory is asked for.
class ZipArchive {
public:
    /// Unpacked sizes of all deflated entries together: 32 times the archive, or 64 MiB for small ones.
    /// Weights deflate by half at best.
    static constexpr std::uint64_t kMostInflation = 32;
    static constexpr std::uint64_t kAlwaysInflated = 64u << 20;
    static constexpr std::uint64_t kMostEntries = 1'000'000;

    /// Reads the table of `bytes`, which must outlive the archive. `where` names the file in errors. Throws
    /// Error(File) that names the entry.
    static ZipArchive read(std::span<const std::byte> bytes, std::string where);
    /// Whether the bytes begin as a zip archive does.
    static bool isOne(std::span<const std::byte> bytes) noexcept;

    using Entries = std::map<std::string, ZipEntry, std::less<>>;
    const Entries& entries() const noexcept { return m_entries; }
    const ZipEntry* find(std::string_view name) const noexcept;

    /// Unpacks a deflated entry and checks its length and CRC. The CRC of stored entries is nobody's to check
    /// here: that would read every weight once more, and torch.save may be told to write none.
    std::vector<std::byte> inflate(std::string_view name, const ZipEntry& entry) const;

private:
    std::string m_where;
    Entries m_entries;
};

} // namespace steploom
