// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/sampling/trace.h"

#include <vector>

namespace steploom {

/// Marks the denoising steps in which a finished sample had a network call: those that revealed a token, also
/// one that was masked again. `called`: one value a step; what is marked stays, so that a run's samples can
/// be counted together. The closing call, after the last step, is none of them.
void markCalls(const SampleTrace& sample, std::vector<bool>& called);

} // namespace steploom
