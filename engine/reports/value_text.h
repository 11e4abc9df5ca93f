// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/measures/statistics.h"

#include <string>
#include <string_view>

namespace steploom {

/// Numbers as people read them: four significant digits, intervals as ±, "–" for what is not known.
std::string numberText(double value);
std::string shareText(double share);                ///< "16.7%"
std::string estimateText(const Estimate& estimate); ///< "31.22 ± 0.87"; "31.22" without an interval
std::string countText(double count);                ///< "8.78M"
std::string flopsText(double flops);                ///< "3.2 GFLOP"
std::string memoryText(double bytes);               ///< "2.81 GB"
std::string durationText(double seconds);           ///< "0.8 s", "2 min 10 s"
/// At most `characters` characters of `text` on one line, "…" at the end when some are left out.
std::string shortened(std::string_view text, std::size_t characters);

} // namespace steploom
