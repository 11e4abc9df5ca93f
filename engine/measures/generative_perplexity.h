// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/progress.h"
#include "engine/measures/measure.h"
#include "engine/measures/text_score.h"
#include "engine/models/model.h"
#include "engine/text/tokenizer.h"

#include <filesystem>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace steploom {

class ComputeContext;

/// A causal model that judges text, with its own tokenizer.
class Evaluator {
public:
    /// Throws Error (File, Config, Tensors, Tokenizer) as the loaders do, and Tokenizer when it does not fit
    /// the model. `tokenizer` empty: the one in the folder.
    static Evaluator load(const std::filesystem::path& folder, Precision precision, ComputeContext& context,
                          const std::filesystem::path& tokenizer = {});
    Evaluator(std::string name, std::string sha256, std::shared_ptr<CausalModel> model,
              std::shared_ptr<const Tokenizer> tokenizer);

    const std::string& name() const noexcept { return m_name; }
    const std::string& path() const noexcept { return m_path; }
    const std::string& sha256() const noexcept { return m_sha256; }
    const ModelFacts& facts() const noexcept { return m_model->facts(); }

    const Tokenizer& tokenizer() const noexcept { return *m_tokenizer; }
    /// What the tokenizer's template puts before every text (Llama's <|begin_of_text|>); empty for GPT-2.
    /// With it, the first token of a text has something before it and is scored as well.
    const std::vector<std::int32_t>& beginning() const noexcept { return m_beginning; }

    using TextScore = steploom::TextScore;
    /// Scores texts. Longer than the context: windows of the model's length that advance by `stride` tokens
    /// (default half the context), each token scored once, in the first window that reaches it. Stops between
    /// calls: the result then holds the leading texts, those that are scored completely. Throws Error(Text).
    std::vector<TextScore> score(std::span<const std::string> texts, Progress progress = {},
                                 std::stop_token stop = {}) const;
    int stride() const noexcept;

private:
    std::string m_name;
    std::string m_path;
    std::string m_sha256;
    std::shared_ptr<CausalModel> m_model;
    std::shared_ptr<const Tokenizer> m_tokenizer;
    std::vector<std::int32_t> m_beginning;
};

/// exp of the token-weighted mean negative log-likelihood over all texts, with the interval of the mean
/// carried through exp. Texts of fewer than two tokens count in n but weigh nothing.
Measure generativePerplexity(std::span<const Evaluator::TextScore> scores, const Evaluator& evaluator);

/// Unigram entropy (nats) of each sample's tokens, averaged over samples: −Σ f log f with f the token
/// frequencies in the sample. Falls when text repeats itself, which perplexity rewards.
Measure unigramEntropy(std::span<const std::vector<std::int32_t>> samples);
/// The same for one sample.
double unigramEntropyOf(std::span<const std::int32_t> tokens);

} // namespace steploom
