// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/zip_archive.h"

#include "engine/checkpoint/little_endian.h"
#include "engine/checkpoint/shown_name.h"
#include "engine/core/error.h"
#include "engine/core/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace steploom {
namespace {

using Bytes = std::span<const std::byte>;

constexpr const char* kWhat = "cannot read the archive";
constexpr const char* kDownloadAgain = "The file is damaged or cut off: download or save it again";
constexpr const char* kDistrust =
    "No honest program writes such a file: if it came from somebody else, do not trust it";

constexpr std::uint32_t kLocalHeader = 0x04034b50, kCentralHeader = 0x02014b50, kEndRecord = 0x06054b50,
                        kEndRecord64 = 0x06064b50, kLocator64 = 0x07064b50;
constexpr std::size_t kLocalSize = 30, kCentralSize = 46, kEndSize = 22, kEndSize64 = 56, kLocatorSize = 20;
constexpr std::uint16_t kFull16 = 0xFFFF; ///< "look into the zip64 record"
constexpr std::uint32_t kFull32 = 0xFFFFFFFF;
constexpr std::uint16_t kEncrypted = 1u << 0 | 1u << 6 | 1u << 13, kSizesFollow = 1u << 3;
constexpr std::uint16_t kStored = 0, kDeflated = 8;

/// Where the central directory lies and how many entries it says it has.
struct Directory {
    std::uint64_t offset = 0, size = 0, count = 0;
};

/// Sizes of one entry, by whichever header.
struct Sizes {
    std::uint64_t packed = 0, unpacked = 0, offset = 0;
};

struct Extent {
    std::uint64_t begin = 0, end = 0;
    std::string_view name;
};

class TableReader {
public:
    TableReader(Bytes bytes, const std::string& where) : m_bytes(bytes), m_where(where) {}

    ZipArchive::Entries read() {
        const Directory directory = findDirectory();
        if (directory.count > ZipArchive::kMostEntries || directory.count > directory.size / kCentralSize)
            refuse(fmt::format("it claims {} entries in a directory of {} bytes", directory.count,
                               directory.size));
        m_dataEnd = directory.offset;
        std::uint64_t at = directory.offset;
        for (std::uint64_t i = 0; i < directory.count; ++i)
            at = readEntry(at, directory.offset + directory.size);
        if (at != directory.offset + directory.size)
            refuse(fmt::format("its directory has {} bytes after its {} entries",
                               directory.offset + directory.size - at, directory.count));
        requireApart();
        return std::move(m_entries);
    }

private:
    template <typename Number>
    Number number(std::uint64_t at) const {
        return littleEndian<Number>(m_bytes, at);
    }

    [[noreturn]] void refuse(std::string why, const char* remedy = kDownloadAgain) const {
        std::string where = m_where;
        if (!m_name.empty())
            where += fmt::format(", entry \"{}\"", shownName(m_name));
        throw Error(ErrorKind::File, {kWhat, std::move(where), std::move(why), remedy});
    }

    /// The end record stands last, before a comment of a length that it tells itself.
    std::uint64_t findEndRecord() const {
        if (m_bytes.size() >= kEndSize) {
            const std::uint64_t last = m_bytes.size() - kEndSize;
            for (std::uint64_t back = 0; back <= std::min<std::uint64_t>(last, kFull16); ++back)
                if (const std::uint64_t at = last - back;
                    number<std::uint32_t>(at) == kEndRecord && number<std::uint16_t>(at + 20) == back)
                    return at;
        }
        refuse("no end of an archive's directory is in it");
    }

    Directory findDirectory() const {
        const std::uint64_t end = findEndRecord();
        Directory directory{.offset = number<std::uint32_t>(end + 16),
                            .size = number<std::uint32_t>(end + 12),
                            .count = number<std::uint16_t>(end + 10)};
        std::uint64_t directoryEnd = end;
        if (end >= kLocatorSize && number<std::uint32_t>(end - kLocatorSize) == kLocator64) {
            const Directory narrow = directory;
            directory = findDirectory64(end - kLocatorSize, directoryEnd);
            if ((narrow.offset != kFull32 && narrow.offset != directory.offset) ||
                (narrow.size != kFull32 && narrow.size != directory.size) ||
                (narrow.count != kFull16 && narrow.count != directory.count))
                refuse("its end record and its zip64 end record disagree");
        } else if (number<std::uint16_t>(end + 4) != 0 || number<std::uint16_t>(end + 6) != 0 ||
                   number<std::uint16_t>(end + 8) != directory.count) {
            refuse("it is one part of several", "Join the parts into one archive");
        }
        if (directory.offset > directoryEnd || directory.size != directoryEnd - directory.offset)
            refuse(
                fmt::format("its directory of {} bytes at byte {} does not end at byte {}, where it should",
                            directory.size, directory.offset, directoryEnd));
        return directory;
    }

    Directory findDirectory64(std::uint64_t locator, std::uint64_t& directoryEnd) const {
        const auto at = number<std::uint64_t>(locator + 8);
        if (locator < kEndSize64 || at > locator - kEndSize64 || number<std::uint32_t>(at) != kEndRecord64 ||
            number<std::uint64_t>(at + 4) != locator - at - 12)
            refuse(fmt::format("there is no zip64 end record at byte {}, where it should be", at));
        if (number<std::uint32_t>(locator + 4) != 0 || number<std::uint32_t>(locator + 16) > 1 ||
            number<std::uint32_t>(at + 16) != 0 || number<std::uint32_t>(at + 20) != 0 ||
            number<std::uint64_t>(at + 24) != number<std::uint64_t>(at + 32))
            refuse("it is one part of several", "Join the parts into one archive");
        directoryEnd = at;
        return {.offset = number<std::uint64_t>(at + 48),
                .size = number<std::uint64_t>(at + 40),
                .count = number<std::uint64_t>(at + 32)};
    }

    /// Reads the central header at `at`, checks its local header and files the entry. Returns where the next
    /// one begins.
    std::uint64_t readEntry(std::uint64_t at, std::uint64_t end) {
        m_name.clear();
        if (end - at < kCentralSize || number<std::uint32_t>(at) != kCentralHeader)
            refuse(fmt::format("its directory breaks off after {} entries", m_entries.size()));
        const auto flags = number<std::uint16_t>(at + 8), method = number<std::uint16_t>(at + 10);
        const std::uint64_t nameSize = number<std::uint16_t>(at + 28),
                            extraSize = number<std::uint16_t>(at + 30),
                            commentSize = number<std::uint16_t>(at + 32);
        const std::uint64_t next = at + kCentralSize + nameSize + extraSize + commentSize;
        if (next > end)
            refuse(fmt::format("its directory breaks off inside entry {}", m_entries.size() + 1));
        m_name = text(at + kCentralSize, nameSize);
        requirePlainName();
        if (flags & kEncrypted)
            refuse("it is encrypted", "Decrypt the archive first");
        if (method != kStored && method != kDeflated)
            refuse(fmt::format("it is packed by method {}; known are 0 (stored) and 8 (deflated)", method),
                   "Save the checkpoint again with torch.save");
        if (number<std::uint16_t>(at + 34) != 0)
            refuse("it lies in another part of the archive", "Join the parts into one archive");

        const Sizes sizes = withZip64({.packed = number<std::uint32_t>(at + 20),
                                       .unpacked = number<std::uint32_t>(at + 24),
                                       .offset = number<std::uint32_t>(at + 42)},
                                      at + kCentralSize + nameSize, extraSize);
        ZipEntry entry{.size = sizes.unpacked,
                       .crc = number<std::uint32_t>(at + 16),
                       .deflated = method == kDeflated,
                       .packed = {}};
        if (!entry.deflated && sizes.packed != sizes.unpacked)
            refuse(fmt::format("it is stored, yet has {} bytes packed and {} unpacked", sizes.packed,
                               sizes.unpacked));
        entry.packed = findContent(sizes, flags, method, entry.crc);
        requireBounded(entry);
        const auto [place, isNew] = m_entries.emplace(m_name, entry);
        if (!isNew)
            refuse("the archive has two entries of this name", kDistrust);
        m_extents.push_back({sizes.offset,
                             static_cast<std::uint64_t>(entry.packed.data() - m_bytes.data()) + sizes.packed,
                             place->first});
        return next;
    }

    std::string text(std::uint64_t at, std::uint64_t size) const {
        return {reinterpret_cast<const char*>(m_bytes.data()) + at, static_cast<std::size_t>(size)};
    }

    void requirePlainName() const {
        if (m_name.empty())
            refuse("an entry has no name");
        if (validUtf8Prefix(m_name) != m_name.size() ||
            m_name.find_first_of(std::string("\\\0", 2)) != m_name.npos)
            refuse("its name is not plain text", kDistrust);
        for (std::size_t begin = 0; begin <= m_name.size();) {
            const std::size_t slash = std::min(m_name.find('/', begin), m_name.size());
            const std::string_view part = std::string_view(m_name).substr(begin, slash - begin);
            const bool isFolder = part.empty() && begin == m_name.size() && begin > 0;
            if (part == ".." || part == "." || (part.empty() && !isFolder))
                refuse("its name leads out of the archive", kDistrust);
            begin = slash + 1;
        }
    }

    /// Replaces the sizes that say "look into the zip64 field" by what that field says.
    Sizes withZip64(Sizes sizes, std::uint64_t at, std::uint64_t size) const {
        constexpr std::uint16_t kZip64 = 1;
        std::uint64_t field = at + size, fieldEnd = field;
        for (std::uint64_t extra = at; at + size - extra >= 4;) {
            const std::uint64_t length = number<std::uint16_t>(extra + 2);
            if (length > at + size - extra - 4)
                refuse("an extra field of its header breaks off");
            if (number<std::uint16_t>(extra) == kZip64) {
                field = extra + 4;
                fieldEnd = field + length;
                break;
            }
            extra += 4 + length;
        }
        for (std::uint64_t* value : {&sizes.unpacked, &sizes.packed, &sizes.offset}) {
            if (*value != kFull32)
                continue;
            if (fieldEnd - field < 8)
                refuse("its header asks for a zip64 field that is not there");
            *value = number<std::uint64_t>(field);
            field += 8;
        }
        return sizes;
    }

    /// The packed bytes of an entry, behind its local header, which must say the same as the directory.
    Bytes findContent(const Sizes& sizes, std::uint16_t flags, std::uint16_t method,
                      std::uint32_t crc) const {
        const std::uint64_t at = sizes.offset;
        if (m_dataEnd < kLocalSize || at > m_dataEnd - kLocalSize ||
            number<std::uint32_t>(at) != kLocalHeader)
            refuse(fmt::format("there is no entry at byte {}, where the directory says it is", at));
        const std::uint64_t nameSize = number<std::uint16_t>(at + 26),
                            extraSize = number<std::uint16_t>(at + 28);
        if (nameSize + extraSize > m_dataEnd - kLocalSize - at)
            refuse("its local header breaks off");
        const std::uint64_t content = at + kLocalSize + nameSize + extraSize;
        if (text(at + kLocalSize, nameSize) != m_name)
            refuse(
                fmt::format("its local header names it \"{}\"", shownName(text(at + kLocalSize, nameSize))),
                kDistrust);
        if (number<std::uint16_t>(at + 6) != flags || number<std::uint16_t>(at + 8) != method)
            refuse("its local header says it is packed another way", kDistrust);
        const Sizes local = withZip64({.packed = number<std::uint32_t>(at + 18),
                                       .unpacked = number<std::uint32_t>(at + 22),
                                       .offset = 0},
                                      at + kLocalSize + nameSize, extraSize);
        // What is written in one pass (as torch.save does) has its sizes after the content, and zeros here.
        const bool blank = (flags & kSizesFollow) && local.packed == 0 && local.unpacked == 0;
        if (!blank && (local.packed != sizes.packed || local.unpacked != sizes.unpacked ||
                       number<std::uint32_t>(at + 14) != crc))
            refuse(
                fmt::format("its local header says {} bytes packed and {} unpacked, the directory {} and {}"
                            " (or another checksum)",
                            local.packed, local.unpacked, sizes.packed, sizes.unpacked),
                kDistrust);
        if (sizes.packed > m_dataEnd - content)
            refuse(fmt::format("its {} bytes do not fit into the {} that follow its header", sizes.packed,
                               m_dataEnd - content));
        return m_bytes.subspan(content, sizes.packed);
    }

    void requireBounded(const ZipEntry& entry) {
        if (!entry.deflated)
            return;
        const std::uint64_t most =
            std::max<std::uint64_t>(ZipArchive::kAlwaysInflated, m_bytes.size() * ZipArchive::kMostInflation);
        if (entry.size > most || m_inflated > most - entry.size)
            refuse(
                fmt::format("unpacked, it has {} bytes and what stands before it {}: more than the {} that "
                            "an archive of {} bytes may hold",
                            entry.size, m_inflated, most, m_bytes.size()),
                kDistrust);
        m_inflated += entry.size;
    }

    /// Two entries over the same bytes are how a small archive claims to be a large one.
    void requireApart() {
        std::ranges::sort(m_extents, {},
                          [](const Extent& extent) { return std::pair(extent.begin, extent.end); });
        for (std::size_t i = 1; i < m_extents.size(); ++i)
            if (m_extents[i].begin < m_extents[i - 1].end) {
                m_name = m_extents[i].name;
                refuse(fmt::format("it begins at byte {}, inside entry \"{}\", which ends at byte {}",
                                   m_extents[i].begin, shownName(m_extents[i - 1].name),
                                   m_extents[i - 1].end),
                       kDistrust);
            }
    }

    Bytes m_bytes;
    const std::string& m_where;
    std::string m_name; ///< of the entry at hand
    std::uint64_t m_dataEnd = 0;
    std::uint64_t m_inflated = 0;
    ZipArchive::Entries m_entries;
    std::vector<Extent> m_extents;
};

} // namespace

ZipArchive ZipArchive::read(std::span<const std::byte> bytes, std::string where) {
    ZipArchive archive;
    archive.m_entries = TableReader(bytes, where).read();
    archive.m_where = std::move(where);
    return archive;
}

bool ZipArchive::isOne(std::span<const std::byte> bytes) noexcept {
    if (bytes.size() < 4)
        return false;
    const auto signature = littleEndian<std::uint32_t>(bytes, 0);
    return signature == kLocalHeader || signature == kEndRecord;
}

const ZipEntry* ZipArchive::find(std::string_view name) const noexcept {
    const auto found = m_entries.find(name);
    return found == m_entries.end() ? nullptr : &found->second;
}

} // namespace steploom
