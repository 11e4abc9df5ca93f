// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>

namespace steploom {

/// An MDLM checkpoint of a given size in a temporary folder, with weights from a cheap generator: for
/// timing, where only shapes matter. The folder goes with the object.
class MadeUpMdlm {
public:
    struct Shape {
        int width, heads, blocks, vocabulary, length;
        int condition = 128;
        bool float32 = false; ///< stored in f32 rather than bf16
    };
    explicit MadeUpMdlm(const Shape& shape);
    ~MadeUpMdlm();
    MadeUpMdlm(const MadeUpMdlm&) = delete;
    MadeUpMdlm& operator=(const MadeUpMdlm&) = delete;
    const std::filesystem::path& folder() const noexcept { return m_folder; }

private:
    std::filesystem::path m_folder;
};

} // namespace steploom
