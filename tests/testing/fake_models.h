// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/models/model.h"
#include "engine/text/tokenizer.h"

#include <functional>
#include <memory>
#include <vector>

namespace steploom::testing {

/// A masked-diffusion model whose logits are a plain function: of the sample's tokens, its sigma, and the
/// position. Counts calls and remembers what it was asked, so that tests can say which network calls
/// happened.
class FakeDenoiser : public MaskedDiffusionModel {
public:
    using Rule = std::function<void(std::span<const std::int32_t> tokens, float sigma, int position,
                                    std::span<float> logits)>;
    /// Default rule: logits that depend on position and on the tokens already revealed, by a hash.
    FakeDenoiser(int vocabulary, int length, int blocks = 2, Rule rule = {});

    const ModelFacts& facts() const noexcept override { return m_facts; }
    bool timeConditioned() const noexcept override { return true; }
    std::int32_t maskToken() const noexcept override { return m_facts.vocabulary - 1; }
    void reserve(int, int) override {}
    void logits(const DenoisingCall& call, std::span<float> out) override;

    struct Call {
        int samples;
        std::vector<std::int32_t> rows;
    };
    std::vector<Call> calls;

private:
    ModelFacts m_facts;
    Rule m_rule;
};

/// A tokenizer whose pieces are single characters 'a', 'b', …: size ids, no special tokens. For tests that
/// need ids, not text.
std::shared_ptr<const Tokenizer> makeLetterTokenizer(int size);

} // namespace steploom::testing
