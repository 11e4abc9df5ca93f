// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/torch_file.h"

#include "engine/checkpoint/little_endian.h"
#include "engine/checkpoint/shown_name.h"
#include "engine/checkpoint/torch_types.h"
#include "engine/core/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace steploom {
namespace {

constexpr const char* kWhat = "cannot read the PyTorch file";
constexpr const char* kDownloadAgain = "The file is damaged or cut off: download or save it again";
constexpr const char* kSaveAgain = "Save the checkpoint again with torch.save";

/// 0x1950a86a20f9469cfc6c as protocol 2 pickles it: how files from before PyTorch 1.6 begin.
constexpr std::array<unsigned char, 15> kLegacyMagic = {0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46,
                                                        0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e};
constexpr std::int64_t kLegacyProtocol = 1001;

bool isLegacy(std::span<const std::byte> bytes) {
    return bytes.size() > kLegacyMagic.size() &&
           std::ranges::equal(kLegacyMagic, bytes.first(kLegacyMagic.size()), {}, {},
                              [](std::byte byte) { return std::to_integer<unsigned char>(byte); });
}

std::string_view textOf(std::span<const std::byte> bytes) {
    std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    while (!text.empty() && (text.back() == '\n' || text.back() == '\0'))
        text.remove_suffix(1);
    return text;
}

} // namespace

TorchFile TorchFile::read(std::span<const std::byte> bytes, std::string where) {
    TorchFile file;
    file.m_where = std::move(where);
    file.m_bytes = bytes;
    if (ZipArchive::isOne(bytes))
        file.readArchive(bytes);
    else if (isLegacy(bytes))
        file.readLegacy(bytes);
    else
        file.refuse(
            {},
            fmt::format("its {} bytes begin neither as a zip archive nor as the older form of torch.save",
                        bytes.size()),
            "Give a file that torch.save wrote, or a safetensors file");
    return file;
}

void TorchFile::refuse(std::string_view tensor, std::string why, std::string remedy) const {
    throw Error(ErrorKind::File,
                {kWhat,
                 tensor.empty() ? m_where : fmt::format("{}, tensor \"{}\"", m_where, shownName(tensor)),
                 std::move(why), remedy.empty() ? kDownloadAgain : std::move(remedy)});
}

void TorchFile::readArchive(std::span<const std::byte> bytes) {
    m_archive = ZipArchive::read(bytes, m_where);
    // One folder holds all: NAME/data.pkl, NAME/data/0, NAME/byteorder, NAME/version.
    constexpr std::string_view kPickle = "/data.pkl";
    const ZipEntry* pickle = nullptr;
    std::string name;
    for (const auto& [entryName, entry] : m_archive->entries()) {
        if (!entryName.ends_with(kPickle) || entryName.find('/') + kPickle.size() != entryName.size())
            continue;
        if (pickle)
            refuse({}, fmt::format("it has two pickles, {} and {}", name, entryName), kSaveAgain);
        pickle = &entry;
        name = entryName;
    }
    if (!pickle && m_archive->find("constants.pkl"))
        refuse({}, "it is a TorchScript program", "Save model.state_dict() with torch.save");
    if (!pickle)
        refuse({}, "it is a zip archive without a data.pkl", "Give a file that torch.save wrote");
    m_prefix = name.substr(0, name.size() - kPickle.size() + 1);
    if (m_archive->find(m_prefix + "constants.pkl"))
        refuse({}, "it is a TorchScript program", "Save model.state_dict() with torch.save");
    const auto content = [this](const std::string& entryName, const ZipEntry& entry) {
        if (!entry.deflated)
            return entry.packed;
        m_owned.push_back(
            std::make_shared<const std::vector<std::byte>>(m_archive->inflate(entryName, entry)));
        return std::span<const std::byte>(*m_owned.back());
    };
    if (const ZipEntry* order = m_archive->find(m_prefix + "byteorder")) {
        const std::string_view text = textOf(content(m_prefix + "byteorder", *order));
        if (text != "little")
            refuse({},
                   text == "big" ? "its numbers are big-endian" : "its byteorder is neither little nor big",
                   "Save the checkpoint on a little-endian machine (x86, ARM)");
    }
    const auto pickled = content(name, *pickle);
    const std::string where = fmt::format("{}, {}", m_where, name);
    m_document = readPickle(pickled, where);
    if (m_document.consumed() != pickled.size())
        refuse({}, fmt::format("its pickle ends at byte {} of {}", m_document.consumed(), pickled.size()));
}

/// Five pickles in a row (magic number, protocol, facts about the machine, the object, keys of the storages),
/// then each storage: its number of elements (int64) and its elements.
void TorchFile::readLegacy(std::span<const std::byte> bytes) {
    std::span<const std::byte> rest = bytes;
    const auto next = [&](const char* part) {
        const PickleLimits limits; // the storages follow: what a pickle may not have it need not be shown
        PickleDocument document = readPickle(rest.first(std::min(rest.size(), limits.bytes)),
                                             fmt::format("{}, {}", m_where, part), limits);
        rest = rest.subspan(document.consumed());
        return document;
    };
    next("magic number");
    const PickleDocument protocol = next("protocol");
    if (protocol.root().kind != PickleKind::Integer || protocol.root().integer != kLegacyProtocol)
        refuse({}, "it is of another protocol than 1001", kSaveAgain);
    const PickleDocument machine = next("machine");
    if (const PickleNode* little = machine.find(&machine.root(), "little_endian");
        !little || little->kind != PickleKind::Boolean || !little->integer)
        refuse({}, "its numbers are big-endian", "Save the checkpoint on a little-endian machine (x86, ARM)");
    m_document = next("object");
    const PickleDocument keys = next("storage keys");
    findLegacyStorages(rest, keys);
}

void TorchFile::findLegacyStorages(std::span<const std::byte> rest, const PickleDocument& keys) {
    std::map<std::string_view, std::size_t> elementSizes;
    for (const PickleNode& node : m_document.nodes()) {
        if (node.kind != PickleKind::Persistent)
            continue;
        const PickleNode& id = m_document.at(node.arguments);
        const PickleNode* type = m_document.element(&id, 1);
        const PickleNode* key = m_document.element(&id, 2);
        if (!type || !key || type->kind != PickleKind::Global || key->kind != PickleKind::Text)
            continue;
        const std::size_t size = storageElementSize(type->text);
        if (!size)
            refuse({}, fmt::format("a storage is of the unknown type {}", type->text), kSaveAgain);
        elementSizes[key->text] = size;
    }
    if (keys.root().kind != PickleKind::List)
        refuse({}, "its list of storages is no list");
    for (const PickleId id : keys.root().items) {
        const PickleNode& key = keys.at(id);
        const auto known = key.kind == PickleKind::Text ? elementSizes.find(key.text) : elementSizes.end();
        if (known == elementSizes.end())
            refuse({}, "it has a storage that no tensor uses");
        std::uint64_t size = 0;
        if (rest.size() < sizeof size ||
            __builtin_mul_overflow(littleEndian<std::uint64_t>(rest, 0), known->second, &size) ||
            size > rest.size() - sizeof(std::int64_t))
            refuse({}, fmt::format("it breaks off in storage {} of {}", m_storages.size() + 1,
                                   keys.root().items.size()));
        if (!m_storages.emplace(key.text, rest.subspan(sizeof size, size)).second)
            refuse({}, fmt::format("it has two storages of the key {}", shownName(key.text)));
        rest = rest.subspan(sizeof size + size);
    }
}

std::span<const std::byte> TorchFile::storageBytes(std::string_view key, std::string_view name) {
    if (const auto found = m_storages.find(key); found != m_storages.end())
        return found->second;
    const std::string entryName = fmt::format("{}data/{}", m_prefix, key);
    const ZipEntry* entry = m_archive ? m_archive->find(entryName) : nullptr;
    if (!entry)
        refuse(name, fmt::format("its storage {} is not in the file", shownName(key)));
    std::span<const std::byte> bytes = entry->packed;
    if (entry->deflated) {
        m_owned.push_back(
            std::make_shared<const std::vector<std::byte>>(m_archive->inflate(entryName, *entry)));
        bytes = *m_owned.back();
    }
    return m_storages.emplace(key, bytes).first->second;
}

} // namespace steploom
