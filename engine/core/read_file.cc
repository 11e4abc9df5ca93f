// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/read_file.h"

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

namespace steploom {

std::string readFile(const std::filesystem::path& path, ErrorKind kind, const std::string& what) {
    std::error_code failure;
    const auto status = std::filesystem::status(path, failure);
    if (!std::filesystem::exists(status))
        throw Error(kind, {what, path.string(), "there is no such file", "Check the path"});
    if (!std::filesystem::is_regular_file(status))
        throw Error(kind, {what, path.string(), "it is not a regular file", "Give the path of a file"});
    if (const auto size = std::filesystem::file_size(path, failure); !failure && size > kMostFileBytes)
        throw Error(kind, {what, path.string(),
                           "it has " + std::to_string(size) + " bytes, more than the " +
                               std::to_string(kMostFileBytes) + " that such a file may have",
                           "Check that this is the file that was meant"});
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (!file.is_open() || file.bad())
        throw Error(kind, {what, path.string(),
                           "it cannot be read (" + std::generic_category().message(errno) + ")",
                           "Check its permissions and the disk"});
    return text;
}

} // namespace steploom
