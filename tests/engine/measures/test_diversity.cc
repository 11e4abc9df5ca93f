// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/random.h"
#include "engine/measures/diversity.h"

#include <QtTest>

#include <cmath>

using namespace steploom;

namespace {

using Texts = std::vector<std::vector<std::int32_t>>;

bool near(double a, double b) { return std::abs(a - b) < 1e-9; }

Texts drawn(std::size_t count, std::size_t length, double vocabulary, std::uint32_t stream = 0) {
    const CounterRandom random(9);
    Texts texts(count);
    for (std::uint32_t i = 0; i < count; ++i)
        for (std::uint32_t j = 0; j < length; ++j)
            texts[i].push_back(
                static_cast<std::int32_t>(vocabulary * random.uniform(Purpose::Bootstrap, i, j, stream)));
    return texts;
}

} // namespace

class TestDiversity : public QObject {
    Q_OBJECT
private slots:
    void distinctSharesAreCounted() {
        const Texts texts{{1, 2, 1, 2}, {1, 2, 3, 4}};
        QVERIFY(near(distinctShare(texts, 1).value, 4 / 8.0));
        QVERIFY(near(distinctShare(texts, 2).value, 4 / 6.0)); // 12 21 23 34
        QVERIFY(near(distinctShare(texts, 3).value, 4 / 4.0));
        QCOMPARE(distinctShare(texts, 1).n, 2);
        QVERIFY(std::isnan(distinctShare(Texts{{1}}, 2).value));
        QCOMPARE(distinctShare({}, 1).n, 0);
    }

    void theIntervalOfADistinctShareIsTheJackknifes() {
        // By hand: shares without the first, second, third sample.
        const Texts texts{{1, 2, 3}, {1, 1, 4}, {5, 6, 1}};
        const double all = 6 / 9.0;
        const std::array without{4 / 6.0, 5 / 6.0, 4 / 6.0};
        std::vector<double> pseudo;
        for (const double share : without)
            pseudo.push_back(3 * all - 2 * share);
        const Estimate estimate = distinctShare(texts, 1);
        QVERIFY(near(estimate.value, all));
        QVERIFY(near(estimate.margin(), meanWithInterval(pseudo).margin()));
    }

    void repetitionIsTheShareThatStoodThereBefore() {
        QCOMPARE(repeatedShare(std::vector<std::int32_t>{1, 2, 3, 4, 5, 6, 7}, 4), 0.0);
        QVERIFY(near(repeatedShare(std::vector<std::int32_t>{1, 2, 3, 4, 1, 2, 3, 4}, 4), 1 / 5.0));
        QVERIFY(near(repeatedShare(std::vector<std::int32_t>(10, 7), 4), 6 / 7.0));
        QCOMPARE(repeatedShare(std::vector<std::int32_t>{1, 2}, 4), 0.0);
    }

    void bleuIsThatOfTheDefinition() {
        // Candidate 1 2 3 4 5 6 against 1 2 3 4 7 8: precisions 4/6, 3/5, 2/4, 1/3, equal length.
        const std::vector<double> pair = selfBleu(Texts{{1, 2, 3, 4, 5, 6}, {1, 2, 3, 4, 7, 8}});
        const double expected = std::pow(4 / 6.0 * 3 / 5.0 * 2 / 4.0 * 1 / 3.0, 0.25);
        QVERIFY(near(pair[0], expected) && near(pair[1], expected));
        // Counts are clipped to the best single reference: 1 stands three times here, twice in the others.
        const std::vector<double> clipped = selfBleu(Texts{{1, 1, 1}, {1, 1, 9}, {1, 8, 8}});
        // 1-grams 2/3; 2-grams: 11 twice, once in a reference: 1/2; 3-grams 0.1/1; 4-grams 0.1/1.
        QVERIFY(near(clipped[0], std::pow(2 / 3.0 * 1 / 2.0 * 0.1 * 0.1, 0.25)));
        // Shorter than every reference: exp(1 − 4/2).
        const std::vector<double> brief = selfBleu(Texts{{1, 2}, {1, 2, 3, 4}});
        QVERIFY(near(brief[0], std::exp(-1.0) * std::pow(1.0 * 1.0 * 0.1 * 0.1, 0.25)));
        for (const double score : selfBleu(Texts{{3, 1, 4, 1, 5}, {3, 1, 4, 1, 5}, {3, 1, 4, 1, 5}}))
            QVERIFY(near(score, 1));
        QVERIFY(std::isnan(selfBleu(Texts{{1, 2, 3}})[0]));
        QVERIFY(std::isnan(selfBleu(Texts{{}, {1, 2}})[0]));
    }

    void measuresTellVariedTextFromMonotony() {
        const auto valueOf = [](const std::vector<Measure>& measures, const std::string& name) {
            const auto found = std::ranges::find(measures, name, &Measure::name);
            return found == measures.end() ? std::nan("") : found->estimate.value;
        };
        const std::vector<Measure> varied = diversityMeasures(drawn(32, 64, 500)),
                                   dull = diversityMeasures(drawn(32, 64, 3, 1));
        QCOMPARE(varied.size(), std::size_t{5});
        for (const char* name : {"distinct_1", "distinct_2", "distinct_3"})
            QVERIFY2(valueOf(varied, name) > valueOf(dull, name), name);
        QVERIFY(valueOf(varied, "repeated_4") < valueOf(dull, "repeated_4"));
        QVERIFY(valueOf(varied, "self_bleu") < valueOf(dull, "self_bleu"));
        for (const Measure& measure : varied)
            QVERIFY(measure.estimate.n == 32 && std::isfinite(measure.estimate.margin()));
        QCOMPARE(diversityMeasures(drawn(1, 64, 9)).size(), std::size_t{4});
    }
};

QTEST_APPLESS_MAIN(TestDiversity)
#include "test_diversity.moc"
