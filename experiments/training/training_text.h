// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace steploom {

class MappedFile;

/// What a file was, for who wants to know later whether it is the same.
struct FileHash {
    std::string name; ///< without its folder
    std::uint64_t bytes = 0;
    std::string sha256; ///< lower-case hexadecimal
};

/// UTF-8 text files as one list of documents. `<|endoftext|>` separates documents, on a line of its own or
/// between them on one; so does the end of a file. The files stay mapped and are not copied: gigabytes take
/// address space and a pass over them, no memory. Copies share the mapping.
class TrainingText {
public:
    static constexpr std::string_view kMarker = "<|endoftext|>";
    /// Less text than this is a mistake of whoever gave it, not something to learn from.
    static constexpr std::size_t kLeastBytes = 64;

    /// Throws Error(File) for a file that cannot be read; Error(Text) for invalid UTF-8 (file, line, byte
    /// position of the first bad byte, both as counted from the beginning of the file), for text without a
    /// single document, and for fewer than kLeastBytes.
    static TrainingText read(std::span<const std::filesystem::path> files);

    /// In the order of the files, without marker and the line breaks around it (and without a byte-order
    /// mark). Documents of white space alone are left out.
    std::span<const std::string_view> documents() const noexcept { return m_documents; }
    /// Of all documents together.
    std::size_t bytes() const noexcept { return m_bytes; }
    /// In the order given.
    const std::vector<FileHash>& files() const noexcept { return m_files; }
    /// Throws Error(File) when a file was written to since it was read.
    void requireUnchanged() const;

private:
    void addDocuments(std::string_view text);

    std::vector<std::shared_ptr<const MappedFile>> m_mapped;
    std::vector<FileHash> m_files;
    std::vector<std::string_view> m_documents;
    std::size_t m_bytes = 0;
};

} // namespace steploom
