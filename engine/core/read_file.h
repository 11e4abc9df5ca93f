// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/error.h"

#include <cstddef>
#include <filesystem>
#include <string>

namespace steploom {

/// Bytes of a file that is read whole, at most: several times the largest tokenizer.json published.
inline constexpr std::size_t kMostFileBytes = std::size_t{256} << 20;

/// The whole of a regular file of at most kMostFileBytes. Throws Error(kind) that begins with `what` ("cannot
/// load the checkpoint").
std::string readFile(const std::filesystem::path& path, ErrorKind kind, const std::string& what);

} // namespace steploom
