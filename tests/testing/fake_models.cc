// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/testing/fake_models.h"

#include "engine/core/utf8.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

namespace steploom::testing {

namespace {

std::uint32_t mixed(std::uint32_t x) {
    x = (x ^ x >> 16) * 0x7FEB352Du;
    x = (x ^ x >> 15) * 0x846CA68Bu;
    return x ^ x >> 16;
}

/// Logits in [−1.5, 1.5) that change with the position and with every token of the sample.
void hashLogits(std::span<const std::int32_t> tokens, float, int position, std::span<float> logits) {
    std::uint32_t state = mixed(static_cast<std::uint32_t>(position) + 1);
    for (std::int32_t token : tokens)
        state = mixed(state ^ static_cast<std::uint32_t>(token));
    for (float& logit : logits) {
        state = mixed(state + 0x9E3779B9u);
        logit = 3.0f * static_cast<float>(state >> 8) / 16777216.0f - 1.5f;
    }
}

std::string letterOf(int id) {
    if (id < 26)
        return std::string(1, static_cast<char>('a' + id));
    // Beyond z: the characters from U+0100, two bytes each up to U+07FF.
    const unsigned code = 0x100u + static_cast<unsigned>(id) - 26u;
    if (code > 0x7FFu)
        throw std::invalid_argument("a letter tokenizer has at most 1818 letters");
    return {static_cast<char>(0xC0u | code >> 6), static_cast<char>(0x80u | (code & 0x3Fu))};
}

class LetterTokenizer : public Tokenizer {
public:
    explicit LetterTokenizer(int size) : m_fingerprint("letters-" + std::to_string(size)) {
        for (int id = 0; id < size; ++id)
            m_letters.push_back(letterOf(id));
    }

    /// A character that is no letter of this tokenizer becomes one by its first byte, so that any text has
    /// ids.
    std::vector<std::int32_t> encode(std::string_view text, bool) const override {
        requireUtf8(text, "the text");
        std::vector<std::int32_t> ids;
        while (!text.empty()) {
            std::size_t length = 1;
            while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xC0u) == 0x80u)
                ++length;
            const auto id = idOf(text.substr(0, length));
            ids.push_back(id ? *id : static_cast<unsigned char>(text[0]) % size());
            text.remove_prefix(length);
        }
        return ids;
    }
    std::string decode(std::span<const std::int32_t> ids, bool) const override {
        std::string text;
        for (std::int32_t id : ids)
            text += bytesOf(id);
        return text;
    }
    std::string_view bytesOf(std::int32_t id) const override {
        return id >= 0 && id < size() ? std::string_view(m_letters[static_cast<std::size_t>(id)])
                                      : std::string_view();
    }
    std::optional<std::int32_t> idOf(std::string_view content) const override {
        const auto found = std::find(m_letters.begin(), m_letters.end(), content);
        if (found == m_letters.end())
            return std::nullopt;
        return static_cast<std::int32_t>(found - m_letters.begin());
    }
    bool isSpecial(std::int32_t) const override { return false; }
    std::optional<std::int32_t> maskToken() const override { return std::nullopt; }
    int size() const override { return static_cast<int>(m_letters.size()); }
    const std::string& fingerprint() const override { return m_fingerprint; }
    std::string description() const override { return std::to_string(size()) + " letters"; }

private:
    std::vector<std::string> m_letters;
    std::string m_fingerprint;
};

} // namespace

FakeDenoiser::FakeDenoiser(int vocabulary, int length, int blocks, Rule rule)
    : m_rule(rule ? std::move(rule) : Rule(hashLogits)) {
    m_facts.architecture = "fake";
    m_facts.blocks = blocks;
    m_facts.width = 8;
    m_facts.heads = m_facts.keyValueHeads = 2;
    m_facts.vocabulary = vocabulary;
    m_facts.length = length;
    m_facts.weightFlopsPerRow = 24.0 * blocks * m_facts.width * m_facts.width;
    m_facts.lastBlockFlopsPerRow = 20.0 * m_facts.width * m_facts.width;
    m_facts.headFlopsPerRow = 2.0 * m_facts.width * vocabulary;
}

void FakeDenoiser::logits(const DenoisingCall& call, std::span<float> out) {
    const auto length = static_cast<std::size_t>(call.length);
    const auto vocabulary = static_cast<std::size_t>(m_facts.vocabulary);
    if (call.tokens.size() != static_cast<std::size_t>(call.samples) * length ||
        call.sigma.size() != static_cast<std::size_t>(call.samples) ||
        out.size() != call.rows.size() * vocabulary || !std::is_sorted(call.rows.begin(), call.rows.end()))
        throw std::logic_error("a network call whose sizes do not fit");
    calls.push_back({call.samples, {call.rows.begin(), call.rows.end()}});
    for (std::size_t i = 0; i < call.rows.size(); ++i) {
        const auto row = static_cast<std::size_t>(call.rows[i]);
        m_rule(call.tokens.subspan(row / length * length, length), call.sigma[row / length],
               static_cast<int>(row % length), out.subspan(i * vocabulary, vocabulary));
    }
}

std::shared_ptr<const Tokenizer> makeLetterTokenizer(int size) {
    return std::make_shared<LetterTokenizer>(size);
}

} // namespace steploom::testing
