// SPDX-License-Identifier: GPL-3.0-or-later
// Entropy and generative perplexity of a fixed set of samples under the bundled reader, against an
// implementation so plain that it can be checked by reading: one call a window, a softmax over its logits in
// float64, sums.
#include "engine/measures/generative_perplexity.h"
#include "engine/models/registry.h"
#include "engine/tensor/compute_context.h"
#include "tests/testing/paths.h"

#include <QtTest>

#include <algorithm>
#include <cmath>
#include <map>

using namespace steploom;
using namespace steploom::testing;

namespace {

/// Paragraphs of the bundled tale, some short, some longer than the reader's 256 positions.
std::vector<std::string> sampleTexts() {
    const std::string tale = readText(resourcePath("texts/the-lamplighters-geese.txt"));
    std::vector<std::string> texts;
    std::size_t begin = 0;
    for (const std::size_t bytes : {400, 90, 1500, 700, 2300, 250, 12, 1100}) {
        texts.push_back(tale.substr(begin, bytes));
        begin += bytes;
    }
    return texts;
}

/// −log p of each token of a window but the first, by the definition.
std::vector<double> natsOf(CausalModel& model, std::span<const std::int32_t> window) {
    const auto vocabulary = static_cast<std::size_t>(model.facts().vocabulary);
    std::vector<float> logits(window.size() * vocabulary);
    model.logits(window, 1, static_cast<int>(window.size()), logits);
    std::vector<double> nats{0};
    for (std::size_t token = 1; token < window.size(); ++token) {
        const auto row = std::span(logits).subspan((token - 1) * vocabulary, vocabulary);
        double sum = 0;
        for (const float logit : row)
            sum += std::exp(static_cast<double>(logit));
        nats.push_back(std::log(sum) - row[static_cast<std::size_t>(window[token])]);
    }
    return nats;
}

/// Windows of the model's length, on by half of it; the first one that reaches a token judges it.
double natsOfText(CausalModel& model, std::span<const std::int32_t> tokens) {
    const auto context = static_cast<std::size_t>(model.facts().length);
    double sum = 0;
    std::size_t judged = 1; // nothing precedes the first token
    for (std::size_t begin = 0; judged < tokens.size(); begin += context / 2) {
        const auto window = tokens.subspan(begin, std::min(context, tokens.size() - begin));
        const std::vector<double> nats = natsOf(model, window);
        for (; judged < begin + window.size(); ++judged)
            sum += nats[judged - begin];
    }
    return sum;
}

double entropyOf(std::span<const std::int32_t> tokens) {
    std::map<std::int32_t, double> counts;
    for (const std::int32_t token : tokens)
        counts[token] += 1;
    double entropy = 0;
    for (const auto& [token, count] : counts) {
        const double share = count / static_cast<double>(tokens.size());
        entropy -= share * std::log(share);
    }
    return entropy;
}

} // namespace

class TestPlainMeasures : public QObject {
    Q_OBJECT

private slots:
    void figuresAreThoseOfAPlainImplementation() {
        ComputeContext context(2);
        const std::filesystem::path folder = resourcePath("checkpoints/reader");
        const Evaluator reader = Evaluator::load(folder, Precision::F32, context);
        const auto model = loadCausalModel(Checkpoint::open(folder), Precision::F32, context);
        const auto tokenizer = Tokenizer::load(folder);
        const std::vector<std::string> texts = sampleTexts();

        double nats = 0, entropies = 0;
        int tokens = 0, longerThanTheContext = 0;
        std::vector<std::vector<std::int32_t>> samples;
        for (const std::string& text : texts) {
            samples.push_back(tokenizer->encode(text));
            nats += natsOfText(*model, samples.back());
            tokens += static_cast<int>(samples.back().size()) - 1;
            longerThanTheContext += static_cast<int>(samples.back().size()) > model->facts().length;
            entropies += entropyOf(samples.back());
        }
        QCOMPARE(longerThanTheContext, 3); // or the window would not be tested

        const std::vector<Evaluator::TextScore> scores = reader.score(texts);
        const Measure perplexity = generativePerplexity(scores, reader), entropy = unigramEntropy(samples);
        const double expected = std::exp(nats / tokens);
        QVERIFY2(std::abs(perplexity.estimate.value - expected) < 1e-4 * expected,
                 qPrintable(QString("%1 instead of %2").arg(perplexity.estimate.value).arg(expected)));
        QVERIFY(std::abs(entropy.estimate.value - entropies / static_cast<double>(texts.size())) < 1e-12);
        QCOMPARE(perplexity.estimate.n, 8);
        QCOMPARE(entropy.estimate.n, 8);
    }
};

QTEST_GUILESS_MAIN(TestPlainMeasures)
#include "test_plain_measures.moc"
