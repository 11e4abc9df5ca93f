// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/tensor/dtype.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace steploom::testing {

/// An entry of a zip archive, with the lies a test may want told.
struct ZipItem {
    std::string name;
    std::string content;
    bool deflated = false;
    bool sizesFollow = false;                 ///< no sizes in the local header, as torch.save writes it
    std::uint16_t flags = 0;                  ///< more flags: 1 is "encrypted"
    std::optional<std::uint16_t> method;      ///< another than the one used
    std::optional<std::string> localName;     ///< another in the local header
    std::optional<std::uint64_t> claimedSize; ///< another unpacked size, in both headers
    std::optional<std::uint32_t> localCrc;    ///< another checksum in the local header
    std::optional<std::size_t> contentOf;     ///< shares header and content of this earlier item
};
/// A zip archive; entries begin at multiples of 64 as torch.save aligns them. `zip64` writes all sizes and
/// offsets into the zip64 fields.
std::string zipArchive(const std::vector<ZipItem>& items, bool zip64 = false);

/// Bytes of a pickle, opcode by opcode (protocol 2).
class PickleText {
public:
    PickleText() : m_bytes("\x80\x02", 2) {}
    PickleText& op(char opcode) {
        m_bytes += opcode;
        return *this;
    }
    PickleText& op(const std::string& opcodes) {
        m_bytes += opcodes;
        return *this;
    }
    PickleText& text(const std::string& value);
    PickleText& integer(std::int64_t value);
    PickleText& boolean(bool value) { return op(value ? '\x88' : '\x89'); }
    PickleText& global(const std::string& module, const std::string& name) {
        return op('c').op(module + "\n" + name + "\n");
    }
    /// A tuple of integers.
    PickleText& integers(const std::vector<std::int64_t>& values);
    /// With STOP at its end.
    std::string bytes() const { return m_bytes + '.'; }

private:
    std::string m_bytes;
};

/// A tensor of a PyTorch file: `stride` and `offset` in elements; empty stride: row-major.
struct TorchItem {
    std::string name;
    std::string storage; ///< key
    std::vector<std::int64_t> shape;
    std::vector<std::int64_t> stride{};
    std::int64_t offset = 0;
    std::optional<std::int64_t> storageElements{}; ///< another number than the storage has
};
struct TorchStorageBytes {
    DType dtype = DType::F32;
    std::string bytes;
};
using TorchStorages = std::map<std::string, TorchStorageBytes>;

/// Appends the tensor as torch.save pickles it.
void pickleTensor(PickleText& pickle, const TorchItem& item, const TorchStorages& storages);
/// An OrderedDict of tensors.
void pickleStateDict(PickleText& pickle, const std::vector<TorchItem>& items, const TorchStorages& storages);
/// The zip archive that torch.save makes of a pickle and its storages.
std::string torchArchive(const std::string& pickle, const TorchStorages& storages, bool zip64 = false,
                         bool deflated = false);
/// The form of before PyTorch 1.6.
std::string legacyTorchFile(const std::string& pickle, const TorchStorages& storages);

/// A storage of floats.
TorchStorageBytes floatStorage(const std::vector<float>& values);
/// What torch.save(model.state_dict()) would write of these tensors.
std::string torchArchiveOf(const std::map<std::string, TensorView>& tensors);

} // namespace steploom::testing
