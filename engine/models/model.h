// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/generation_kind.h"
#include "engine/tensor/dtype.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace steploom {

/// What is known of a loaded model without running it. Letters as in models.md: d width, h heads, V
/// vocabulary.
struct ModelFacts {
    /// `model_type`: "mdlm", "llada", "Dream", "gpt2", "llama", "qwen2", "energy"
    std::string architecture;
    std::int64_t parameters = 0;
    int blocks = 0;
    int width = 0;              ///< d
    int heads = 0;              ///< h
    int keyValueHeads = 0;      ///< equal to heads unless grouped-query
    int vocabulary = 0;         ///< V, the mask token included
    int length = 0;             ///< positions the model was made for
    bool logitsShifted = false; ///< a position is predicted in the row before it (Dream)
    DType stored = DType::F32;  ///< on disk
    Precision requested = Precision::F32;
    Precision effective =
        Precision::F32; ///< what it computes in: int8 falls back to bf16, bf16 to f32, where oneDNN lacks it
    double weightFlopsPerRow =
        0; ///< FLOPs of all blocks' matrix products with weights, per row (24nd² for MDLM)
    double headFlopsPerRow = 0; ///< 2dV
    /// The part of weightFlopsPerRow that the last block spends on a row only when it is wanted: all but keys
    /// and values (20d² for MDLM). 0 where the model does not save it.
    double lastBlockFlopsPerRow = 0;

    GenerationKind kind = GenerationKind::MaskedDiffusion;
    int chunk = 1; ///< K: tokens that a step writes, 1 but for CALM, whose rows are patches of K; length is
                   ///< in tokens all the same
    double inputFlopsPerRow = 0; ///< CALM: embedding a patch
    double conditionFlops = 0;   ///< CALM: what the head makes of the hidden state, once a step
    double drawFlops = 0;        ///< CALM: head and decoder for one drawn vector
    /// What config.json names as `bos_token_id` and `pad_token_id`; −1: nothing of the vocabulary.
    std::int32_t startToken = -1, padToken = -1;

    /// FLOPs of all blocks on `rows` positions: weights, and attention over all of them (4 · rows · d per row
    /// and block). What running everything costs.
    double blockFlops(int rows) const noexcept {
        return rows * (weightFlopsPerRow + attentionFlopsPerRow(rows) * blocks);
    }
    /// What the last block costs for one row of a call on `rows` positions only when that row is wanted.
    double lastBlockRowFlops(int rows) const noexcept {
        return lastBlockFlopsPerRow > 0 ? lastBlockFlopsPerRow + attentionFlopsPerRow(rows) : 0;
    }

private:
    double attentionFlopsPerRow(int rows) const noexcept { return 4.0 * width * rows; }
};

/// One call of a masked-diffusion network on a batch of sequences of one length.
struct DenoisingCall {
    std::span<const std::int32_t> tokens; ///< [samples, length]; masked positions hold the mask token
    std::span<const float> sigma;         ///< [samples]; ignored (may be empty) without time conditioning
    int samples = 0;
    int length = 0;
    /// Rows whose logits are wanted, as sample · length + position, ascending. Only they go through the last
    /// block (but for keys and values) and the output layer.
    std::span<const std::int32_t> rows;
};

/// What a pool can hold: facts().kind says which of the classes below it is.
class Model {
public:
    virtual ~Model() = default;
    virtual const ModelFacts& facts() const noexcept = 0;
};

/// A bidirectional network that predicts every token of a sequence of which some are masked. Not thread-safe:
/// one caller at a time; it spreads its own work over the threads of its ComputeContext.
class MaskedDiffusionModel : public Model {
public:
    virtual bool timeConditioned() const noexcept = 0;
    /// V − 1 unless config.json names `mask_token_id`.
    virtual std::int32_t maskToken() const noexcept = 0;
    /// Whether config.json names the mask token. If not, a tokenizer that names one decides.
    virtual bool maskTokenStated() const noexcept { return false; }
    /// Reserves what calls of up to this size need; later calls within it allocate nothing.
    virtual void reserve(int samples, int length) = 0;
    /// Raw logits (no SUBS: the mask's own is there too), [rows, V] float32, row-major. A row's result
    /// depends on its own sample alone, bit for bit in f32. Ids must lie in [0, V); sizes are checked by the
    /// Generator.
    virtual void logits(const DenoisingCall& call, std::span<float> out) = 0;
};

/// Keys and values of the positions a causal model has seen; made by CausalModel::newCache.
class KeyValueCache {
public:
    virtual ~KeyValueCache() = default;
    /// Positions held so far.
    virtual int length() const noexcept = 0;
    virtual void clear() noexcept = 0;
    /// Forgets all positions from `length` on; nothing when it holds no more.
    virtual void truncate(int length) noexcept = 0;
};

/// A causal (autoregressive) network: GPT-2, Llama, Qwen2. Not thread-safe, as above.
class CausalModel : public Model {
public:
    virtual void reserve(int samples, int length) = 0;
    /// Next-token logits of whole sequences of one length: tokens [samples, length] → out [samples, length,
    /// V].
    virtual void logits(std::span<const std::int32_t> tokens, int samples, int length,
                        std::span<float> out) = 0;
    /// Negative log-likelihood (nats) of tokens 1…length−1 of each sequence given what precedes them:
    /// out [samples, length − 1]. Holds the logits of a few rows at a time only. What all sequences begin
    /// with is computed once.
    virtual void negativeLogLikelihood(std::span<const std::int32_t> tokens, int samples, int length,
                                       std::span<float> out) = 0;
    /// A cache for one sequence of up to `capacity` ≤ facts().length positions.
    virtual std::unique_ptr<KeyValueCache> newCache(int capacity) const = 0;
    /// Appends `tokens` to the cached sequence; logits of the last one, [V].
    virtual void extend(KeyValueCache& cache, std::span<const std::int32_t> tokens, std::span<float> out) = 0;
};

} // namespace steploom
