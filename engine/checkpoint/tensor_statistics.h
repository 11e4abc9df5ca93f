// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/tensor/dtype.h"

#include <cstddef>

namespace steploom {

/// The range of a tensor, over the elements that are finite.
struct TensorStatistics {
    double least = 0; ///< 0 like the others when no element is finite
    double greatest = 0;
    double mean = 0;
    std::size_t finite = 0;
    std::size_t nan = 0;
    std::size_t infinite = 0;
};

/// Reads every element once, a few thousand at a time. Integers beyond 2²⁴ are rounded as float32 is.
TensorStatistics statisticsOf(const TensorView& tensor);

/// The part of a tensor from element `first` on, at most `count` elements, as a vector.
TensorView stretchOf(const TensorView& tensor, std::size_t first, std::size_t count);

} // namespace steploom
