// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/error.h"

#include <nlohmann/json.hpp>

#include <string_view>

namespace steploom {

/// Parses JSON in which no object names a key twice: of two entries with one name most parsers keep the last
/// and say nothing, so a file could hold other things than it shows. Throws Error(kind) with `parts`, whose
/// `why` is filled in here: the position and what was wrong there, or the doubled key.
nlohmann::json parseJson(std::string_view text, ErrorKind kind, Error::Parts parts);

} // namespace steploom
