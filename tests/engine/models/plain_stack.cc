// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/engine/models/plain_stack.h"

#include <cmath>
#include <string>

namespace steploom::testing {
namespace {

using Row = std::vector<double>;
using Rows = std::vector<Row>; ///< [length, features]

std::size_t sizeOf(const Checkpoint& checkpoint, const char* key) {
    return checkpoint.config().at(key).get<std::size_t>();
}

Row values(const Checkpoint& checkpoint, const std::string& name) {
    const std::vector<float> stored = checkpoint.tensor(name).toFloats();
    return {stored.begin(), stored.end()};
}

/// nn.Linear: weight [outputs, inputs], and the bias that is stored with it.
Rows linear(const Checkpoint& checkpoint, const std::string& scope, const Rows& x) {
    const Row weight = values(checkpoint, scope + ".weight");
    const std::size_t inputs = x[0].size(), outputs = weight.size() / inputs;
    const Row bias =
        checkpoint.has(scope + ".bias") ? values(checkpoint, scope + ".bias") : Row(outputs, 0.0);
    Rows y;
    for (const Row& row : x) {
        Row result = bias;
        for (std::size_t o = 0; o < outputs; ++o)
            for (std::size_t i = 0; i < inputs; ++i)
                result[o] += weight[o * inputs + i] * row[i];
        y.push_back(result);
    }
    return y;
}

Rows embedding(const Checkpoint& checkpoint, const std::string& scope, std::span<const std::int32_t> tokens,
               std::size_t width) {
    const Row table = values(checkpoint, scope + ".weight");
    Rows x;
    for (const std::int32_t token : tokens) {
        const auto first = table.begin() + token * static_cast<std::ptrdiff_t>(width);
        x.emplace_back(first, first + static_cast<std::ptrdiff_t>(width));
    }
    return x;
}

Rows rmsNorm(const Checkpoint& checkpoint, const std::string& scope, Rows x, double epsilon) {
    const Row weight = values(checkpoint, scope + ".weight");
    for (Row& row : x) {
        double variance = 0;
        for (const double value : row)
            variance += value * value / static_cast<double>(row.size());
        for (std::size_t i = 0; i < row.size(); ++i)
            row[i] *= weight[i] / std::sqrt(variance + epsilon);
    }
    return x;
}

/// t cos + rotate_half(t) sin, for every head of every position.
Rows rotary(Rows x, std::size_t headSize, double theta) {
    const std::size_t half = headSize / 2;
    for (std::size_t position = 0; position < x.size(); ++position)
        for (std::size_t head = 0; head < x[position].size(); head += headSize)
            for (std::size_t j = 0; j < half; ++j) {
                const double angle =
                    static_cast<double>(position) *
                    std::pow(theta, -2.0 * static_cast<double>(j) / static_cast<double>(headSize));
                double& first = x[position][head + j];
                double& second = x[position][head + half + j];
                const double a = first, b = second;
                first = a * std::cos(angle) - b * std::sin(angle);
                second = b * std::cos(angle) + a * std::sin(angle);
            }
    return x;
}

/// softmax(q kᵀ / √D) v with key heads repeated for their query heads.
Rows attention(const Rows& q, const Rows& k, const Rows& v, std::size_t headSize, bool causal) {
    const std::size_t heads = q[0].size() / headSize, repeats = q[0].size() / k[0].size();
    Rows out(q.size(), Row(q[0].size(), 0.0));
    for (std::size_t i = 0; i < q.size(); ++i)
        for (std::size_t head = 0; head < heads; ++head) {
            const std::size_t own = head * headSize, shared = head / repeats * headSize;
            const std::size_t seen = causal ? i + 1 : k.size();
            Row weights(seen, 0.0);
            double sum = 0;
            for (std::size_t j = 0; j < seen; ++j) {
                double score = 0;
                for (std::size_t c = 0; c < headSize; ++c)
                    score += q[i][own + c] * k[j][shared + c];
                sum += weights[j] = std::exp(score / std::sqrt(static_cast<double>(headSize)));
            }
            for (std::size_t j = 0; j < seen; ++j)
                for (std::size_t c = 0; c < headSize; ++c)
                    out[i][own + c] += weights[j] / sum * v[j][shared + c];
        }
    return out;
}

Rows add(Rows x, const Rows& y) {
    for (std::size_t i = 0; i < x.size(); ++i)
        for (std::size_t c = 0; c < x[i].size(); ++c)
            x[i][c] += y[i][c];
    return x;
}

Rows siluTimes(Rows gate, const Rows& up) {
    for (std::size_t i = 0; i < gate.size(); ++i)
        for (std::size_t c = 0; c < gate[i].size(); ++c)
            gate[i][c] *= up[i][c] / (1.0 + std::exp(-gate[i][c]));
    return gate;
}

std::vector<float> flat(const Rows& rows) {
    std::vector<float> all;
    for (const Row& row : rows)
        all.insert(all.end(), row.begin(), row.end());
    return all;
}

Rows qwen2Logits(const Checkpoint& checkpoint, std::span<const std::int32_t> tokens, bool causal) {
    const std::size_t width = sizeOf(checkpoint, "hidden_size");
    const std::size_t headSize = width / sizeOf(checkpoint, "num_attention_heads");
    const double epsilon = checkpoint.number("rms_norm_eps"), theta = checkpoint.number("rope_theta");
    Rows x = embedding(checkpoint, "model.embed_tokens", tokens, width);
    for (std::size_t layer = 0; layer < sizeOf(checkpoint, "num_hidden_layers"); ++layer) {
        const std::string scope = "model.layers." + std::to_string(layer) + ".";
        Rows normed = rmsNorm(checkpoint, scope + "input_layernorm", x, epsilon);
        const Rows q = linear(checkpoint, scope + "self_attn.q_proj", normed);
        const Rows k = linear(checkpoint, scope + "self_attn.k_proj", normed);
        const Rows v = linear(checkpoint, scope + "self_attn.v_proj", normed);
        const Rows attended =
            attention(rotary(q, headSize, theta), rotary(k, headSize, theta), v, headSize, causal);
        x = add(x, linear(checkpoint, scope + "self_attn.o_proj", attended));
        normed = rmsNorm(checkpoint, scope + "post_attention_layernorm", x, epsilon);
        const Rows hidden = siluTimes(linear(checkpoint, scope + "mlp.gate_proj", normed),
                                      linear(checkpoint, scope + "mlp.up_proj", normed));
        x = add(x, linear(checkpoint, scope + "mlp.down_proj", hidden));
    }
    x = rmsNorm(checkpoint, "model.norm", x, epsilon);
    const bool tied = checkpoint.boolean("tie_word_embeddings");
    return linear(checkpoint, tied ? "model.embed_tokens" : "lm_head", x);
}

} // namespace

std::vector<float> plainLlada(const Checkpoint& checkpoint, std::span<const std::int32_t> tokens) {
    const std::size_t width = sizeOf(checkpoint, "d_model");
    const std::size_t headSize = width / sizeOf(checkpoint, "n_heads");
    const double epsilon = checkpoint.number("rms_norm_eps"), theta = checkpoint.number("rope_theta");
    Rows x = embedding(checkpoint, "model.transformer.wte", tokens, width);
    for (std::size_t block = 0; block < sizeOf(checkpoint, "n_layers"); ++block) {
        const std::string scope = "model.transformer.blocks." + std::to_string(block) + ".";
        Rows normed = rmsNorm(checkpoint, scope + "attn_norm", x, epsilon);
        const Rows q = linear(checkpoint, scope + "q_proj", normed);
        const Rows k = linear(checkpoint, scope + "k_proj", normed);
        const Rows v = linear(checkpoint, scope + "v_proj", normed);
        const Rows attended =
            attention(rotary(q, headSize, theta), rotary(k, headSize, theta), v, headSize, false);
        x = add(x, linear(checkpoint, scope + "attn_out", attended));
        normed = rmsNorm(checkpoint, scope + "ff_norm", x, epsilon);
        const Rows hidden = siluTimes(linear(checkpoint, scope + "ff_proj", normed),
                                      linear(checkpoint, scope + "up_proj", normed));
        x = add(x, linear(checkpoint, scope + "ff_out", hidden));
    }
    x = rmsNorm(checkpoint, "model.transformer.ln_f", x, epsilon);
    const bool tied = checkpoint.boolean("weight_tying");
    return flat(linear(checkpoint, tied ? "model.transformer.wte" : "model.transformer.ff_out", x));
}

std::vector<float> plainDream(const Checkpoint& checkpoint, std::span<const std::int32_t> tokens) {
    // logits = torch.cat([logits[:, :1], logits[:, :-1]], dim=1)
    Rows logits = qwen2Logits(checkpoint, tokens, false);
    logits.insert(logits.begin(), logits.front());
    logits.pop_back();
    return flat(logits);
}

std::vector<float> plainQwen2(const Checkpoint& checkpoint, std::span<const std::int32_t> tokens) {
    return flat(qwen2Logits(checkpoint, tokens, true));
}

} // namespace steploom::testing
