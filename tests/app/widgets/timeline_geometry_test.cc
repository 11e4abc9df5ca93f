// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/number_format.h"
#include "app/widgets/timeline_edit.h"
#include "app/widgets/timeline_ruler.h"

#include <QtTest>

#include <array>

using namespace steploom;

namespace {

TimelineGeometry geometryOf(int steps, double left = 100, double width = 512) {
    TimelineGeometry g;
    g.setPlot(left, width);
    g.setSteps(steps);
    return g;
}

StepSchedule scheduleOf(const char* notation) { return parseSchedule(notation); }

std::string printed(const StepSchedule& schedule) { return printSchedule(schedule); }

QStringList labels(const std::vector<RulerTick>& ticks) {
    QStringList result;
    for (const RulerTick& tick : ticks) {
        result << tick.label;
    }
    return result;
}

} // namespace

class TimelineGeometryTest : public QObject {
    Q_OBJECT
private slots:
    void everyStepIsFoundAgainWhereItIsDrawn() {
        for (const int steps : {1, 7, 256, 1000, 10'000}) {
            const TimelineGeometry g = geometryOf(steps);
            for (int step = 0; step < steps; step += 1 + steps / 50) {
                QCOMPARE(g.stepAt(g.xOf(step + 0.5)), step);
                QCOMPARE(g.boundaryAt(g.xOf(step)), step);
            }
            QCOMPARE(g.stepAt(1e6), steps - 1);
            QCOMPARE(g.stepAt(-1e6), 0);
            QCOMPARE(g.boundaryAt(1e6), steps);
        }
    }

    void zoomKeepsTheStepUnderThePointer() {
        TimelineGeometry g = geometryOf(1000);
        const double x = 300;
        const double before = g.positionAt(x);
        g.zoomAbout(x, 4);
        QVERIFY(qAbs(g.positionAt(x) - before) < 1e-9);
        QCOMPARE(g.visibleSteps, 250.0);
        g.zoomAbout(x, 1e9);
        QCOMPARE(g.visibleSteps, TimelineGeometry::kFewestVisible);
        g.zoomAbout(x, 1e-9);
        QVERIFY(!g.isZoomed());
        QCOMPARE(g.firstStep, 0.0);
    }

    void panStopsAtTheEndsAndRevealMovesNoMoreThanNeeded() {
        TimelineGeometry g = geometryOf(1000);
        g.zoomAbout(g.left, 10);
        g.panBy(-500);
        QCOMPARE(g.firstStep, 0.0);
        g.panBy(1e9);
        QCOMPARE(g.visibleRange(), (TimelineGeometry::Range{900, 1000}));
        g.reveal(950);
        QCOMPARE(g.firstStep, 900.0);
        g.reveal(20);
        QCOMPARE(g.visibleRange(), (TimelineGeometry::Range{20, 120}));
        g.reveal(120);
        QCOMPARE(g.visibleRange(), (TimelineGeometry::Range{21, 121}));
    }

    void boundariesSnapToAnchorsWithinToleranceOnly() {
        const TimelineGeometry g = geometryOf(5120); // 0.1 px a step
        const std::array anchors{1000, 2000};
        QCOMPARE(g.snappedBoundary(g.xOf(1020), anchors, 3), 1000);
        QCOMPARE(g.snappedBoundary(g.xOf(1040), anchors, 3), 1040);
        QCOMPARE(g.snappedBoundary(g.xOf(1020), {}, 3), 1020);
    }

    void theNearestInnerEdgeIsHit() {
        const TimelineGeometry g = geometryOf(256); // 2 px a step
        const auto segments = scheduleOf("(L32,H192,L32)").segments();
        QCOMPARE(edgeNear(g, segments, g.xOf(33), 4).value_or(-1), 32);
        QCOMPARE(edgeNear(g, segments, g.xOf(223), 4).value_or(-1), 224);
        QVERIFY(!edgeNear(g, segments, g.xOf(128), 4));
        QCOMPARE(edgeNear(g, segments, g.xOf(120), 1e9).value_or(-1), 32);
        QVERIFY(!edgeNear(g, segments, g.xOf(0), 4)); // the ends are no edges
        QVERIFY(!edgeNear(g, segments, g.xOf(256), 4));
        QVERIFY(!edgeNear(g, segments, g.xOf(32), 4, 65)); // L32 is 64 px wide
    }

    void rulersTickAtRoundValuesOfTheirUnit() {
        QCOMPARE(labels(rulerTicks(geometryOf(256), StepUnit::Step, 60)),
                 (QStringList{"0", "32", "64", "96", "128", "160", "192", "224", "256"}));
        QCOMPARE(labels(rulerTicks(geometryOf(1000), StepUnit::Step, 50)).first(3),
                 (QStringList{"0", "100", "200"}));
        QCOMPARE(labels(rulerTicks(geometryOf(256), StepUnit::Fraction, 100)),
                 (QStringList{"0%", "20%", "40%", "60%", "80%", "100%"}));
        const auto masked = rulerTicks(geometryOf(256), StepUnit::Masked, 250);
        QCOMPARE(labels(masked), (QStringList{"0%", "50%", "100%"}));
        QCOMPARE(masked.back().step, 0.0); // everything is masked at step 0
        QCOMPARE(describeStep(224, 256), QStringLiteral("step 224 · 87.5% · 12.5% masked"));
        QCOMPARE(describeStep(12, 32, {GenerationKind::Calm, 4}),
                 QStringLiteral("vector 12 · 37.5% · tokens 48–51"));
        QCOMPARE(describeStep(12, 32, {GenerationKind::Autoregressive, 1}), QStringLiteral("token 12 · 37.5%"));
    }

    void aMovedEdgeTakesFromItsNeighboursAndNoFurther() {
        const StepSchedule sandwich = scheduleOf("(L32,H192,L32)");
        QCOMPARE(printed(moveEdge(sandwich, 32, 40).schedule), std::string("(L40,H184,L32)"));
        QCOMPARE(printed(moveEdge(sandwich, 32, 1000).schedule), std::string("(L256)"));
        QCOMPARE(moveEdge(sandwich, 32, 1000).to, 224);
        QCOMPARE(printed(moveEdge(sandwich, 32, -5).schedule), std::string("(H224,L32)"));
        QCOMPARE(moveEdge(sandwich, 33, 40).schedule, sandwich); // no edge there
    }

    void aLockedBudgetMovesTheOppositeEdgeAlong() {
        const StepSchedule sandwich = scheduleOf("(L32,H192,L32)");
        const MovedEdge moved = moveEdgeKeepingShares(sandwich, 32, 40);
        QCOMPARE(printed(moved.schedule), std::string("(L40,H192,L24)"));
        QCOMPARE(moved.partnerFrom, 224);
        QCOMPARE(moved.partnerTo, 232);
        for (const int to : {-100, 0, 5, 31, 64, 100, 256, 400}) {
            const StepSchedule result = moveEdgeKeepingShares(sandwich, 32, to).schedule;
            QCOMPARE(result.count('L'), 64);
            QCOMPARE(result.steps(), 256);
        }
        const StepSchedule head = scheduleOf("(L64,H192)"); // nothing opposite to give
        QCOMPARE(moveEdgeKeepingShares(head, 64, 80).schedule, head);
    }

    void numbersAreWrittenOneWay() {
        QCOMPARE(formatNumber(31.2234), QStringLiteral("31.22"));
        QCOMPARE(formatNumber(-0.5), QStringLiteral("−0.5000"));
        QCOMPARE(formatNumber(qQNaN()), QStringLiteral("–"));
        QCOMPARE(formatShare(1.0 / 6), QStringLiteral("16.7%"));
        QCOMPARE(formatShare(-0.0001), QStringLiteral("0.0%"));
        QCOMPARE(formatEstimate({31.2234, 30.35, 32.09, 8}), QStringLiteral("31.22 ± 0.87"));
        QCOMPARE(formatEstimate({31.2234, 0, 0, 1}), QStringLiteral("31.22"));
        QCOMPARE(formatEstimate({250.9, 118.1, 533.1, 4}), QStringLiteral("251 (118–533)"));
        QCOMPARE(formatCount(950), QStringLiteral("950"));
        QCOMPARE(formatCount(9500), QStringLiteral("9.5k"));
        QCOMPARE(formatCount(8.78e6), QStringLiteral("8.78M"));
        QCOMPARE(formatCount(1.82e9), QStringLiteral("1.82B"));
        QCOMPARE(formatFlops(3.2e9), QStringLiteral("3.200 GFLOP"));
        QCOMPARE(formatFlops(1.0034e12), QStringLiteral("1.003 TFLOP"));
        QCOMPARE(formatDuration(14.2, true), QStringLiteral("about 14 s"));
        QCOMPARE(formatDuration(130), QStringLiteral("2 min 10 s"));
        QCOMPARE(formatDuration(0.8), QStringLiteral("0.8 s"));
        QCOMPARE(formatDuration(3599), QStringLiteral("1 h"));
    }
};

QTEST_GUILESS_MAIN(TimelineGeometryTest)
#include "timeline_geometry_test.moc"
