// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/measures/statistics.h"

#include <QString>

namespace steploom {

/// How numbers are written, everywhere in the window. Four significant digits unless said otherwise; a true
/// minus sign; "–" for NaN.
QString formatNumber(double value, int significant = 4);
/// "16.7%" of a share 0…1.
QString formatShare(double share, int decimals = 1);
/// "31.22 ± 0.87"; "251 (118–533)" where the interval is not symmetric; without an interval (n < 2) "31.22".
QString formatEstimate(const Estimate& estimate);
/// "8.78M", "679 MB" style counts: 950, 9.5k, 8.78M, 1.82B.
QString formatCount(double count);
/// "3.200 GFLOP", "1.003 TFLOP".
QString formatFlops(double flops);
/// "2.81 GB"; "–" for 0, which stands for not known.
QString formatMemory(double bytes);
/// "about 14 s", "2 min 10 s", "0.8 s": `about` adds the word.
QString formatDuration(double seconds, bool about = false);

} // namespace steploom
