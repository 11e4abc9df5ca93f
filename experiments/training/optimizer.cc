// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/training/optimizer.h"

#include "experiments/training/training_kernels.h"

#include <ATen/Parallel.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>

namespace steploom {

using torch::Tensor;

Optimizer::Optimizer(const TrainingConfig& config, const Parameters& parameters) : m_config(config) {
    Parameters copy = parameters;
    m_first = torch::zeros_like(copy.flat());
    m_second = torch::zeros_like(copy.flat());
    m_average = copy.flat().detach().clone();
}

double Optimizer::step(Parameters& parameters, Tensor& gradient, std::int64_t step) {
    const torch::NoGradGuard none;
    const double norm = gradient.norm().item<double>();
    if (!std::isfinite(norm))
        return norm;
    if (m_config.clip > 0 && norm > m_config.clip)
        gradient.mul_(m_config.clip / norm);
    const double rate = learningRateAt(m_config, step), beta1 = m_config.beta1, beta2 = m_config.beta2;
    const auto count = static_cast<double>(step + 1);
    const double correction1 = 1 - std::pow(beta1, count), correction2 = 1 - std::pow(beta2, count);
    // The average follows faster at first: it would remember random weights for 1/(1 − decay) steps.
    const double averaging = std::min(m_config.averaging, (1 + count) / (10 + count));
    Tensor& weights = parameters.flat();
    if (!weights.device().is_cpu()) {
        m_first.mul_(beta1).add_(gradient, 1 - beta1);
        m_second.mul_(beta2).addcmul_(gradient, gradient, 1 - beta2);
        weights.narrow(0, 0, parameters.matrixCount()).mul_(1 - rate * m_config.weightDecay);
        weights.addcdiv_(m_first, (m_second / correction2).sqrt_().add_(m_config.epsilon),
                         -rate / correction1);
        m_average.lerp_(weights, 1 - averaging);
        return norm;
    }
    // The same in one pass: on a processor these sums take as long as the memory they go through.
    const AdamWStep factors{static_cast<float>(beta1),
                            static_cast<float>(beta2),
                            static_cast<float>(m_config.epsilon),
                            static_cast<float>(rate / correction1),
                            static_cast<float>(1 / std::sqrt(correction2)),
                            static_cast<float>(1 - rate * m_config.weightDecay),
                            static_cast<float>(1 - averaging)};
    at::parallel_for(0, parameters.count(), 1 << 15, [&](std::int64_t begin, std::int64_t end) {
        adamW(factors, gradient.data_ptr<float>(), begin, end, parameters.matrixCount(),
              weights.data_ptr<float>(), m_first.data_ptr<float>(), m_second.data_ptr<float>(),
              m_average.data_ptr<float>());
    });
    return norm;
}

} // namespace steploom
