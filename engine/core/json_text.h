// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/error.h"

#include <nlohmann/json.hpp>

#include <string_view>

namespace steploom {

/// Arrays and objects within one another at most. The files of models nest five or six deep, and what walks
/// through a document (writing it out, for one) takes stack for every level.
inline constexpr int kDeepestJson = 100;
/// Values in a document at most. The largest published tokenizers have two million; each takes up to 200
/// bytes of memory, whatever few bytes it was written with.
inline constexpr std::size_t kMostJsonValues = 5'000'000;

/// Parses JSON in which no object names a key twice: of two entries with one name most parsers keep the last
/// and say nothing, so a file could hold other things than it shows. Throws Error(kind) with `parts`, whose
/// `why` is filled in here: the position and what was wrong there, the doubled key, or the limit that the
/// document goes beyond; it is refused where that happens, before more of it is kept.
nlohmann::json parseJson(std::string_view text, ErrorKind kind, Error::Parts parts);

} // namespace steploom
