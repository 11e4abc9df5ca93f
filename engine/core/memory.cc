// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/memory.h"

#include <limits>
#include <unistd.h>

namespace steploom {

std::uint64_t physicalMemory() noexcept {
    const long pages = ::sysconf(_SC_PHYS_PAGES), size = ::sysconf(_SC_PAGESIZE);
    if (pages <= 0 || size <= 0) // not known: no reason to refuse anything
        return std::numeric_limits<std::uint64_t>::max();
    return static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(size);
}

} // namespace steploom
