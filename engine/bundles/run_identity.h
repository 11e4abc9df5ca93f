// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runs/run.h"

#include <string>

namespace steploom {

/// What a run is called wherever it is kept: the SHA-256 of what made it (its request with the checkpoints by
/// their SHA-256, program version, time of start) and of what it made (its samples' traces, to the bit).
/// Lower-case hexadecimal, 64 characters. Left out is what differs from place to place or may be added later:
/// ids, paths, note, measures and scores.
///
/// The same for every version of the program: requests are written with the options of their time only.
std::string runIdentity(const Run& run);

/// Whether the text has the form of one, which is that of every SHA-256 here.
bool isSha256(const std::string& text) noexcept;

} // namespace steploom
