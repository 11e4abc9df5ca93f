// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "experiments/training/network.h"

namespace steploom {

/// AdamW (arXiv 1711.05101) over a network's flat parameters, with their moving average.
class Optimizer {
public:
    Optimizer(const TrainingConfig& config, const Parameters& parameters);

    /// One step (0, 1, …) with the learning rate for it; `gradient` [count] is clipped in place. Returns its
    /// norm before that. A norm that is not finite changes nothing.
    double step(Parameters& parameters, torch::Tensor& gradient, std::int64_t step);

    /// What a saved training keeps, each [count] f32.
    torch::Tensor& firstMoment() noexcept { return m_first; }
    torch::Tensor& secondMoment() noexcept { return m_second; }
    /// The averaged weights; the weights themselves without averaging.
    torch::Tensor& average() noexcept { return m_average; }

private:
    TrainingConfig m_config;
    torch::Tensor m_first, m_second, m_average;
};

} // namespace steploom
