// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/analyses/analysis_name.h"

#include <QtTest>

using namespace steploom;

class AnalysisNameTest : public QObject {
    Q_OBJECT

private slots:
    void anAnalysisIsCalledByWhatItIsMadeOf() {
        GenerationRequest request;
        request.samples = 32;
        QCOMPARE(analysisName(SearchOrder{}, request),
                 std::string("Search: 2 light of 10 segments, 32 samples"));
        QCOMPARE(analysisName(SearchOrder{.most = 20}, request),
                 std::string("Search: 2 light of 10 segments, 20 of 45 schedules, 32 samples"));
        QCOMPARE(analysisName(SearchOrder{.most = 45}, request),
                 std::string("Search: 2 light of 10 segments, 32 samples"));
        QCOMPARE(analysisName(ImportanceOrder{}, request), std::string("Importance, 256 windows"));
        QCOMPARE(analysisName(FrontierOrder{{StepSchedule("H")}, {0.6, 1.0}}, request),
                 std::string("Frontier, 1 schedule × 2 temperatures"));
        QCOMPARE(analysisName(CorrelationOrder{.checkpoints = {"a", "b", "c"}, .text = {}}, request),
                 std::string("Correlation, 3 checkpoints"));
    }

    void aNamelessItemIsCalledByWhatItIs() {
        QueuedGeneration item;
        item.request.schedule = StepSchedule("LHHL");
        QCOMPARE(nameOf(item), std::string("(L1,H2,L1)"));
        item.analysis = orderJson(SearchOrder{});
        QCOMPARE(nameOf(item), std::string("Search: 2 light of 10 segments, 8 samples"));
        item.analysis = {{"kind", "of the future"}};
        QCOMPARE(nameOf(item), std::string("an analysis of another version"));
        item.name = "mine";
        QCOMPARE(nameOf(item), std::string("mine"));
    }
};

QTEST_GUILESS_MAIN(AnalysisNameTest)
#include "test_analysis_name.moc"
