// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace steploom {

/// Bytes of memory that the machine has, used or not.
std::uint64_t physicalMemory() noexcept;

} // namespace steploom
