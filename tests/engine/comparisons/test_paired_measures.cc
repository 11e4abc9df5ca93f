// SPDX-License-Identifier: GPL-3.0-or-later
#include "compared_runs.h"
#include "engine/comparisons/paired_measures.h"

#include <QtTest>

#include <algorithm>

using namespace steploom;
using namespace steploom::testing;

namespace {

constexpr auto kLog = SampleMeasure::LogPerplexity;

std::size_t at(SampleMeasure measure) { return static_cast<std::size_t>(measure); }

} // namespace

class TestPairedMeasures : public QObject {
    Q_OBJECT

private slots:
    void whatSamplesShareDoesNotHideTheDifference() {
        const std::vector<Run> runs{comparedRun(1, 3.0), comparedRun(2, 3.1)};
        const RunDifference difference = compareMeasures(runs, 0).runs.at(0);
        QVERIFY(difference.unpaired.empty());
        QCOMPARE(difference.run, std::size_t{1});
        QCOMPARE(difference.pairs, 8);
        const MeasureDifference& nats = *difference.of(kLog);
        QCOMPARE(nats.estimate.n, 8);
        QVERIFY(std::abs(nats.estimate.value - 0.1) < 0.01);
        QVERIFY(nats.estimate.margin() < 0.02); // the samples alone spread by 0.25
        QVERIFY(nats.isClear());
        QVERIFY(nats.pValue < 1e-4);
        QVERIFY(difference.of(SampleMeasure::Entropy)->estimate.value == 0); // the same tokens
    }

    void theSameRunsOfOtherSeedsAreComparedByTheirMeans() {
        std::vector<Run> runs{comparedRun(1, 3.0), comparedRun(2, 3.1)};
        runs[1].summary.request.seed = 78;
        const RunDifference difference = compareMeasures(runs, 0).runs.at(0);
        QCOMPARE(difference.unpaired, std::string("they differ in seed (77 and 78)"));
        const MeasureDifference& nats = *difference.of(kLog);
        QCOMPARE(nats.estimate.n, 16);
        QVERIFY(std::abs(nats.estimate.value - 0.1) < 0.01);
        QVERIFY(!nats.isClear());
        QVERIFY(nats.pValue > 0.2);
    }

    void modelsOfTwoKindsAreNoPairsWhateverTheirSeed() {
        std::vector<Run> runs{comparedRun(1, 3.0), comparedRun(2, 3.1)};
        runs[1].summary.kind = GenerationKind::Calm;
        const RunDifference difference = compareMeasures(runs, 0).runs.at(0);
        QCOMPARE(difference.unpaired,
                 std::string("they differ in kind of model (masked-diffusion and calm)"));
        QCOMPARE(difference.of(kLog)->estimate.n, 16);
    }

    void costIsAShareOfTheBaselines() {
        std::vector<Run> runs{comparedRun(1, 3.0, 2e9), comparedRun(2, 3.0, 1.5e9)};
        runs[0].summary.cost.blocksOnlyFlops = 6e12;
        runs[1].summary.cost.blocksOnlyFlops = 5e12;
        const RunDifference paired = compareMeasures(runs, 0).runs.at(0);
        QVERIFY(std::abs(paired.of(SampleMeasure::Flops)->estimate.value + 0.25) < 1e-12);
        QVERIFY(paired.of(SampleMeasure::Flops)->estimate.margin() < 1e-9); // sample by sample exactly so
        QVERIFY(std::abs(paired.blocksOnly + 1.0 / 6) < 1e-12);
        runs[1].summary.request.length = 25;
        const Estimate apart = compareMeasures(runs, 0).runs.at(0).of(SampleMeasure::Flops)->estimate;
        QVERIFY(std::abs(apart.value + 0.25) < 1e-12);
        QVERIFY(apart.low < -0.25 && apart.high > -0.25 && apart.margin() < 0.05);
    }

    void onlyWhatIsClearlyBelowAllOthersIsBest() {
        // The first two cannot be told apart; both are below the third.
        std::vector<Run> runs{comparedRun(1, 3.0, 1e9), comparedRun(2, 3.0, 1e9), comparedRun(3, 3.2, 8e8)};
        MeasureComparison comparison = compareMeasures(runs, 2);
        QVERIFY(!comparison.best[at(kLog)]);
        QVERIFY(comparison.runs.at(0).of(kLog)->isClear() && comparison.runs.at(1).of(kLog)->isClear());
        QCOMPARE(comparison.best[at(SampleMeasure::Flops)], std::optional<std::size_t>(2));
        QVERIFY(!comparison.best[at(SampleMeasure::Entropy)]);
        runs[1] = comparedRun(2, 2.9);
        comparison = compareMeasures(runs, 2);
        QCOMPARE(comparison.best[at(kLog)], std::optional<std::size_t>(1));
        // Also when the baseline is the best one.
        QCOMPARE(compareMeasures(runs, 1).best[at(kLog)], std::optional<std::size_t>(1));
        QVERIFY(!compareMeasures(std::span(runs).first(1), 0).best[at(kLog)]);
    }

    void severalComparisonsAreCorrectedFor() {
        const std::vector<Run> runs{comparedRun(1, 3.0), comparedRun(2, 3.005), comparedRun(3, 3.1),
                                    comparedRun(4, 3.2)};
        const MeasureComparison comparison = compareMeasures(runs, 0);
        std::vector<double> pValues;
        for (const RunDifference& run : comparison.runs)
            pValues.push_back(run.of(kLog)->pValue);
        const std::vector<double> adjusted = benjaminiHochberg(pValues);
        for (std::size_t i = 0; i < 3; ++i) {
            QCOMPARE(comparison.runs[i].of(kLog)->adjusted, adjusted[i]);
            QVERIFY(adjusted[i] >= pValues[i]);
        }
    }

    void whatCannotBeComparedSaysWhy() {
        std::vector<Run> runs{comparedRun(1, 3.0), comparedRun(2, 3.1)};
        runs[1].summary.measures.clear();
        const auto missing = [&] { return compareMeasures(runs, 0).runs.at(0).missing[at(kLog)]; };
        QCOMPARE(missing(), std::string("no evaluator has judged run 2"));
        runs[1] = comparedRun(2, 3.1);
        runs[1].summary.measures[0].settings = {{"evaluator", "gpt2"}, {"evaluator_sha256", "dd44"}};
        QCOMPARE(missing(), std::string("they were judged by different evaluators (gpt2 and reader)"));
        runs[1] = comparedRun(2, 3.1);
        runs[1].samples.clear();
        QCOMPARE(missing(), std::string("they have no sample in common"));
        QVERIFY(!compareMeasures(runs, 0).runs.at(0).of(SampleMeasure::Seconds));
    }

    void onlySamplesThatBothHaveArePairs() {
        std::vector<Run> runs{comparedRun(1, 3.0), comparedRun(2, 3.1)};
        runs[0].samples.erase(runs[0].samples.begin());
        runs[1].samples.erase(runs[1].samples.begin() + 3);
        runs[1].samples.back().score.reset();
        std::ranges::reverse(runs[1].samples);
        const RunDifference difference = compareMeasures(runs, 0).runs.at(0);
        QCOMPARE(difference.pairs, 6);
        QCOMPARE(difference.of(kLog)->estimate.n, 5);
        QCOMPARE(difference.of(SampleMeasure::Entropy)->estimate.n, 6);
        QVERIFY(difference.of(kLog)->isClear());
    }
};

QTEST_APPLESS_MAIN(TestPairedMeasures)
#include "test_paired_measures.moc"
