// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace steploom {

/// Bytes of memory that the machine has, used or not.
std::uint64_t physicalMemory() noexcept;

/// Most bytes of main memory this process has held at once, mapped files included; 0 where the system does
/// not say.
std::int64_t peakMemory() noexcept;

} // namespace steploom
