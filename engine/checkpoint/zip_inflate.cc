// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/shown_name.h"
#include "engine/checkpoint/zip_archive.h"
#include "engine/core/error.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>

namespace steploom {
namespace {

/// zlib counts in 32 bits: longer stretches go through it in pieces.
constexpr std::size_t kPiece = 1u << 30;

/// zlib's inflating state of one raw deflate stream; gone with the object.
class Inflater {
public:
    Inflater() : m_ready(inflateInit2(&m_stream, -MAX_WBITS) == Z_OK) {}
    ~Inflater() {
        if (m_ready)
            inflateEnd(&m_stream);
    }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;

    /// Whether `packed`, to its last byte, unpacks to as many bytes as `out` has.
    bool unpack(std::span<const std::byte> packed, std::span<std::byte> out) {
        if (!m_ready)
            return false;
        std::byte nowhere; // zlib wants an address even for no bytes
        for (;;) {
            const std::size_t given = std::min(packed.size(), kPiece), room = std::min(out.size(), kPiece);
            m_stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(packed.data()));
            m_stream.avail_in = static_cast<uInt>(given);
            m_stream.next_out = reinterpret_cast<Bytef*>(out.empty() ? &nowhere : out.data());
            m_stream.avail_out = static_cast<uInt>(room);
            const int outcome = inflate(&m_stream, Z_NO_FLUSH);
            packed = packed.subspan(given - m_stream.avail_in);
            out = out.subspan(room - m_stream.avail_out);
            if (outcome == Z_STREAM_END)
                return packed.empty() && out.empty();
            const bool moved = m_stream.avail_in < given || m_stream.avail_out < room;
            if (outcome != Z_OK || !moved)
                return false;
        }
    }

private:
    z_stream m_stream{};
    bool m_ready;
};

} // namespace

std::vector<std::byte> ZipArchive::inflate(std::string_view name, const ZipEntry& entry) const {
    const auto refuse = [&](std::string why) {
        throw Error(ErrorKind::File,
                    {"cannot read the archive", fmt::format("{}, entry \"{}\"", m_where, shownName(name)),
                     std::move(why), "The file is damaged or cut off: download or save it again"});
    };
    std::vector<std::byte> bytes(entry.size);
    if (!Inflater().unpack(entry.packed, bytes))
        refuse(fmt::format("its {} packed bytes do not unpack to the {} that the directory names",
                           entry.packed.size(), entry.size));
    const uLong crc = crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
    if (crc != entry.crc)
        refuse(fmt::format("its checksum is {:08x}, it should be {:08x}", crc, entry.crc));
    return bytes;
}

} // namespace steploom
