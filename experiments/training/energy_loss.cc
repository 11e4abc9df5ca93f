// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/training/energy_loss.h"

#include "experiments/training/training_kernels.h"

#include <torch/autograd.h>
#include <torch/types.h>

#include <utility>

namespace steploom {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

namespace {

/// A square this small against those of its row is what rounding leaves of 0.
constexpr double kLeastSquare = 1e-12;

/// ‖a_i − b_j‖² [R, I, J] by one product; a, b near the origin, so that little cancels.
Tensor squaredDistances(const Tensor& a, const Tensor& b) {
    const Tensor sums = a.square().sum(-1, true) + b.square().sum(-1).unsqueeze(1);
    return torch::baddbmm(sums, a, b.transpose(1, 2), 1, -2).clamp_min_(0);
}

/// Powers d^e of distances, and e · d^(e−2), of which the gradient is made: d(d^e)/da = e d^(e−2) (a − b).
struct Powers {
    Tensor value, slope;
};
Powers powersOf(const Tensor& squares, double exponent) {
    const Tensor apart = squares > kLeastSquare;
    const Tensor value = exponent == 1.0 ? squares.sqrt() : squares.pow(exponent / 2);
    return {value, torch::where(apart, exponent * value / squares, torch::zeros({}, squares.options()))};
}

/// Losses [R], and their gradient by the draws [R, N, l].
using LossesAndGradient = std::pair<Tensor, Tensor>;

LossesAndGradient byProducts(const Tensor& draws, const Tensor& mean, const Tensor& sigma,
                             const Tensor& noise, double exponent) {
    const auto n = static_cast<double>(draws.size(1)), m = static_cast<double>(noise.size(1));
    // Distances do not change when all is moved by the posterior's mean.
    const Tensor drawn = draws - mean.unsqueeze(1), sampled = noise * sigma.unsqueeze(1);
    const Powers across = powersOf(squaredDistances(drawn, sampled), exponent);
    const Tensor spread = drawn - drawn.mean(1, true);
    Tensor squares = squaredDistances(spread, spread);
    squares.diagonal(0, 1, 2).zero_();
    const Powers among = powersOf(squares, exponent);
    const double attract = 2 / (n * m), repel = 1 / (n * (n - 1));
    return {attract * across.value.sum({1, 2}) - repel * among.value.sum({1, 2}),
            attract * (across.slope.sum(-1, true) * drawn - torch::bmm(across.slope, sampled)) -
                2 * repel * (among.slope.sum(-1, true) * spread - torch::bmm(among.slope, spread))};
}

/// One pass over the samples, each held against all draws while it is near.
LossesAndGradient inOnePass(const Tensor& draws, const Tensor& mean, const Tensor& sigma, const Tensor& noise,
                            double exponent) {
    const Tensor drawn = draws.contiguous(), middle = mean.contiguous(), width = sigma.contiguous(),
                 numbers = noise.contiguous();
    Tensor losses = torch::empty({drawn.size(0)}), gradient = torch::empty_like(drawn);
    energyLosses({drawn.size(0), static_cast<int>(drawn.size(1)), static_cast<int>(numbers.size(1)),
                  static_cast<int>(drawn.size(2)), drawn.data_ptr<float>(), middle.data_ptr<float>(),
                  width.data_ptr<float>(), numbers.data_ptr<float>(), exponent},
                 losses.data_ptr<float>(), gradient.data_ptr<float>());
    return {losses, gradient};
}

/// The gradient is at hand with the value; autograd would keep every table between.
struct EnergyLossFunction : Function<EnergyLossFunction> {
    static Tensor forward(AutogradContext* context, const Tensor& draws, const Tensor& mean,
                          const Tensor& sigma, const Tensor& noise, double exponent, bool products) {
        const auto [losses, gradient] =
            (products ? byProducts : inOnePass)(draws, mean, sigma, noise, exponent);
        context->save_for_backward({gradient});
        return losses;
    }
    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const Tensor gradient = context->get_saved_variables()[0];
        return {gradient * gradients[0].view({-1, 1, 1}), {}, {}, {}, {}, {}};
    }
};

} // namespace

Tensor energyLoss(const Tensor& draws, const PosteriorSamples& samples, double exponent) {
    return EnergyLossFunction::apply(draws, samples.mean, samples.sigma, samples.noise, exponent,
                                     !draws.device().is_cpu());
}

Tensor plain::energyLoss(const Tensor& draws, const PosteriorSamples& samples, double exponent) {
    return EnergyLossFunction::apply(draws, samples.mean, samples.sigma, samples.noise, exponent, true);
}

} // namespace steploom
