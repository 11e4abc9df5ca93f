// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/error.h"
#include "engine/core/utf8.h"
#include "engine/sampling/model_pool.h"

#include <fmt/format.h>

#include <system_error>

namespace steploom {

namespace {

bool exists(std::string_view path) {
    std::error_code ignored;
    return std::filesystem::exists(std::filesystem::path(path), ignored);
}

[[noreturn]] void refuse(std::string_view text, std::string why) {
    throw Error(ErrorKind::Request, {"cannot read the model", '"' + replaceInvalidUtf8(text) + '"',
                                     std::move(why), "Write LETTER=FOLDER or LETTER=FOLDER:bf16"});
}

} // namespace

PoolMemberSpec parseMemberSpec(std::string_view text) {
    PoolMemberSpec spec;
    std::string_view path = text;
    // Folders may have = and : in their names, so what exists is a path before anything else is tried.
    const std::size_t equals = text.find('=');
    if (equals != std::string_view::npos && !exists(text) && text.substr(0, equals).find('/') == text.npos) {
        const std::string_view letter = text.substr(0, equals);
        const bool lower = letter.size() == 1 && letter[0] >= 'a' && letter[0] <= 'z';
        if (!lower && !(letter.size() == 1 && letter[0] >= 'A' && letter[0] <= 'Z'))
            refuse(text, "before the = stands no single letter from A to Z");
        spec.letter = lower ? static_cast<char>(letter[0] - 'a' + 'A') : letter[0];
        path = text.substr(equals + 1);
    }
    const std::size_t colon = path.rfind(':');
    if (colon != std::string_view::npos && !exists(path) && path.substr(colon).find('/') == path.npos) {
        spec.precision = parsePrecision(path.substr(colon + 1));
        path = path.substr(0, colon);
    }
    if (path.empty())
        refuse(text, "the folder is missing");
    spec.path = path;

    std::filesystem::path folder = std::filesystem::path(path).lexically_normal();
    if (!folder.has_filename()) // a slash at the end
        folder = folder.parent_path();
    spec.name = folder.filename().string();
    return spec;
}

} // namespace steploom
