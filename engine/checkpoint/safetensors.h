// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/tensor/dtype.h"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace steploom {

/// A file mapped read-only for as long as somebody holds it. Throws Error(File).
class MappedFile {
public:
    static std::shared_ptr<const MappedFile> open(const std::filesystem::path& path);
    ~MappedFile();
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;

    const std::filesystem::path& path() const noexcept { return m_path; }
    std::span<const std::byte> bytes() const noexcept { return m_bytes; }
    /// Throws Error(File) when the file was shortened or written to since it was mapped: its bytes are then
    /// no longer those that were checked, and reading past a new end would end the process. A file that
    /// another took the place of (by renaming) stays as it was.
    void requireUnchanged() const;
    /// Lets go of the pages that were read: they count as this process's memory while they are mapped, though
    /// the system could have them back at any time. Reading them again brings them back.
    void releasePages() const noexcept;

private:
    MappedFile() = default;
    std::filesystem::path m_path;
    std::span<const std::byte> m_bytes;
    int m_descriptor = -1;
    std::int64_t m_modified = 0; ///< nanoseconds
};

/// Reads the header of a mapped safetensors file: 8 bytes of little-endian header size, a JSON table
/// {name: {dtype, shape, data_offsets}}, then the data. The table is not believed: sizes, offsets, overlaps,
/// duplicate names and element types are checked, and Error(File) says which entry lies.
std::map<std::string, TensorView> readSafetensors(const MappedFile& file);
/// The same for a file whose bytes lie in memory: the views borrow them, errors name `path`.
std::map<std::string, TensorView> readSafetensors(std::span<const std::byte> bytes,
                                                  const std::filesystem::path& path);

/// What to write as one tensor. The bytes are borrowed until writeSafetensors returns.
struct TensorToWrite {
    std::string name;
    DType dtype;
    std::vector<std::int64_t> shape;
    std::span<const std::byte> bytes;
};

/// Takes the bytes of a tensor in order, in pieces of any size.
using ByteSink = std::function<void(std::span<const std::byte>)>;

/// A tensor whose bytes are made while it is written, so that a converted checkpoint is never in memory as a
/// whole.
struct TensorToProduce {
    std::string name;
    DType dtype;
    std::vector<std::int64_t> shape;
    std::function<void(const ByteSink&)> produce; ///< called once; may throw, then no file appears
};

/// Writes a safetensors file beside its final place and renames it, so that no reader sees half of one.
/// Throws Error(File).
void writeSafetensors(const std::filesystem::path& path, std::span<const TensorToWrite> tensors);
void writeSafetensors(const std::filesystem::path& path, std::span<const TensorToProduce> tensors);

} // namespace steploom
