// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runs/run.h"

#include <string>
#include <string_view>

namespace steploom {

/// `text` as one word of a POSIX shell.
std::string shellQuoted(std::string_view text);

/// The steploom-cli command that makes this run again, every default written out.
std::string commandOf(const RunSummary& run);

} // namespace steploom
