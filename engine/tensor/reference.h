// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <vector>

/// Plain twins of every fast kernel, in double precision and in the words of the formulas: what tests compare
/// with. Row-major; R rows.
namespace steploom::reference {

using Values = std::vector<double>;

/// [R, outputs] = x [R, inputs] · weightsᵀ + bias; weights [outputs, inputs]; bias empty for none.
Values linear(std::span<const double> x, std::span<const double> weights, std::span<const double> bias,
              int inputs);
Values layerNorm(std::span<const double> x, std::span<const double> weight, std::span<const double> bias,
                 double epsilon);
Values rmsNorm(std::span<const double> x, std::span<const double> weight, double epsilon);
/// One head of D = x.size() / positions.size() numbers a row, rotated to its position; base as `rope_theta`.
Values rotary(std::span<const double> x, std::span<const int> positions, double base);
Values softmax(std::span<const double> scores);
/// One head: q [Q, D], k and v [K, D] → [Q, D]; causal: query i sees keys 0…i + K − Q.
Values attention(std::span<const double> q, std::span<const double> k, std::span<const double> v,
                 int headSize, bool causal);
double geluTanh(double x);
double geluErf(double x);
double silu(double x);

} // namespace steploom::reference
