// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/training/objectives.h"

#include "engine/core/random.h"
#include "engine/schedule/noise.h"

#include <torch/types.h>

#include <algorithm>
#include <cmath>

namespace steploom {

using torch::Tensor;

namespace {

/// Training and bound begin here, as the published code's: 1/t has no mean at 0.
constexpr double kLeastTime = 1e-3;

template <typename Value>
Tensor toTensor(const std::vector<Value>& values) {
    return torch::tensor(values);
}

} // namespace

TrainingBatch TrainingBatch::to(torch::Device device) const {
    if (device.is_cpu())
        return *this;
    return {tokens.to(device),  sigma.to(device),   rows.to(device), window.to(device),
            targets.to(device), weights.to(device), normaliser,      everyRow};
}

TrainingBatch TrainingBatch::part(std::int64_t first, std::int64_t count) const {
    const auto end = [this](std::int64_t untilWindow) {
        const std::int64_t* begin = window.data_ptr<std::int64_t>();
        return std::lower_bound(begin, begin + window.size(0), untilWindow) - begin;
    };
    const std::int64_t from = end(first), length = end(first + count) - from;
    TrainingBatch part{tokens.narrow(0, first, count),
                       sigma.narrow(0, first, count),
                       rows.narrow(0, from, length) - first * tokens.size(1),
                       window.narrow(0, from, length) - first,
                       targets.narrow(0, from, length),
                       weights.narrow(0, from, length),
                       normaliser,
                       everyRow};
    const std::int64_t missing = everyRow ? 0 : (kRowTile - length % kRowTile) % kRowTile;
    if (missing > 0 && length > 0)
        for (Tensor* each : {&part.rows, &part.window, &part.targets, &part.weights})
            *each = torch::cat({*each, torch::zeros({missing}, each->options())});
    return part;
}

TrainingBatch maskedBatch(std::span<const std::int64_t> text, int windows, int length, std::int32_t maskToken,
                          const TrainingPhase& phase, std::uint64_t seed, std::int64_t step,
                          int firstWindow) {
    const CounterRandom random(seed);
    const auto at = static_cast<std::uint32_t>(step), first = static_cast<std::uint32_t>(firstWindow);
    std::vector<std::int64_t> tokens(text.begin(), text.end()), rows, window, targets;
    std::vector<float> sigma, weights;
    const double start = random.uniform(Purpose::TrainingTime, first, 0, at);
    for (int w = 0; w < windows; ++w) {
        const double even = start + static_cast<double>(w) / windows;
        const double share = even - std::floor(even);
        const double time =
            std::max(kLeastTime, phase.leastMasked + (phase.mostMasked - phase.leastMasked) * share);
        sigma.push_back(static_cast<float>(noiseLevel(time)));
        for (int position = 0; position < length; ++position) {
            if (random.uniform(Purpose::TrainingMask, first + static_cast<std::uint32_t>(w),
                               static_cast<std::uint32_t>(position), at) >= time)
                continue;
            const std::int64_t row = std::int64_t{w} * length + position;
            rows.push_back(row);
            window.push_back(w);
            targets.push_back(std::exchange(tokens[static_cast<std::size_t>(row)], maskToken));
            weights.push_back(phase.nelboWeights ? static_cast<float>(1 / time) : 1.0f);
        }
    }
    const double count = phase.nelboWeights ? static_cast<double>(windows) * length
                                            : std::max<double>(1, static_cast<double>(rows.size()));
    return {toTensor(tokens).view({windows, length}),
            toTensor(sigma),
            toTensor(rows),
            toTensor(window),
            toTensor(targets),
            toTensor(weights),
            count,
            false};
}

TrainingBatch causalBatch(std::span<const std::int64_t> text, int windows, int length) {
    const Tensor all =
        torch::from_blob(const_cast<std::int64_t*>(text.data()), {windows, length + 1}, torch::kInt64)
            .clone();
    const Tensor rows = torch::arange(std::int64_t{windows} * length);
    return {all.narrow(1, 0, length).contiguous(),
            torch::zeros({windows}),
            rows,
            torch::div(rows, length, "floor"),
            all.narrow(1, 1, length).reshape({-1}),
            torch::ones({rows.size(0)}),
            static_cast<double>(rows.size(0)),
            true};
}

namespace {

/// Logits [R, V] of a batch's rows, and how many of the V can be: for MDLM not the mask token, the last one
/// (SUBS).
std::pair<Tensor, std::int64_t> rowLogits(const Network& network, const Parameters& parameters,
                                          const TrainingBatch& batch, TrainingKind kind,
                                          torch::ScalarType precision, const Dropout& dropout) {
    const Tensor states = network.states(parameters, batch.tokens, batch.sigma, precision, dropout);
    const Tensor flat = states.reshape({-1, states.size(-1)});
    const Tensor logits = network.logits(parameters, batch.everyRow ? flat : flat.index_select(0, batch.rows),
                                         batch.window, batch.sigma, precision);
    return {logits, logits.size(-1) - (kind == TrainingKind::Causal ? 0 : 1)};
}

} // namespace

Tensor logProbabilities(const Network& network, const Parameters& parameters, const TrainingBatch& batch,
                        TrainingKind kind, torch::ScalarType precision, const Dropout& dropout,
                        double temperature) {
    const auto [logits, classes] = rowLogits(network, parameters, batch, kind, precision, dropout);
    const Tensor possible = logits.narrow(-1, 0, classes).to(torch::kFloat32);
    return torch::log_softmax(temperature == 1.0 ? possible : possible / temperature, -1);
}

Tensor crossEntropy(const Tensor& logProbabilities, const TrainingBatch& batch) {
    return -logProbabilities.gather(-1, batch.targets.unsqueeze(-1)).squeeze(-1);
}

Tensor crossEntropy(const Network& network, const Parameters& parameters, const TrainingBatch& batch,
                    TrainingKind kind, torch::ScalarType precision, const Dropout& dropout) {
    const auto [logits, classes] = rowLogits(network, parameters, batch, kind, precision, dropout);
    return tokenLosses(logits, batch.targets, classes);
}

Tensor divergence(const Tensor& teacher, const Tensor& student) {
    return (teacher.exp() * (teacher - student)).sum(-1);
}

} // namespace steploom
