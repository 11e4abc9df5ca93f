// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/testing/torch_writer.h"

#include <zlib.h>

#include <cstring>
#include <stdexcept>

namespace steploom::testing {
namespace {

template <typename Number>
void append(std::string& bytes, Number value) {
    char raw[sizeof value];
    std::memcpy(raw, &value, sizeof value);
    bytes.append(raw, sizeof value);
}

std::string deflated(const std::string& content) {
    z_stream stream{};
    deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    std::string packed(deflateBound(&stream, content.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
    stream.avail_in = static_cast<uInt>(content.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    deflate(&stream, Z_FINISH);
    packed.resize(packed.size() - stream.avail_out);
    deflateEnd(&stream);
    return packed;
}

std::uint32_t crcOf(const std::string& content) {
    return static_cast<std::uint32_t>(
        crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size()));
}

const char* storageClass(DType dtype) {
    switch (dtype) {
    case DType::F64:
        return "DoubleStorage";
    case DType::F32:
        return "FloatStorage";
    case DType::F16:
        return "HalfStorage";
    case DType::BF16:
        return "BFloat16Storage";
    case DType::I64:
        return "LongStorage";
    case DType::U8:
        return "ByteStorage";
    case DType::Bool:
        return "BoolStorage";
    default:
        throw std::invalid_argument("this writer has no storage class for that type");
    }
}

std::int64_t storageElements(const TorchStorageBytes& storage) {
    return static_cast<std::int64_t>(storage.bytes.size() / dtypeSize(storage.dtype));
}

} // namespace

std::string zipArchive(const std::vector<ZipItem>& items, bool zip64) {
    constexpr std::uint16_t kSizesFollow = 8, kUtf8 = 0x800;
    std::string bytes, directory;
    struct Place {
        std::uint64_t offset, packed;
    };
    std::vector<Place> places;
    for (const ZipItem& item : items) {
        const std::string packed = item.deflated ? deflated(item.content) : item.content;
        const std::uint64_t size = item.claimedSize.value_or(item.content.size());
        const std::uint64_t packedSize = item.deflated || !item.claimedSize ? packed.size() : size;
        const auto method = item.method.value_or(item.deflated ? 8 : 0);
        const auto flags =
            static_cast<std::uint16_t>(item.flags | kUtf8 | (item.sizesFollow ? kSizesFollow : 0));
        const std::uint32_t crc = crcOf(item.content);
        const std::string localName = item.localName.value_or(item.name);

        Place place{bytes.size(), packedSize};
        if (item.contentOf) {
            place = places.at(*item.contentOf);
        } else {
            append<std::uint32_t>(bytes, 0x04034b50);
            append<std::uint16_t>(bytes, 0);
            append<std::uint16_t>(bytes, flags);
            append<std::uint16_t>(bytes, method);
            append<std::uint32_t>(bytes, 0);
            append<std::uint32_t>(bytes, item.sizesFollow ? 0 : item.localCrc.value_or(crc));
            append<std::uint32_t>(bytes, item.sizesFollow ? 0 : static_cast<std::uint32_t>(packedSize));
            append<std::uint32_t>(bytes, item.sizesFollow ? 0 : static_cast<std::uint32_t>(size));
            append<std::uint16_t>(bytes, static_cast<std::uint16_t>(localName.size()));
            const std::size_t headerEnd = bytes.size() + 2 + localName.size() + 4;
            const std::size_t padding = (64 - headerEnd % 64) % 64;
            append<std::uint16_t>(bytes, static_cast<std::uint16_t>(4 + padding));
            bytes += localName;
            bytes += "FB";
            append<std::uint16_t>(bytes, static_cast<std::uint16_t>(padding));
            bytes.append(padding, 'Z');
            bytes += packed;
            if (item.sizesFollow) {
                append<std::uint32_t>(bytes, 0x08074b50);
                append<std::uint32_t>(bytes, crc);
                append<std::uint32_t>(bytes, static_cast<std::uint32_t>(packedSize));
                append<std::uint32_t>(bytes, static_cast<std::uint32_t>(size));
            }
        }
        places.push_back(place);

        append<std::uint32_t>(directory, 0x02014b50);
        append<std::uint16_t>(directory, 0);
        append<std::uint16_t>(directory, 0);
        append<std::uint16_t>(directory, flags);
        append<std::uint16_t>(directory, method);
        append<std::uint32_t>(directory, 0);
        append<std::uint32_t>(directory, crc);
        append<std::uint32_t>(directory, zip64 ? 0xFFFFFFFF : static_cast<std::uint32_t>(place.packed));
        append<std::uint32_t>(directory, zip64 ? 0xFFFFFFFF : static_cast<std::uint32_t>(size));
        append<std::uint16_t>(directory, static_cast<std::uint16_t>(item.name.size()));
        append<std::uint16_t>(directory, zip64 ? 28 : 0);
        append<std::uint16_t>(directory, 0);
        append<std::uint16_t>(directory, 0);
        append<std::uint16_t>(directory, 0);
        append<std::uint32_t>(directory, 0);
        append<std::uint32_t>(directory, zip64 ? 0xFFFFFFFF : static_cast<std::uint32_t>(place.offset));
        directory += item.name;
        if (zip64) {
            append<std::uint16_t>(directory, 1);
            append<std::uint16_t>(directory, 24);
            append<std::uint64_t>(directory, size);
            append<std::uint64_t>(directory, place.packed);
            append<std::uint64_t>(directory, place.offset);
        }
    }
    const std::uint64_t offset = bytes.size();
    bytes += directory;
    if (zip64) {
        const std::uint64_t at = bytes.size();
        append<std::uint32_t>(bytes, 0x06064b50);
        append<std::uint64_t>(bytes, 44);
        append<std::uint32_t>(bytes, 0);
        append<std::uint32_t>(bytes, 0);
        append<std::uint32_t>(bytes, 0);
        append<std::uint64_t>(bytes, items.size());
        append<std::uint64_t>(bytes, items.size());
        append<std::uint64_t>(bytes, directory.size());
        append<std::uint64_t>(bytes, offset);
        append<std::uint32_t>(bytes, 0x07064b50);
        append<std::uint32_t>(bytes, 0);
        append<std::uint64_t>(bytes, at);
        append<std::uint32_t>(bytes, 1);
    }
    append<std::uint32_t>(bytes, 0x06054b50);
    append<std::uint32_t>(bytes, 0);
    append<std::uint16_t>(bytes, zip64 ? 0xFFFF : static_cast<std::uint16_t>(items.size()));
    append<std::uint16_t>(bytes, zip64 ? 0xFFFF : static_cast<std::uint16_t>(items.size()));
    append<std::uint32_t>(bytes, zip64 ? 0xFFFFFFFF : static_cast<std::uint32_t>(directory.size()));
    append<std::uint32_t>(bytes, zip64 ? 0xFFFFFFFF : static_cast<std::uint32_t>(offset));
    append<std::uint16_t>(bytes, 0);
    return bytes;
}

PickleText& PickleText::text(const std::string& value) {
    m_bytes += 'X';
    append(m_bytes, static_cast<std::uint32_t>(value.size()));
    m_bytes += value;
    return *this;
}

PickleText& PickleText::integer(std::int64_t value) {
    if (value >= INT32_MIN && value <= INT32_MAX) {
        m_bytes += 'J';
        append(m_bytes, static_cast<std::int32_t>(value));
    } else {
        m_bytes += "\x8a\x08"; // LONG1
        append(m_bytes, value);
    }
    return *this;
}

PickleText& PickleText::integers(const std::vector<std::int64_t>& values) {
    op('(');
    for (const std::int64_t value : values)
        integer(value);
    return op('t');
}

void pickleTensor(PickleText& pickle, const TorchItem& item, const TorchStorages& storages) {
    const TorchStorageBytes& storage = storages.at(item.storage);
    std::vector<std::int64_t> stride = item.stride;
    if (stride.empty()) {
        stride.resize(item.shape.size());
        std::int64_t step = 1;
        for (std::size_t axis = item.shape.size(); axis-- > 0; step *= item.shape[axis])
            stride[axis] = step;
    }
    pickle.global("torch._utils", "_rebuild_tensor_v2").op("((");
    pickle.text("storage").global("torch", storageClass(storage.dtype)).text(item.storage).text("cpu");
    pickle.integer(item.storageElements.value_or(storageElements(storage))).op("tQ");
    pickle.integer(item.offset).integers(item.shape).integers(stride).boolean(false);
    pickle.global("collections", "OrderedDict").op(")RtR");
}

void pickleStateDict(PickleText& pickle, const std::vector<TorchItem>& items, const TorchStorages& storages) {
    pickle.global("collections", "OrderedDict").op(")R(");
    for (const TorchItem& item : items) {
        pickle.text(item.name);
        pickleTensor(pickle, item, storages);
    }
    pickle.op('u');
    // PyTorch hangs the versions of the modules onto the dictionary.
    pickle.op('}').text("_metadata").global("collections", "OrderedDict").op(")Rsb");
}

std::string torchArchive(const std::string& pickle, const TorchStorages& storages, bool zip64,
                         bool deflated) {
    std::vector<ZipItem> items{{.name = "archive/data.pkl", .content = pickle, .sizesFollow = true},
                               {.name = "archive/byteorder", .content = "little", .sizesFollow = true}};
    for (const auto& [key, storage] : storages)
        items.push_back({.name = "archive/data/" + key, .content = storage.bytes, .sizesFollow = true});
    items.push_back({.name = "archive/version", .content = "3\n", .sizesFollow = true});
    for (ZipItem& item : items)
        item.deflated = deflated;
    return zipArchive(items, zip64);
}

std::string legacyTorchFile(const std::string& pickle, const TorchStorages& storages) {
    std::string bytes("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.", 15);
    bytes += PickleText().integer(1001).bytes();
    bytes += PickleText().op('}').text("little_endian").boolean(true).op('s').bytes();
    bytes += pickle;
    PickleText keys;
    keys.op("](");
    for (const auto& [key, storage] : storages)
        keys.text(key);
    bytes += keys.op('e').bytes();
    for (const auto& [key, storage] : storages) {
        append<std::int64_t>(bytes, storageElements(storage));
        bytes += storage.bytes;
    }
    return bytes;
}

TorchStorageBytes floatStorage(const std::vector<float>& values) {
    return {DType::F32, {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)}};
}

std::string torchArchiveOf(const std::map<std::string, TensorView>& tensors) {
    TorchStorages storages;
    std::vector<TorchItem> items;
    for (const auto& [name, view] : tensors) {
        const std::string key = std::to_string(items.size());
        storages[key] = {view.dtype, {reinterpret_cast<const char*>(view.bytes.data()), view.bytes.size()}};
        items.push_back({.name = name, .storage = key, .shape = view.shape});
    }
    PickleText pickle;
    pickleStateDict(pickle, items, storages);
    return torchArchive(pickle.bytes(), storages);
}

} // namespace steploom::testing
