// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/measures/generative_perplexity.h"
#include "tests/testing/errors.h"
#include "tests/testing/fake_causal.h"
#include "tests/testing/fake_models.h"

#include <QtTest>

#include <array>
#include <cmath>
#include <limits>

using namespace steploom;
using namespace steploom::testing;

namespace {

/// 1 nat for the next letter of the alphabet, 2 for any other.
double alphabetRule(std::span<const std::int32_t> before, std::int32_t token) {
    return token == before.back() + 1 ? 1 : 2;
}

/// As many nats as tokens were seen: tells in which window a token was scored.
double contextRule(std::span<const std::int32_t> before, std::int32_t) {
    return static_cast<double>(before.size());
}

/// The letters, framed by a beginning and an ending token as Llama's template does.
class FramedTokenizer : public Tokenizer {
public:
    explicit FramedTokenizer(int letters) : m_letters(makeLetterTokenizer(letters)) {}
    std::vector<std::int32_t> encode(std::string_view text, bool withTemplate) const override {
        std::vector<std::int32_t> ids = m_letters->encode(text);
        if (withTemplate) {
            ids.insert(ids.begin(), m_letters->size());
            ids.push_back(m_letters->size() + 1);
        }
        return ids;
    }
    std::string decode(std::span<const std::int32_t> ids, bool) const override {
        return m_letters->decode(ids);
    }
    std::string_view bytesOf(std::int32_t id) const override { return m_letters->bytesOf(id); }
    std::optional<std::int32_t> idOf(std::string_view content) const override {
        return m_letters->idOf(content);
    }
    bool isSpecial(std::int32_t id) const override { return id >= m_letters->size(); }
    std::optional<std::int32_t> maskToken() const override { return std::nullopt; }
    int size() const override { return m_letters->size() + 2; }
    const std::string& fingerprint() const override { return m_letters->fingerprint(); }
    std::string description() const override { return "framed letters"; }

private:
    std::shared_ptr<const Tokenizer> m_letters;
};

struct Judge {
    std::shared_ptr<FakeCausal> model;
    Evaluator evaluator;
};

Judge makeJudge(FakeCausal::Rule rule, int context = 64) {
    auto model = std::make_shared<FakeCausal>(26, context, std::move(rule));
    return {model, Evaluator("judge", "abc123", model, makeLetterTokenizer(26))};
}

bool near(double value, double expected) { return std::abs(value - expected) <= 1e-9 * std::abs(expected); }

} // namespace

class TestGenerativePerplexity : public QObject {
    Q_OBJECT

private slots:
    void scoresAreTheSumsWorkedOutByHand() {
        const Judge judge = makeJudge(alphabetRule);
        const std::vector<std::string> texts{"abca", "zz", "abcdef"};
        const auto scores = judge.evaluator.score(texts);
        QCOMPARE(scores.size(), std::size_t{3});
        QCOMPARE(scores[0].nats, 1.0 + 1 + 2);
        QCOMPARE(scores[0].tokens, 3);
        QCOMPARE(scores[1].nats, 2.0);
        QCOMPARE(scores[1].tokens, 1);
        QCOMPARE(scores[2].nats, 5.0);
        QCOMPARE(scores[2].tokens, 5);

        const Measure measure = generativePerplexity(scores, judge.evaluator);
        QCOMPARE(measure.name, std::string("generative_perplexity"));
        QVERIFY(near(measure.estimate.value, std::exp(11.0 / 9)));
        QCOMPARE(measure.estimate.n, 3);
        const Estimate mean = ratioWithInterval(std::array{4.0, 2.0, 5.0}, std::array{3.0, 1.0, 5.0});
        QVERIFY(near(measure.estimate.low, std::exp(mean.low)));
        QVERIFY(near(measure.estimate.high, std::exp(mean.high)));
    }

    void settingsSayWhoJudgedAndHow() {
        const Judge judge = makeJudge(alphabetRule, 64);
        const Measure measure = generativePerplexity(
            judge.evaluator.score(std::vector<std::string>{"abc", "de"}), judge.evaluator);
        QCOMPARE(measure.settings["evaluator"].get<std::string>(), std::string("judge"));
        QCOMPARE(measure.settings["evaluator_sha256"].get<std::string>(), std::string("abc123"));
        QCOMPARE(measure.settings["context"].get<int>(), 64);
        QCOMPARE(measure.settings["stride"].get<int>(), 32);
        QCOMPARE(measure.settings["tokens"].get<int>(), 3);
        QCOMPARE(measure.settings["beginning_tokens"].get<int>(), 0);
    }

    void longTextsAreScoredOnceInTheFirstWindowThatReachesThem() {
        const Judge judge = makeJudge(contextRule, 4);
        QCOMPARE(judge.evaluator.stride(), 2);
        const auto scores = judge.evaluator.score(std::vector<std::string>{"abcdefg"});
        // [0,4): 1, 2, 3 tokens seen; [2,6): 2, 3; [4,7): 2.
        QCOMPARE(scores[0].nats, 1.0 + 2 + 3 + 2 + 3 + 2);
        QCOMPARE(scores[0].tokens, 6);
        QVERIFY(generativePerplexity(scores, judge.evaluator).settings["sliding"].get<bool>());
        QVERIFY(
            !generativePerplexity(judge.evaluator.score(std::vector<std::string>{"abcd"}), judge.evaluator)
                 .settings["sliding"]
                 .get<bool>());
    }

    void textsInOneCallDoNotDisturbEachOther() {
        const Judge judge = makeJudge(alphabetRule, 64);
        std::vector<std::string> texts;
        for (int i = 0; i < 50; ++i)
            texts.push_back(std::string("abcdeabcdefghijkabcz").substr(0, static_cast<std::size_t>(i % 20)) +
                            "mnm");
        const auto together = judge.evaluator.score(texts);
        QVERIFY(judge.model->calls.size() < 25); // batched
        for (std::size_t i = 0; i < texts.size(); ++i) {
            const auto alone = judge.evaluator.score(std::span(texts).subspan(i, 1));
            QCOMPARE(together[i].nats, alone[0].nats);
            QCOMPARE(together[i].tokens, static_cast<int>(texts[i].size()) - 1);
        }
    }

    void templateWithABeginningTokenScoresTheFirstTokenToo() {
        auto model = std::make_shared<FakeCausal>(28, 16, contextRule);
        const Evaluator evaluator("framed", "", model, std::make_shared<FramedTokenizer>(26));
        QCOMPARE(evaluator.beginning(), std::vector<std::int32_t>{26});
        const auto scores = evaluator.score(std::vector<std::string>{"abc", "a", ""});
        QCOMPARE(scores[0].tokens, 3);
        QCOMPARE(scores[0].nats, 1.0 + 2 + 3);
        QCOMPARE(scores[1].tokens, 1);
        QCOMPARE(scores[2].tokens, 0);
        const Measure measure = generativePerplexity(scores, evaluator);
        QCOMPARE(measure.settings["beginning_tokens"].get<int>(), 1);
        QVERIFY(measure.settings["first_token"].get<std::string>().starts_with("scored"));
    }

    void shortTextsCountInNAndWeighNothing() {
        const Judge judge = makeJudge(alphabetRule);
        const auto scores = judge.evaluator.score(std::vector<std::string>{"", "abc", "q", "xz"});
        QCOMPARE(scores[0].tokens, 0);
        QCOMPARE(scores[2].tokens, 0);
        const Measure measure = generativePerplexity(scores, judge.evaluator);
        QCOMPARE(measure.estimate.n, 4);
        QVERIFY(near(measure.estimate.value, std::exp(4.0 / 3)));
    }

    void oneTextHasAnUnboundedInterval() {
        const Judge judge = makeJudge(alphabetRule);
        const Measure measure =
            generativePerplexity(judge.evaluator.score(std::vector<std::string>{"abc"}), judge.evaluator);
        QVERIFY(near(measure.estimate.value, std::exp(1.0)));
        QCOMPARE(measure.estimate.low, 0.0);
        QCOMPARE(measure.estimate.high, std::numeric_limits<double>::infinity());
        QCOMPARE(measure.estimate.n, 1);
    }

    void noTextsHaveNoPerplexity() {
        const Judge judge = makeJudge(alphabetRule);
        QVERIFY(judge.evaluator.score({}).empty());
        const Measure measure = generativePerplexity({}, judge.evaluator);
        QCOMPARE(measure.estimate.n, 0);
        QVERIFY(std::isnan(measure.estimate.value));
        QVERIFY(judge.model->calls.empty());
    }

    void stopLeavesTheTextsThatAreWholeSoFar() {
        const Judge judge = makeJudge(alphabetRule, 1024);
        // Three texts of a call each: they begin differently, so a call cannot hold two of them.
        const std::vector<std::string> texts{std::string(1000, 'a'), std::string(1000, 'b'),
                                             std::string(1000, 'a')};
        std::stop_source stop;
        std::vector<double> shares;
        const auto scores = judge.evaluator.score(
            texts,
            [&](double share) {
                shares.push_back(share);
                if (shares.size() == 2)
                    stop.request_stop();
            },
            stop.get_token());
        QCOMPARE(scores.size(), std::size_t{2});
        QCOMPARE(judge.model->calls.size(), std::size_t{2});
        QCOMPARE(scores[1].tokens, 999);
        QVERIFY(near(shares[0], 1.0 / 3));
    }

    void stopInTheMiddleOfATextLeavesItOut() {
        const Judge judge = makeJudge(alphabetRule, 1024);
        std::stop_source stop;
        const auto scores = judge.evaluator.score(
            std::vector<std::string>{std::string(3000, 'a')}, [&](double) { stop.request_stop(); },
            stop.get_token());
        QVERIFY(scores.empty());
    }

    void progressEndsAtOne() {
        const Judge judge = makeJudge(alphabetRule, 8);
        double last = 0;
        judge.evaluator.score(std::vector<std::string>{"abcdefghijkl", "abc"}, [&](double share) {
            QVERIFY(share >= last);
            last = share;
        });
        QCOMPARE(last, 1.0);
    }

    void brokenTextIsRefused() {
        const Judge judge = makeJudge(alphabetRule);
        expectError(
            [&] {
                judge.evaluator.score(std::vector<std::string>{"abc", "\xFF\xFE"});
            },
            ErrorKind::Text, {});
    }

    void tokenizerLargerThanTheModelIsRefusedNamingBoth() {
        const auto model = std::make_shared<FakeCausal>(20, 64, alphabetRule);
        expectError([&] { Evaluator("judge", "", model, makeLetterTokenizer(26)); }, ErrorKind::Tokenizer,
                    {"judge", "26", "20"});
    }

    void tokenizerFarSmallerThanTheModelIsRefusedNamingBoth() {
        const auto model = std::make_shared<FakeCausal>(26 + 512, 64, alphabetRule);
        expectError([&] { Evaluator("judge", "", model, makeLetterTokenizer(26)); }, ErrorKind::Tokenizer,
                    {"judge", "26", "538"});
        const auto padded = std::make_shared<FakeCausal>(26 + 511, 64, alphabetRule);
        Evaluator("judge", "", padded, makeLetterTokenizer(26));
    }

    void modelWithoutRoomForContextIsRefused() {
        const auto model = std::make_shared<FakeCausal>(26, 1, alphabetRule);
        expectError([&] { Evaluator("judge", "", model, makeLetterTokenizer(26)); }, ErrorKind::Config,
                    {"1 position"});
    }

    void entropyIsThatOfTheFrequencies() {
        QCOMPARE(unigramEntropyOf(std::vector<std::int32_t>{}), 0.0);
        QCOMPARE(unigramEntropyOf(std::vector<std::int32_t>{5, 5, 5}), 0.0);
        QVERIFY(near(unigramEntropyOf(std::vector<std::int32_t>{1, 2, 3, 4}), std::log(4.0)));
        QVERIFY(near(unigramEntropyOf(std::vector<std::int32_t>{9, 9, 9, 1}),
                     0.75 * std::log(4.0 / 3) + 0.25 * std::log(4.0)));
    }

    void entropyIsAveragedOverSamples() {
        const std::vector<std::vector<std::int32_t>> samples{{1, 2, 3, 4}, {1, 1, 1, 1}, {1, 2, 1, 2}};
        const Measure measure = unigramEntropy(samples);
        QCOMPARE(measure.unit, std::string("nats"));
        QCOMPARE(measure.estimate.n, 3);
        QVERIFY(near(measure.estimate.value, std::log(2.0))); // (ln 4 + 0 + ln 2) / 3
        QVERIFY(std::isnan(unigramEntropy({}).estimate.value));
    }
};

QTEST_GUILESS_MAIN(TestGenerativePerplexity)
#include "test_generative_perplexity.moc"
