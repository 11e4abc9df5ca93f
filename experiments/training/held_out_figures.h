// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/measures/statistics.h"

#include <string>
#include <vector>

namespace steploom {

struct NamedEstimate {
    std::string name;
    Estimate value;
};

/// What a measurement on text found, over its windows.
struct HeldOutFigures {
    Estimate main; ///< by measureName(); n = 0 where it was not measured or is not defined
    std::vector<NamedEstimate> beside;
};

} // namespace steploom
