// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/zip_writer.h"

#include "engine/checkpoint/zip_archive.h"

#include <zlib.h>

#include <algorithm>
#include <bit>
#include <concepts>
#include <utility>
#include <vector>

namespace steploom {

namespace {

using Bytes = std::span<const std::byte>;

constexpr std::uint64_t kFull16 = 0xFFFF, kFull32 = 0xFFFFFFFF; ///< "look into the zip64 record"
constexpr std::uint16_t kStored = 0, kDeflated = 8;
constexpr std::uint16_t kUtf8Name = 1u << 11;
constexpr std::uint16_t kPlainVersion = 20, kZip64Version = 45;
constexpr std::uint16_t kFirstOfJanuary1980 = 0x21; ///< the first day there is; 0 is none
/// Half of what the reader allows a whole archive, so that its table never tips the scales.
constexpr std::uint64_t kTightest = ZipArchive::kMostInflation / 2;
/// zlib counts in 32 bits; what is larger than this is weights, which are stored anyway.
constexpr std::size_t kMostDeflated = 1u << 30;

template <std::unsigned_integral Number>
void append(std::string& bytes, std::uint64_t value) {
    static_assert(std::endian::native == std::endian::little);
    const auto number = static_cast<Number>(value);
    bytes.append(reinterpret_cast<const char*>(&number), sizeof number);
}

/// Empty when it does not get smaller, or suspiciously small.
std::vector<std::byte> deflated(Bytes content) {
    if (content.empty() || content.size() > kMostDeflated)
        return {};
    z_stream stream{};
    if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return {};
    std::vector<std::byte> packed(content.size());
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(content.data()));
    stream.avail_in = static_cast<uInt>(content.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    const bool fits = deflate(&stream, Z_FINISH) == Z_STREAM_END;
    packed.resize(packed.size() - stream.avail_out);
    deflateEnd(&stream);
    if (!fits || packed.size() >= content.size() || packed.size() * kTightest < content.size())
        return {};
    return packed;
}

std::uint64_t crcOf(Bytes content) {
    return crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size());
}

} // namespace

struct ZipWriter::Entry {
    std::string_view name;
    std::uint64_t size = 0;
    std::uint64_t crc = 0;
    std::uint16_t method = kStored;
};

ZipWriter::ZipWriter(const std::filesystem::path& file, std::string what) : m_file(file, std::move(what)) {}

void ZipWriter::add(std::string_view name, Bytes content) {
    const std::vector<std::byte> packed = deflated(content);
    Entry entry{name, content.size(), crcOf(content), packed.empty() ? kStored : kDeflated};
    write(entry, packed.empty() ? content : Bytes(packed));
}

void ZipWriter::addStored(std::string_view name, Bytes content) {
    Entry entry{name, content.size(), crcOf(content), kStored};
    write(entry, content);
}

void ZipWriter::write(Entry& entry, Bytes packed) {
    const std::uint64_t offset = m_written;
    const bool largeSize = entry.size >= kFull32, largeOffset = offset >= kFull32;
    // What both headers begin with.
    const auto common = [&](std::string& bytes, bool large) {
        append<std::uint16_t>(bytes, large ? kZip64Version : kPlainVersion);
        append<std::uint16_t>(bytes, kUtf8Name);
        append<std::uint16_t>(bytes, entry.method);
        append<std::uint16_t>(bytes, 0);
        append<std::uint16_t>(bytes, kFirstOfJanuary1980);
        append<std::uint32_t>(bytes, entry.crc);
        append<std::uint32_t>(bytes, largeSize ? kFull32 : packed.size());
        append<std::uint32_t>(bytes, largeSize ? kFull32 : entry.size);
        append<std::uint16_t>(bytes, entry.name.size());
    };
    const auto zip64 = [&](std::string& bytes, bool withOffset) {
        const std::uint64_t fields = (largeSize ? 16u : 0u) + (withOffset ? 8u : 0u);
        if (fields == 0)
            return;
        append<std::uint16_t>(bytes, 1);
        append<std::uint16_t>(bytes, fields);
        if (largeSize) {
            append<std::uint64_t>(bytes, entry.size);
            append<std::uint64_t>(bytes, packed.size());
        }
        if (withOffset)
            append<std::uint64_t>(bytes, offset);
    };
    const auto extraSize = [&](bool withOffset) {
        const unsigned fields = (largeSize ? 16u : 0u) + (withOffset ? 8u : 0u);
        return fields == 0 ? 0u : fields + 4u;
    };

    std::string local;
    append<std::uint32_t>(local, 0x04034b50);
    common(local, largeSize);
    append<std::uint16_t>(local, extraSize(false));
    local += entry.name;
    zip64(local, false);
    put(local);
    m_file.write(packed);
    m_written += packed.size();

    append<std::uint32_t>(m_directory, 0x02014b50);
    append<std::uint16_t>(m_directory, kZip64Version);
    common(m_directory, largeSize || largeOffset);
    append<std::uint16_t>(m_directory, extraSize(largeOffset));
    append<std::uint16_t>(m_directory, 0); // comment
    append<std::uint16_t>(m_directory, 0); // disk
    append<std::uint16_t>(m_directory, 0); // attributes
    append<std::uint32_t>(m_directory, 0);
    append<std::uint32_t>(m_directory, largeOffset ? kFull32 : offset);
    m_directory += entry.name;
    zip64(m_directory, largeOffset);
    ++m_entries;
}

void ZipWriter::finish() {
    const std::uint64_t offset = m_written;
    put(m_directory);
    std::string end;
    if (m_entries >= kFull16 || offset >= kFull32 || m_directory.size() >= kFull32) {
        const std::uint64_t at = m_written;
        append<std::uint32_t>(end, 0x06064b50);
        append<std::uint64_t>(end, 44); // bytes that follow
        append<std::uint16_t>(end, kZip64Version);
        append<std::uint16_t>(end, kZip64Version);
        append<std::uint64_t>(end, 0); // this disk, and that of the directory
        append<std::uint64_t>(end, m_entries);
        append<std::uint64_t>(end, m_entries);
        append<std::uint64_t>(end, m_directory.size());
        append<std::uint64_t>(end, offset);
        append<std::uint32_t>(end, 0x07064b50);
        append<std::uint32_t>(end, 0);
        append<std::uint64_t>(end, at);
        append<std::uint32_t>(end, 1);
    }
    append<std::uint32_t>(end, 0x06054b50);
    append<std::uint32_t>(end, 0);
    append<std::uint16_t>(end, std::min(m_entries, kFull16));
    append<std::uint16_t>(end, std::min(m_entries, kFull16));
    append<std::uint32_t>(end, std::min<std::uint64_t>(m_directory.size(), kFull32));
    append<std::uint32_t>(end, std::min(offset, kFull32));
    append<std::uint16_t>(end, 0);
    put(end);
    m_file.moveIntoPlace();
}

void ZipWriter::put(std::string_view bytes) {
    m_file.write(bytes);
    m_written += bytes.size();
}

} // namespace steploom
