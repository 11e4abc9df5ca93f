// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runs/run.h"

#include <span>
#include <string>

namespace steploom::cli {

/// One self-contained HTML page about runs: measures with intervals, quality against compute, schedules,
/// texts side by side, and everything needed to make them again. Runs in the order given; at least one.
std::string reportPage(std::span<const Run> runs);

} // namespace steploom::cli
