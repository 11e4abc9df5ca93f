// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/sampling/trace.h"

#include <vector>

namespace steploom {

/// Steps that changed a sample, ascending: where a scrubber's arrow keys stop.
std::vector<int> eventsOf(const SampleTrace& trace, std::int32_t maskToken);

} // namespace steploom
