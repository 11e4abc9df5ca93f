// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/memory.h"

#include <sys/resource.h>
#include <unistd.h>

#include <limits>

namespace steploom {

std::uint64_t physicalMemory() noexcept {
    const long pages = ::sysconf(_SC_PHYS_PAGES), size = ::sysconf(_SC_PAGESIZE);
    if (pages <= 0 || size <= 0) // not known: no reason to refuse anything
        return std::numeric_limits<std::uint64_t>::max();
    return static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(size);
}

std::int64_t peakMemory() noexcept {
    rusage usage{};
    if (getrusage(RUSAGE_SELF, &usage) != 0)
        return 0;
    return std::int64_t{usage.ru_maxrss} * 1024; // Linux counts in KiB
}

} // namespace steploom
