// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/compared_runs.h"
#include "app/pages/configuration_model.h"
#include "app/pages/difference_model.h"
#include "tests/engine/comparisons/compared_runs.h"

#include <QAbstractItemModelTester>
#include <QTest>

using namespace steploom;
using namespace steploom::testing;

namespace {

using Tokenizers = std::vector<std::shared_ptr<const Tokenizer>>;

Run withTokens(std::int64_t id, std::vector<std::int32_t> tokens) {
    Run run = comparedRun(id, 3);
    run.samples.resize(1);
    run.samples[0].trace.tokens = std::move(tokens);
    return run;
}

} // namespace

class ComparedRunsTest : public QObject {
    Q_OBJECT

private slots:
    void theNewestTwoThatPairAreOffered() {
        std::vector<RunSummary> runs;
        for (const std::int64_t id : {9, 8, 7, 6, 5})
            runs.push_back(comparedRun(id, 3).summary);
        runs[0].finishedSamples = 0;                       // has no text yet
        runs[1].request.seed = 2;                          // pairs with nothing
        runs[2].request.schedule = parseSchedule("(H16)"); // pairs with 6
        QCOMPARE(newestComparable(runs), (std::vector<qint64>{6, 7}));
        // The same schedule twice says nothing; better two that do not pair.
        runs.erase(runs.begin() + 2);
        QCOMPARE(newestComparable(runs), (std::vector<qint64>{6, 8}));
        runs.resize(1);
        QVERIFY(newestComparable(runs).empty());
    }

    void theBaselineIsFramedWhereEveryOtherDiffers() {
        const std::vector<Run> runs{withTokens(1, {1, 2, 3, 4}), withTokens(2, {1, 9, 9, 4}),
                                    withTokens(3, {1, 2, 9, 4})};
        const Tokenizers none(3);
        const auto columns = columnDifferences(runs, 0, 0, TextDifference::Position, none);
        QCOMPARE(columns[0].framed, (std::vector<bool>{false, false, true, false}));
        QCOMPARE(columns[1].framed, (std::vector<bool>{false, true, true, false}));
        QCOMPARE(columns[1].equal, 2);
        QCOMPARE(columns[2].equal, 3);
        QVERIFY(columnDifferences(runs, 0, 0, TextDifference::Off, none)[1].framed.empty());
        QVERIFY(!columnDifferences(runs, 0, 5, TextDifference::Position, none)[1].known); // no such sample
    }

    void tokensOfDifferentTokenizersAreComparedAsTexts() {
        std::vector<Run> runs{withTokens(1, {0, 1}), withTokens(2, {0, 2})};
        runs[1].summary.request.pool[0].sha256 = "another";
        const auto differences = [&](const Tokenizers& tokenizers) {
            return columnDifferences(runs, 0, 0, TextDifference::Position, tokenizers);
        };
        QVERIFY(!differences(Tokenizers(2))[1].known); // ids of different pools tell nothing
        const auto columns = differences({makeLetterTokenizer(5), makeLetterTokenizer(9)});
        QVERIFY(columns[1].known);
        QCOMPARE(columns[1].framed, (std::vector<bool>{false, true}));
    }

    void differencesAreWrittenWithSignAndInterval() {
        QCOMPARE(differenceText({0.022, 0.003, 0.041, 8}, false), QString("+0.022 ± 0.019"));
        QCOMPARE(differenceText({-0.158, -0.162, -0.154, 8}, true), QString("−15.80 ± 0.40%"));
        QCOMPARE(differenceText({-0.25, -0.25, -0.25, 8}, true), QString("−25.0%"));
        QCOMPARE(differenceText({0, 0, 0, 8}, true), QString("0%"));
    }

    void theModelsHoldWhatIsCompared() {
        DifferenceModel differences;
        ConfigurationModel settings;
        const QAbstractItemModelTester first(&differences), second(&settings);
        const std::vector<Run> runs{comparedRun(1, 3.0), comparedRun(2, 3.1, 8e8), comparedRun(3, 2.8)};
        differences.setComparison(compareMeasures(runs, 0), {"a", "b", "c"});
        settings.setDifference(configurationDifference(runs), {"a", "b", "c"});
        QCOMPARE(differences.rowCount(), 2);
        const QModelIndex worse = differences.index(0, DifferenceModel::LogPerplexity),
                          better = differences.index(1, DifferenceModel::LogPerplexity);
        QVERIFY(worse.data().toString().startsWith("+0.1"));
        QVERIFY(worse.data(Qt::FontRole).value<QFont>().bold() ||
                worse.data(Qt::FontRole).value<QFont>().weight() > QFont::Normal);
        QVERIFY(worse.data(Qt::ForegroundRole).value<QColor>() !=
                better.data(Qt::ForegroundRole).value<QColor>());
        QVERIFY(better.data(Qt::ToolTipRole).toString().contains("below every other run"));
        QVERIFY(!differences.index(0, DifferenceModel::Entropy).data(Qt::ForegroundRole).isValid());
        QCOMPARE(settings.rowCount(), 0); // nothing differs
        settings.setShowsAll(true);
        QVERIFY(settings.rowCount() > 10);
        QCOMPARE(settings.columnCount(), 4);
    }
};

QTEST_MAIN(ComparedRunsTest)
#include "compared_runs_test.moc"
