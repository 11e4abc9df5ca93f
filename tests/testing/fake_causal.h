// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/models/model.h"

#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace steploom::testing {

/// A causal model whose negative log-likelihoods are a plain function of what precedes a token and of the
/// token. It remembers its calls. Made for scoring: it hands out no cache.
class FakeCausal : public CausalModel {
public:
    using Rule = std::function<double(std::span<const std::int32_t> before, std::int32_t token)>;

    FakeCausal(int vocabulary, int length, Rule rule) : m_rule(std::move(rule)) {
        m_facts.architecture = "fake causal";
        m_facts.vocabulary = vocabulary;
        m_facts.length = length;
    }

    struct Call {
        int samples;
        int length;
    };
    std::vector<Call> calls;

    const ModelFacts& facts() const noexcept override { return m_facts; }
    void reserve(int, int) override {}
    void logits(std::span<const std::int32_t> tokens, int samples, int length,
                std::span<float> out) override {
        std::size_t next = 0;
        for (int sample = 0; sample < samples; ++sample)
            for (int position = 1; position <= length; ++position)
                for (int token = 0; token < m_facts.vocabulary; ++token)
                    out[next++] =
                        -static_cast<float>(m_rule(before(tokens, sample, length, position), token));
    }
    void negativeLogLikelihood(std::span<const std::int32_t> tokens, int samples, int length,
                               std::span<float> out) override {
        calls.push_back({samples, length});
        std::size_t next = 0;
        for (int sample = 0; sample < samples; ++sample)
            for (int position = 1; position < length; ++position)
                out[next++] = static_cast<float>(m_rule(
                    before(tokens, sample, length, position),
                    tokens[static_cast<std::size_t>(sample) * length + static_cast<std::size_t>(position)]));
    }
    std::unique_ptr<KeyValueCache> newCache(int) const override { return nullptr; }
    void extend(KeyValueCache&, std::span<const std::int32_t>, std::span<float>) override {}

private:
    static std::span<const std::int32_t> before(std::span<const std::int32_t> tokens, int sample, int length,
                                                int position) {
        return tokens.subspan(static_cast<std::size_t>(sample) * length, static_cast<std::size_t>(position));
    }

    ModelFacts m_facts;
    Rule m_rule;
};

} // namespace steploom::testing
