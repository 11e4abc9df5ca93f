// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/models/model.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace steploom::testing {

/// A causal model whose negative log-likelihoods are a plain function of what precedes a token and of the
/// token. It remembers its calls.
class FakeCausal : public CausalModel {
public:
    using Rule = std::function<double(std::span<const std::int32_t> before, std::int32_t token)>;

    FakeCausal(int vocabulary, int length, Rule rule) : m_rule(std::move(rule)) {
        m_facts.architecture = "fake causal";
        m_facts.kind = GenerationKind::Autoregressive;
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
    std::unique_ptr<KeyValueCache> newCache(int) const override { return std::make_unique<Cache>(); }
    void extend(KeyValueCache& cache, std::span<const std::int32_t> tokens, std::span<float> out) override {
        auto& seen = static_cast<Cache&>(cache).tokens;
        seen.insert(seen.end(), tokens.begin(), tokens.end());
        for (int token = 0; token < m_facts.vocabulary; ++token)
            out[static_cast<std::size_t>(token)] = -static_cast<float>(m_rule(seen, token));
    }

private:
    struct Cache : KeyValueCache {
        std::vector<std::int32_t> tokens;
        int length() const noexcept override { return static_cast<int>(tokens.size()); }
        void clear() noexcept override { tokens.clear(); }
        void truncate(int length) noexcept override {
            tokens.resize(std::min(tokens.size(), static_cast<std::size_t>(length)));
        }
    };

    static std::span<const std::int32_t> before(std::span<const std::int32_t> tokens, int sample, int length,
                                                int position) {
        return tokens.subspan(static_cast<std::size_t>(sample) * length, static_cast<std::size_t>(position));
    }

    ModelFacts m_facts;
    Rule m_rule;
};

} // namespace steploom::testing
