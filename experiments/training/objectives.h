// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "experiments/training/network.h"

#include <cstdint>
#include <span>
#include <vector>

namespace steploom {

/// Rows of the output layer come in multiples of this.
inline constexpr std::int64_t kRowTile = 64;

/// Windows of text as a network is shown them, with the rows whose loss counts.
struct TrainingBatch {
    torch::Tensor tokens;  ///< [B, L] as the network sees them
    torch::Tensor sigma;   ///< [B] noise, of masked windows
    torch::Tensor rows;    ///< [R] of the B·L positions: the masked ones, or all in order
    torch::Tensor window;  ///< [R] window of each row
    torch::Tensor targets; ///< [R] the right token of each row
    torch::Tensor weights; ///< [R] of its loss
    double normaliser = 1; ///< Σ weights · loss over this is nats per token
    bool everyRow = false; ///< rows are all B·L

    TrainingBatch to(torch::Device device) const;
    /// Its windows [first, first + count), of which the losses add up with the others' to the whole's. Rows
    /// of weight 0 fill its masked rows up to a multiple of kRowTile (none stay none): products of few
    /// shapes, whose code is made once.
    TrainingBatch part(std::int64_t first, std::int64_t count) const;
};

/// Masks windows [B, L] of `text`, each at its own time: t₀ is uniform and t_b = (t₀ + b/B) mod 1 (low
/// discrepancy, arXiv 2107.00630 appendix I.1), stretched to the phase's shares; a token is masked with
/// probability t. Weights are 1/t and the normaliser B·L, which makes the loss the NELBO per token (arXiv
/// 2406.07524, equation 10), or 1 and the number of masked tokens. A function of (seed, step, firstWindow)
/// alone.
TrainingBatch maskedBatch(std::span<const std::int64_t> text, int windows, int length, std::int32_t maskToken,
                          const TrainingPhase& phase, std::uint64_t seed, std::int64_t step, int firstWindow);
/// Every token of windows [B, L + 1] but the first, after those before it.
TrainingBatch causalBatch(std::span<const std::int64_t> text, int windows, int length);

/// What a network says about a batch's rows: log-probabilities [R, V'] of the tokens that can be; for MDLM
/// without the mask token, the last one (SUBS).
torch::Tensor logProbabilities(const Network& network, const Parameters& parameters,
                               const TrainingBatch& batch, TrainingKind kind, torch::ScalarType precision,
                               const Dropout& dropout, double temperature = 1.0);
/// Negative log-likelihood [R] of the targets.
torch::Tensor crossEntropy(const torch::Tensor& logProbabilities, const TrainingBatch& batch);
/// The same from the network itself, without the table of log-probabilities between.
torch::Tensor crossEntropy(const Network& network, const Parameters& parameters, const TrainingBatch& batch,
                           TrainingKind kind, torch::ScalarType precision, const Dropout& dropout);
/// KL(teacher ‖ student) [R] between log-probabilities.
torch::Tensor divergence(const torch::Tensor& teacher, const torch::Tensor& student);

} // namespace steploom
