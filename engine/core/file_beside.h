// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace steploom {

/// A file that is written under a name of its own beside `final`, and takes that name when it is whole: who
/// reads `final` finds the old file or the new one. Gone again unless it was moved into place.
class FileBeside {
public:
    /// Errors are Error(File) that begin with `what` ("cannot write the tensor file") and name `final`.
    FileBeside(const std::filesystem::path& final, std::string what);
    ~FileBeside();
    FileBeside(const FileBeside&) = delete;
    FileBeside& operator=(const FileBeside&) = delete;

    void write(std::span<const std::byte> bytes);
    void write(std::string_view text) { write(std::as_bytes(std::span(text))); }
    /// Bytes first, then the name, then the folder that holds the name: after a power cut there is the old
    /// file or the new one.
    void moveIntoPlace();

private:
    [[noreturn]] void fail(const std::string& why, std::string remedy) const;

    std::filesystem::path m_final;
    std::filesystem::path m_path;
    std::string m_what;
    int m_descriptor = -1;
    bool m_renamed = false;
};

} // namespace steploom
