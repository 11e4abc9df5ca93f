// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/peak_memory.h"

#include <sys/resource.h>

namespace steploom {

std::int64_t peakMemory() noexcept {
    rusage usage{};
    if (getrusage(RUSAGE_SELF, &usage) != 0)
        return 0;
    return std::int64_t{usage.ru_maxrss} * 1024; // Linux counts in KiB
}

} // namespace steploom
