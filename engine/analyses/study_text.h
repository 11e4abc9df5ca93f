// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

namespace steploom {

/// A text that models are measured on.
struct StudyText {
    std::string name; ///< of its file
    std::string content;
    std::string sha256;
};

/// Throws Error(File).
StudyText readStudyText(const std::filesystem::path& file);

} // namespace steploom
