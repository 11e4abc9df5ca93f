// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/safetensors.h"

#include "engine/core/error.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace steploom {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& why,
                         const std::string& remedy) {
    throw Error(ErrorKind::File, {"cannot open the tensor file", path.string(), why, remedy});
}

std::int64_t modifiedAt(const struct stat& status) {
    return static_cast<std::int64_t>(status.st_mtim.tv_sec) * 1'000'000'000 + status.st_mtim.tv_nsec;
}

} // namespace

std::shared_ptr<const MappedFile> MappedFile::open(const std::filesystem::path& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        refuse(path, std::generic_category().message(errno),
               "Check the path and the permissions of the file");
    struct stat status {};
    if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
        ::close(descriptor);
        refuse(path, "it is not a regular file", "Give the path of a file");
    }
    const auto size = static_cast<std::size_t>(status.st_size);
    // An empty file cannot be mapped; it has no bytes, which its reader will say better.
    void* address = size ? ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0) : nullptr;
    const int problem = errno;
    if (address == MAP_FAILED) {
        ::close(descriptor);
        refuse(path, "it cannot be mapped into memory (" + std::generic_category().message(problem) + ")",
               "Free memory, or copy the file to a local disk");
    }
    std::shared_ptr<MappedFile> file(new MappedFile);
    file->m_path = path;
    file->m_bytes = {static_cast<const std::byte*>(address), size};
    file->m_descriptor = descriptor;
    file->m_modified = modifiedAt(status);
    return file;
}

MappedFile::~MappedFile() {
    if (!m_bytes.empty())
        ::munmap(const_cast<std::byte*>(m_bytes.data()), m_bytes.size());
    if (m_descriptor >= 0)
        ::close(m_descriptor);
}

void MappedFile::requireUnchanged() const {
    constexpr const char* kOpenAgain = "Wait until nothing writes to it, then load it again";
    struct stat now {};
    if (::fstat(m_descriptor, &now) != 0)
        refuse(m_path, std::generic_category().message(errno), kOpenAgain);
    if (static_cast<std::size_t>(now.st_size) != m_bytes.size())
        refuse(m_path,
               "it had " + std::to_string(m_bytes.size()) + " bytes when it was opened and has " +
                   std::to_string(now.st_size) + " now",
               kOpenAgain);
    if (modifiedAt(now) != m_modified)
        refuse(m_path, "it was written to since it was opened", kOpenAgain);
}

void MappedFile::releasePages() const noexcept {
    if (!m_bytes.empty())
        madvise(const_cast<std::byte*>(m_bytes.data()), m_bytes.size(), MADV_DONTNEED);
}

} // namespace steploom
