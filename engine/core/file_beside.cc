// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/file_beside.h"

#include "engine/core/error.h"

#include <fmt/format.h>

#include <cerrno>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace steploom {

FileBeside::FileBeside(const std::filesystem::path& final, std::string what)
    : m_final(final), m_what(std::move(what)) {
    // The name is the process's own, so two writers of one file do not write into each other.
    for (int attempt = 0; m_descriptor < 0; ++attempt) {
        m_path = final;
        m_path += fmt::format(".{}-{}.part", ::getpid(), attempt);
        m_descriptor = ::open(m_path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (m_descriptor < 0 && errno != EEXIST)
            fail("no file can be made in this folder",
                 "Choose a folder that exists and that you may write to");
    }
}

FileBeside::~FileBeside() {
    if (m_descriptor >= 0)
        ::close(m_descriptor);
    if (!m_renamed)
        ::unlink(m_path.c_str());
}

void FileBeside::write(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(m_descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            fail(fmt::format("{} bytes could not be written", bytes.size()), "Free space on this disk");
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
}

void FileBeside::moveIntoPlace() {
    if (::fsync(m_descriptor) != 0)
        fail("the bytes did not reach the disk", "Free space on this disk");
    const int descriptor = std::exchange(m_descriptor, -1);
    if (::close(descriptor) != 0)
        fail("the bytes did not reach the disk", "Free space on this disk");
    if (::rename(m_path.c_str(), m_final.c_str()) != 0)
        fail("the finished file cannot take its place", "Check what stands at that path");
    m_renamed = true;
    const auto parent = m_final.has_parent_path() ? m_final.parent_path() : std::filesystem::path(".");
    const int folder = ::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0) {
        ::fsync(folder);
        ::close(folder);
    }
}

void FileBeside::fail(const std::string& why, std::string remedy) const {
    const int problem = errno;
    throw Error(ErrorKind::File,
                {m_what, m_final.string(),
                 fmt::format("{} ({})", why, std::generic_category().message(problem)), std::move(remedy)});
}

} // namespace steploom
