// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

namespace steploom {

/// Called as work advances, with a share from 0 to 1. Empty: nobody asks. Must not throw.
using Progress = std::function<void(double share)>;

} // namespace steploom
