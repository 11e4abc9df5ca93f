// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/tensor_statistics.h"

#include <algorithm>
#include <cmath>

namespace steploom {

TensorView stretchOf(const TensorView& tensor, std::size_t first, std::size_t count) {
    const std::size_t size = dtypeSize(tensor.dtype);
    count = std::min(count, tensor.elements() - first);
    return {
        tensor.dtype, {static_cast<std::int64_t>(count)}, tensor.bytes.subspan(first * size, count * size)};
}

TensorStatistics statisticsOf(const TensorView& tensor) {
    constexpr std::size_t kStretch = 1 << 14;
    TensorStatistics statistics;
    double sum = 0;
    for (std::size_t first = 0; first < tensor.elements(); first += kStretch)
        for (const float value : stretchOf(tensor, first, kStretch).toFloats()) {
            if (std::isnan(value)) {
                ++statistics.nan;
            } else if (std::isinf(value)) {
                ++statistics.infinite;
            } else {
                const double number = value;
                statistics.least = statistics.finite ? std::min(statistics.least, number) : number;
                statistics.greatest = statistics.finite ? std::max(statistics.greatest, number) : number;
                sum += number;
                ++statistics.finite;
            }
        }
    if (statistics.finite)
        statistics.mean = sum / static_cast<double>(statistics.finite);
    return statistics;
}

} // namespace steploom
