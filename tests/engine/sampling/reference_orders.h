// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/random.h"
#include "engine/schedule/remasking.h"
#include "engine/schedule/sampler.h"
#include "tests/engine/sampling/reference_sampler.h"

namespace steploom::testing {

/// What the plain samplers of the orders by certainty need beside a ReferenceInput.
struct OrderInput {
    ReferenceInput base;
    Sampler order = Sampler::Confidence;
    int blockLength = 0; ///< 0: one block
    double threshold = 0.9;
    double temperature = 1, topP = 1;
    std::uint64_t seed = 1;
};

/// LLaDA's generation (arXiv 2502.09992, algorithm 5) with the certainty of MaskGIT, of the probability
/// margin or of the entropy: block after block, step after step the network is called on everything, a token
/// is drawn for every masked position, and the k surest of the block keep theirs. Nothing is saved or
/// skipped; only the uniform numbers are those of the program, so that tokens and steps must be the same.
ReferenceSample sampleSurestFirst(const OrderInput& input, int sample);

/// Fast-dLLM's generation without cache (arXiv 2505.22618): while the block has a masked position, those
/// whose drawn token has at least the threshold's probability keep it, and always the surest one.
ReferenceSample sampleAboveThreshold(const OrderInput& input, int sample);

/// One denoising step after another of ReMDM (arXiv 2503.00307, equation of q_σ(z_s | z_t, x) and section 4):
/// every position is drawn anew from its categorical distribution over the vocabulary and the mask. No plan,
/// another random number generator.
ReferenceSample sampleRemasking(const ReferenceInput& input, const Remasking& remasking,
                                std::mt19937_64& random);

} // namespace steploom::testing
