// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/tensor/reference.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace steploom::reference {

Values linear(std::span<const double> x, std::span<const double> weights, std::span<const double> bias,
              int inputs) {
    const std::size_t k = static_cast<std::size_t>(inputs), rows = x.size() / k, outputs = weights.size() / k;
    Values y(rows * outputs);
    for (std::size_t row = 0; row < rows; ++row) {
        for (std::size_t o = 0; o < outputs; ++o) {
            double sum = bias.empty() ? 0.0 : bias[o];
            for (std::size_t i = 0; i < k; ++i)
                sum += x[row * k + i] * weights[o * k + i];
            y[row * outputs + o] = sum;
        }
    }
    return y;
}

Values layerNorm(std::span<const double> x, std::span<const double> weight, std::span<const double> bias,
                 double epsilon) {
    const std::size_t width = weight.size();
    Values y(x.size());
    for (std::size_t begin = 0; begin < x.size(); begin += width) {
        double mean = 0, variance = 0;
        for (std::size_t i = 0; i < width; ++i)
            mean += x[begin + i] / static_cast<double>(width);
        for (std::size_t i = 0; i < width; ++i)
            variance += (x[begin + i] - mean) * (x[begin + i] - mean) / static_cast<double>(width);
        for (std::size_t i = 0; i < width; ++i)
            y[begin + i] = (x[begin + i] - mean) / std::sqrt(variance + epsilon) * weight[i] +
                           (bias.empty() ? 0 : bias[i]);
    }
    return y;
}

Values rmsNorm(std::span<const double> x, std::span<const double> weight, double epsilon) {
    const std::size_t width = weight.size();
    Values y(x.size());
    for (std::size_t begin = 0; begin < x.size(); begin += width) {
        double squares = 0;
        for (std::size_t i = 0; i < width; ++i)
            squares += x[begin + i] * x[begin + i] / static_cast<double>(width);
        for (std::size_t i = 0; i < width; ++i)
            y[begin + i] = x[begin + i] / std::sqrt(squares + epsilon) * weight[i];
    }
    return y;
}

Values rotary(std::span<const double> x, std::span<const int> positions, double base) {
    const std::size_t size = x.size() / positions.size(), half = size / 2;
    Values y(x.size());
    for (std::size_t row = 0; row < positions.size(); ++row) {
        for (std::size_t i = 0; i < half; ++i) {
            const double angle =
                positions[row] * std::pow(base, -2.0 * static_cast<double>(i) / static_cast<double>(size));
            const double first = x[row * size + i], second = x[row * size + half + i];
            y[row * size + i] = first * std::cos(angle) - second * std::sin(angle);
            y[row * size + half + i] = second * std::cos(angle) + first * std::sin(angle);
        }
    }
    return y;
}

Values softmax(std::span<const double> scores) {
    const double largest = *std::max_element(scores.begin(), scores.end());
    Values y(scores.size());
    double sum = 0;
    for (std::size_t i = 0; i < y.size(); ++i)
        sum += y[i] = std::exp(scores[i] - largest);
    for (double& value : y)
        value /= sum;
    return y;
}

Values attention(std::span<const double> q, std::span<const double> k, std::span<const double> v,
                 int headSize, bool causal) {
    const std::size_t size = static_cast<std::size_t>(headSize), queries = q.size() / size,
                      keys = k.size() / size;
    Values y(q.size());
    for (std::size_t i = 0; i < queries; ++i) {
        const std::size_t seen = causal ? i + keys - queries + 1 : keys;
        Values scores(seen);
        for (std::size_t j = 0; j < seen; ++j)
            for (std::size_t c = 0; c < size; ++c)
                scores[j] += q[i * size + c] * k[j * size + c] / std::sqrt(static_cast<double>(headSize));
        const Values weights = softmax(scores);
        for (std::size_t j = 0; j < seen; ++j)
            for (std::size_t c = 0; c < size; ++c)
                y[i * size + c] += weights[j] * v[j * size + c];
    }
    return y;
}

double geluTanh(double x) {
    return 0.5 * x * (1 + std::tanh(std::sqrt(2 / std::numbers::pi) * (x + 0.044715 * x * x * x)));
}
double geluErf(double x) { return 0.5 * x * (1 + std::erf(x / std::numbers::sqrt2)); }
double silu(double x) { return x / (1 + std::exp(-x)); }

} // namespace steploom::reference
