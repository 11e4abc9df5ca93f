// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/pickle.h"
#include "engine/checkpoint/zip_archive.h"
#include "engine/tensor/dtype.h"

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace steploom {

/// Memory that tensors view besides mapped files: inflated storages, contiguous copies.
using OwnedBytes = std::shared_ptr<const std::vector<std::byte>>;

/// What torch.save wrote: a pickle, and the storages that its tensors are views of. Read are the zip archives
/// of PyTorch 1.6 and later and the plain files of the versions before.
class TorchFile {
public:
    /// Reads table and pickle of `bytes`, which must outlive the file and every tensor taken from it; no
    /// storage is touched. `where` names the file in errors. Throws Error(File).
    static TorchFile read(std::span<const std::byte> bytes, std::string where);

    const PickleDocument& document() const noexcept { return m_document; }
    const std::string& where() const noexcept { return m_where; }

    /// Whether the value is a tensor or parameter.
    bool isTensor(const PickleNode& node) const;
    /// The tensor as a view: of the file itself where the storage is stored unpacked and the elements lie in
    /// row-major order, else of memory in owned(). Tensors that share a storage share its bytes. Element
    /// type, shape, strides and offset are held against the storage. `name` stands in errors, of kind File.
    TensorView tensor(const PickleNode& node, std::string_view name);
    /// Its shape alone, as it claims it.
    std::vector<std::int64_t> shape(const PickleNode& node, std::string_view name) const;

    /// Keeps alive what tensors taken so far view, the file's own bytes apart.
    const std::vector<OwnedBytes>& owned() const noexcept { return m_owned; }

private:
    /// A tensor as the pickle describes it.
    struct Recipe {
        const PickleNode* storage = nullptr;
        const PickleNode* offset = nullptr;
        const PickleNode* size = nullptr;
        const PickleNode* stride = nullptr;
        const PickleNode* dtype = nullptr;    ///< null: the storage's own
        const PickleNode* metadata = nullptr; ///< null: none
    };
    struct Storage {
        std::span<const std::byte> bytes;
        DType dtype = DType::U8;
    };

    void readArchive(std::span<const std::byte> bytes);
    void readLegacy(std::span<const std::byte> bytes);
    void findLegacyStorages(std::span<const std::byte> rest, const PickleDocument& keys);
    [[noreturn]] void refuse(std::string_view tensor, std::string why, std::string remedy = {}) const;

    std::optional<Recipe> recipeOf(const PickleNode& node) const;
    Recipe requireRecipe(const PickleNode& node, std::string_view name) const;
    std::vector<std::int64_t> sizes(const PickleNode* node, std::string_view name, const char* what) const;
    Storage storageOf(const PickleNode* node, std::string_view name);
    std::span<const std::byte> storageBytes(std::string_view key, std::string_view name);
    TensorView gather(TensorView view, std::span<const std::byte> source,
                      std::span<const std::int64_t> stride);

    std::string m_where;
    std::span<const std::byte> m_bytes;
    PickleDocument m_document;
    std::optional<ZipArchive> m_archive; ///< none for the plain files of old
    std::string m_prefix;                ///< of the archive's entries: "pytorch_model/"
    std::map<std::string, std::span<const std::byte>, std::less<>> m_storages; ///< by key, once found
    std::vector<OwnedBytes> m_owned;
    std::uint64_t m_copied = 0; ///< bytes of contiguous copies
};

} // namespace steploom
