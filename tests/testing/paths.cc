// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/testing/paths.h"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>

namespace steploom::testing {

std::filesystem::path goldenPath(const std::string& name) {
    return std::filesystem::path(STEPLOOM_SOURCE_FOLDER) / "tests" / "golden" / name;
}

std::filesystem::path resourcePath(const std::string& name) {
    return std::filesystem::path(STEPLOOM_SOURCE_FOLDER) / "resources" / name;
}

TemporaryFolder::TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "steploom-test-XXXXXX").string();
    if (!mkdtemp(pattern.data()))
        throw std::runtime_error("cannot make a temporary folder");
    m_path = pattern;
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(m_path, ignored);
}

void writeText(const std::filesystem::path& file, const std::string& text) {
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
}

std::string readText(const std::filesystem::path& file) {
    std::ostringstream text;
    text << std::ifstream(file, std::ios::binary).rdbuf();
    return text.str();
}

} // namespace steploom::testing
