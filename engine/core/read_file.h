// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/error.h"

#include <filesystem>
#include <string>

namespace steploom {

/// The whole of a regular file. Throws Error(kind) that begins with `what` ("cannot load the checkpoint").
std::string readFile(const std::filesystem::path& path, ErrorKind kind, const std::string& what);

} // namespace steploom
