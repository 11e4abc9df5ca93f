// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/error.h"
#include "engine/measures/generative_perplexity.h"
#include "engine/measures/scoring_windows.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace steploom {

namespace {

/// Enough rows to fill the machine's matrix products, few enough that a stop is honoured soon.
constexpr int kTokensPerCall = 1024;

/// What the template puts before a text ("<|begin_of_text|>"), found by encoding one with and without it.
std::vector<std::int32_t> beginningTokens(const Tokenizer& tokenizer) {
    const std::string_view probe = "a";
    const std::vector<std::int32_t> plain = tokenizer.encode(probe);
    const std::vector<std::int32_t> framed = tokenizer.encode(probe, true);
    const auto text = std::search(framed.begin(), framed.end(), plain.begin(), plain.end());
    return text == framed.end() ? std::vector<std::int32_t>{}
                                : std::vector<std::int32_t>(framed.begin(), text);
}

} // namespace

Evaluator::Evaluator(std::string name, std::string sha256, std::shared_ptr<CausalModel> model,
                     std::shared_ptr<const Tokenizer> tokenizer)
    : m_name(std::move(name)), m_sha256(std::move(sha256)), m_model(std::move(model)),
      m_tokenizer(std::move(tokenizer)) {
    const ModelFacts& facts = m_model->facts();
    // Published vocabularies are padded to a round number, by less than this (Qwen2's by 271 and 399); more
    // is another tokenizer.
    constexpr int kMostPadding = 512;
    if (m_tokenizer->size() > facts.vocabulary || m_tokenizer->size() + kMostPadding <= facts.vocabulary)
        throw Error(ErrorKind::Tokenizer, {"the evaluator's tokenizer does not fit its model", m_name,
                                           fmt::format("the tokenizer knows {} tokens, the model {}",
                                                       m_tokenizer->size(), facts.vocabulary),
                                           "Give the tokenizer that the evaluator was trained with"});
    m_beginning = beginningTokens(*m_tokenizer);
    const int needed = static_cast<int>(m_beginning.size()) + 2;
    if (facts.length < needed)
        throw Error(ErrorKind::Config, {"the evaluator cannot score text", m_name,
                                        fmt::format("it sees {} positions, and scoring one token takes {}",
                                                    facts.length, needed),
                                        "Choose a model with a longer context"});
}

int Evaluator::stride() const noexcept { return std::max(1, facts().length / 2); }

std::vector<Evaluator::TextScore> Evaluator::score(std::span<const std::string> texts, Progress progress,
                                                   std::stop_token stop) const {
    const WindowPlan plan{facts().length, stride(), std::max(1, static_cast<int>(m_beginning.size()))};
    std::vector<std::vector<std::int32_t>> tokens;
    std::vector<ScoringWindow> windows;
    std::int64_t toScore = 0;
    for (const std::string& text : texts) {
        std::vector<std::int32_t>& ids = tokens.emplace_back(m_beginning);
        const std::vector<std::int32_t> encoded = m_tokenizer->encode(text);
        ids.insert(ids.end(), encoded.begin(), encoded.end());
        const int index = static_cast<int>(tokens.size()) - 1;
        for (const ScoringWindow& window : scoringWindows(index, static_cast<int>(ids.size()), plan)) {
            windows.push_back(window);
            toScore += window.end - window.scoredFrom;
        }
    }

    std::vector<TextScore> scores(texts.size());
    std::int64_t scored = 0;
    std::vector<std::int32_t> input; // [samples, length]
    std::vector<float> nats;         // [samples, length − 1]
    for (const WindowBatch& batch : batchWindows(windows, kTokensPerCall)) {
        if (stop.stop_requested()) {
            // Windows come in the order of their texts: all texts before this window's are complete.
            scores.resize(static_cast<std::size_t>(windows[batch.begin].text));
            return scores;
        }
        const std::size_t width = static_cast<std::size_t>(batch.length);
        input.assign(width * batch.samples(), 0);
        nats.resize((width - 1) * batch.samples());
        for (int i = 0; i < batch.samples(); ++i) {
            const ScoringWindow& window = windows[batch.begin + i];
            const auto from = tokens[window.text].begin();
            std::copy(from + window.begin, from + window.end, input.begin() + i * batch.length);
        }
        m_model->reserve(batch.samples(), batch.length);
        m_model->negativeLogLikelihood(input, batch.samples(), batch.length, nats);
        for (int i = 0; i < batch.samples(); ++i) {
            const ScoringWindow& window = windows[batch.begin + i];
            TextScore& score = scores[window.text];
            // Column j of a row judges the window's token j + 1.
            for (int token = window.scoredFrom; token < window.end; ++token)
                score.nats += nats[(width - 1) * i + static_cast<std::size_t>(token - window.begin - 1)];
            score.tokens += window.end - window.scoredFrom;
            scored += window.end - window.scoredFrom;
        }
        if (progress)
            progress(static_cast<double>(scored) / static_cast<double>(toScore));
    }
    return scores;
}

} // namespace steploom
