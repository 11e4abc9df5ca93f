// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/theme.h"
#include "app/widgets/timeline_widget.h"
#include "engine/schedule/presets.h"

#include <QImage>
#include <QSignalSpy>
#include <QtTest>

using namespace steploom;

namespace {

/// A timeline whose owner answers edits as the editor does.
struct Bench {
    TimelineWidget timeline;
    QStringList edits;
    std::vector<std::string> previews;
    int previewsEnded = 0;

    explicit Bench(const StepSchedule& schedule) {
        timeline.resize(1100, 200);
        timeline.setSchedule(schedule);
        QObject::connect(&timeline, &TimelineWidget::edited, &timeline,
                         [this](const StepSchedule& result, const QString& text) {
                             edits << text;
                             timeline.setSchedule(result);
                         });
        QObject::connect(&timeline, &TimelineWidget::previewed, &timeline,
                         [this](const StepSchedule& s) { previews.push_back(printSchedule(s)); });
        QObject::connect(&timeline, &TimelineWidget::previewEnded, &timeline, [this] { ++previewsEnded; });
        timeline.show();
    }

    QPoint at(double step, int lane) const { return timeline.pointAt(step, lane).toPoint(); }
    void press(double step, int lane) { QTest::mousePress(&timeline, Qt::LeftButton, {}, at(step, lane)); }
    void move(double step, int lane) { QTest::mouseMove(&timeline, at(step, lane)); }
    void release(double step, int lane) {
        QTest::mouseRelease(&timeline, Qt::LeftButton, {}, at(step, lane));
    }
    void key(Qt::Key key, Qt::KeyboardModifiers modifiers = {}) {
        QTest::keyClick(&timeline, key, modifiers);
    }
    std::string shown() const { return printSchedule(timeline.schedule()); }
};

} // namespace

class TimelineTest : public QObject {
    Q_OBJECT
private slots:
    void paintingOverALaneGivesItsMemberThoseSteps() {
        Bench b(StepSchedule::all('H', 64));
        b.press(10.5, 1);
        b.move(15.5, 1);
        b.move(20.5, 1);
        QCOMPARE(b.shown(), std::string("(H64)")); // nothing is decided before the release
        b.release(20.5, 1);
        QCOMPARE(b.shown(), std::string("(H10,L11,H43)"));
        QCOMPARE(b.edits, QStringList{"Paint L over 10–20"});
    }

    void previewsFollowTheDrag() {
        Bench b(StepSchedule::all('H', 64));
        b.timeline.setDragFigures(
            [](const StepSchedule& s) { return QString::number(s.count('L')) + " light"; });
        b.press(10.5, 1);
        b.move(12.5, 1);
        QVERIFY(b.timeline.pillText().endsWith(QStringLiteral("3 light")));
        b.move(8.5, 1);
        QCOMPARE(b.previews, (std::vector<std::string>{"(H10,L1,H53)", "(H10,L3,H51)", "(H8,L3,H53)"}));
        b.release(8.5, 1);
        QCOMPARE(b.shown(), std::string("(H8,L3,H53)"));
    }

    void paintingWhatIsAlreadySoIsNoEdit() {
        Bench b(StepSchedule::all('H', 64));
        b.press(10.5, 0);
        b.move(20.5, 0);
        b.release(20.5, 0);
        QVERIFY(b.edits.isEmpty());
        QCOMPARE(b.previewsEnded, 1);
    }

    void aPressNearAnEdgeDragsItInEveryTool() {
        for (const TimelineTool tool : {TimelineTool::Paint, TimelineTool::Fill, TimelineTool::Edge}) {
            Bench b(parseSchedule("(L32,H192,L32)"));
            b.timeline.setTool(tool);
            b.press(32, 0);
            b.move(45, 0);
            b.release(45, 0);
            QCOMPARE(b.shown(), std::string("(L45,H179,L32)"));
            QCOMPARE(b.edits, QStringList{"Drag edge at step 32 → 45"});
        }
    }

    void theEdgeToolGrabsTheNearestEdgeFromAfar() {
        Bench b(parseSchedule("(L32,H192,L32)"));
        b.timeline.setTool(TimelineTool::Edge);
        b.press(180, 0);
        b.move(201, 0);
        b.release(201, 0);
        QCOMPARE(b.shown(), std::string("(L32,H169,L55)"));
    }

    void aLockedBudgetKeepsTheNumberOfLightSteps() {
        Bench b(parseSchedule("(L32,H192,L32)"));
        b.timeline.setSharesLocked(true);
        b.press(32, 0);
        b.move(45, 0);
        b.release(45, 0);
        QCOMPARE(b.shown(), std::string("(L45,H192,L19)"));
    }

    void fillWaitsForTheReleaseAndUsesTheActiveMember() {
        Bench b(StepSchedule::all('H', 64));
        b.timeline.setTool(TimelineTool::Fill);
        b.timeline.setActiveMember(1);
        b.press(40.5, 0);
        b.move(30.5, 0);
        b.release(30.5, 0);
        QCOMPARE(b.shown(), std::string("(H30,L11,H23)"));
        QCOMPARE(b.edits, QStringList{"Fill L over 30–40"});
    }

    void escapeCancelsTheDrag() {
        Bench b(parseSchedule("(L32,H192,L32)"));
        b.press(100.5, 1);
        b.move(150.5, 1);
        QVERIFY(b.timeline.isDragging());
        b.key(Qt::Key_Escape);
        QVERIFY(!b.timeline.isDragging());
        b.move(160.5, 1);
        b.release(160.5, 1);
        QCOMPARE(b.shown(), std::string("(L32,H192,L32)"));
        QVERIFY(b.edits.isEmpty());
        QCOMPARE(b.previewsEnded, 1);
    }

    void theKeyboardDoesWhatTheMouseDoes() {
        Bench b(StepSchedule::all('H', 64));
        b.key(Qt::Key_Right);
        b.key(Qt::Key_Right);
        b.key(Qt::Key_L);
        QCOMPARE(b.shown(), std::string("(H2,L1,H61)"));
        b.key(Qt::Key_Right, Qt::ShiftModifier);
        b.key(Qt::Key_Right, Qt::ShiftModifier);
        b.key(Qt::Key_L);
        QCOMPARE(b.shown(), std::string("(H2,L3,H59)"));
        b.key(Qt::Key_Home);
        b.key(Qt::Key_Right, Qt::ControlModifier);
        QCOMPARE(b.timeline.caret(), 2);
        b.key(Qt::Key_Right, Qt::ControlModifier | Qt::ShiftModifier); // to the end of the light segment
        b.key(Qt::Key_Delete);
        QCOMPARE(b.shown(), std::string("(H64)"));
        b.key(Qt::Key_End);
        b.key(Qt::Key_L);
        QCOMPARE(b.shown(), std::string("(H63,L1)"));
        QCOMPARE(b.edits.size(), 4);
        b.key(Qt::Key_X); // no member
        QCOMPARE(b.edits.size(), 4);
        QVERIFY(b.timeline.accessibleDescription().contains(QStringLiteral("light from 63 to 63")));
    }

    void theWheelZoomsAboutThePointerAndADoubleClickOnTheRulerResets() {
        Bench b(StepSchedule::all('H', 1000));
        const QPointF at = b.timeline.pointAt(300.5, 0);
        QWheelEvent wheel(at, b.timeline.mapToGlobal(at), {}, {0, 480}, Qt::NoButton, Qt::ControlModifier,
                          Qt::NoScrollPhase, false);
        QCoreApplication::sendEvent(&b.timeline, &wheel);
        QVERIFY(b.timeline.geometryOfSteps().isZoomed());
        QCOMPARE(b.timeline.geometryOfSteps().stepAt(at.x()), 300);
        QTest::mouseDClick(&b.timeline, Qt::LeftButton, {}, QPoint(500, 5));
        QVERIFY(!b.timeline.geometryOfSteps().isZoomed());
    }

    void theRulerPicksAStep() {
        Bench b(StepSchedule::all('H', 64));
        QSignalSpy picked(&b.timeline, &TimelineWidget::stepPicked);
        QTest::mousePress(&b.timeline, Qt::LeftButton, {}, QPoint(b.at(20.5, 0).x(), 5));
        QCOMPARE(picked.size(), 1);
        QCOMPARE(picked[0][0].toInt(), 20);
        QVERIFY(!b.timeline.isDragging());
    }

    void tenThousandAlternatingStepsShowBothMembersEverywhere() {
        PresetOptions options;
        options.steps = 10'000;
        options.lightShare = 0.5;
        Bench b(makePreset(Preset::Alternating, options));
        const QImage image = b.timeline.grab().toImage();
        for (const double step : {10.0, 2'500.0, 7'777.0, 9'990.0}) {
            const QColor heavy = image.pixelColor(b.at(step, 0));
            const QColor light = image.pixelColor(b.at(step, 1));
            QVERIFY2(heavy.blue() > heavy.red() + 20, qPrintable(heavy.name()));
            QVERIFY2(light.red() > light.blue() + 20, qPrintable(light.name()));
        }
    }

    void aBlockIsSelectedByAClickAndMovedByADrag() {
        Bench b(parseSchedule("(H20,L10,H34)"));
        b.timeline.setTool(TimelineTool::Select);
        b.press(25.5, 1);
        b.release(25.5, 1);
        QVERIFY(b.edits.isEmpty());
        QVERIFY(b.timeline.selection() == (TimelineGeometry::Range{20, 30}));
        b.press(22.5, 1);
        b.move(32.5, 1);
        b.release(32.5, 1);
        QCOMPARE(b.shown(), std::string("(H30,L10,H24)"));
        QCOMPARE(b.edits, QStringList{"Move 20–29 to 30–39"});
        QVERIFY(b.timeline.selection() == (TimelineGeometry::Range{30, 40})); // it stays selected
        // Beside the blocks a drag selects a range, and letters go to it.
        b.press(10.5, 1);
        b.move(5.5, 1);
        b.release(5.5, 1);
        b.key(Qt::Key_L);
        QCOMPARE(b.shown(), std::string("(H5,L6,H19,L10,H24)"));
        b.press(60.5, 1);
        b.release(60.5, 1);
        QVERIFY(!b.timeline.selection());
    }

    void aSplitGivesThePartFromThePointerOnToAnotherMember() {
        Bench b(parseSchedule("(H64)"));
        b.timeline.setTool(TimelineTool::Split);
        b.press(40.2, 0);
        b.release(40.2, 0);
        QCOMPARE(b.shown(), std::string("(H40,L24)"));
        QCOMPARE(b.edits, QStringList{"Split off to L over 40–63"});
        QTest::mouseClick(&b.timeline, Qt::LeftButton, Qt::ShiftModifier, b.at(9.5, 0));
        QCOMPARE(b.shown(), std::string("(L10,H30,L24)"));
    }

    void theEraserGivesStepsBackToTheFirstMember() {
        Bench b(parseSchedule("(L64)"));
        b.timeline.setTool(TimelineTool::Erase);
        b.press(10.5, 1);
        b.move(19.5, 0); // whatever the lane
        b.release(19.5, 0);
        QCOMPARE(b.shown(), std::string("(L10,H10,L44)"));
        QCOMPARE(b.edits, QStringList{"Erase to H over 10–19"});
    }

    void anEdgeIsHeldAndMovedByKeys() {
        Bench b(parseSchedule("(L32,H192,L32)"));
        b.key(Qt::Key_4); // the tool for edges
        QCOMPARE(b.timeline.tool(), TimelineTool::Edge);
        b.key(Qt::Key_Return);
        QVERIFY(b.timeline.isDragging());
        for (int i = 0; i < 5; ++i)
            b.key(Qt::Key_Right);
        QCOMPARE(b.previews.back(), std::string("(L37,H187,L32)"));
        QVERIFY(b.edits.isEmpty());
        b.key(Qt::Key_Return);
        QCOMPARE(b.shown(), std::string("(L37,H187,L32)"));
        QCOMPARE(b.edits, QStringList{"Drag edge at step 32 → 37"});
        b.key(Qt::Key_Return);
        b.key(Qt::Key_Left);
        b.key(Qt::Key_Escape);
        QCOMPARE(b.shown(), std::string("(L37,H187,L32)"));
        QCOMPARE(b.edits.size(), 1);
    }

    void aBlockIsHeldAndMovedByKeysAndTheRestOfTheToolsActAtOnce() {
        Bench b(parseSchedule("(L8,H56)"));
        b.key(Qt::Key_1);
        b.key(Qt::Key_Space);
        b.key(Qt::Key_Right);
        b.key(Qt::Key_Right);
        b.key(Qt::Key_Space);
        QCOMPARE(b.shown(), std::string("(H2,L8,H54)"));
        b.key(Qt::Key_6);
        b.key(Qt::Key_A, Qt::ControlModifier);
        b.key(Qt::Key_Return);
        QCOMPARE(b.shown(), std::string("(H64)"));
        b.key(Qt::Key_5);
        b.key(Qt::Key_Home);
        for (int i = 0; i < 60; ++i)
            b.key(Qt::Key_Right);
        b.key(Qt::Key_Return);
        QCOMPARE(b.shown(), std::string("(H60,L4)"));
        b.key(Qt::Key_M, Qt::ControlModifier);
        QCOMPARE(b.shown(), std::string("(L4,H60)"));
        QCOMPARE(b.edits.size(), 4);
    }

    void keysKeepALockedBudgetToo() {
        Bench b(parseSchedule("(L32,H192,L32)"));
        b.timeline.setSharesLocked(true);
        QSignalSpy remarked(&b.timeline, &TimelineWidget::remarked);
        b.key(Qt::Key_End);
        b.key(Qt::Key_H);
        QCOMPARE(b.timeline.schedule().count('L'), 64);
        QCOMPARE(b.edits.size(), 1);
        b.timeline.setSchedule(StepSchedule::all('H', 64));
        b.key(Qt::Key_L);
        QCOMPARE(b.shown(), std::string("(H64)"));
        QVERIFY(remarked.last().first().toString().contains("locked"));
    }

    void thePillHasAllFourFigures() {
        Bench b(parseSchedule("(L32,H192,L32)"));
        b.timeline.setDragFigures([](const StepSchedule&) { return QStringLiteral("17.7% FLOPs saved"); });
        b.press(32, 0);
        b.move(64, 0);
        QCOMPARE(b.timeline.pillText(),
                 QStringLiteral("edge 32 → 64 · 25.0% · 75.0% masked · 17.7% FLOPs saved"));
    }

    void importanceAndIdleStepsAreDrawnWhereTheyAreKnown() {
        Bench b(StepSchedule::all('H', 64));
        QVERIFY(b.timeline.importance().values.empty());
        const int plain = b.at(0, 0).y();
        b.timeline.setImportance({{0, 0, 0, 1}, "KL, nats"});
        QVERIFY(b.at(0, 0).y() > plain); // the strip takes its place above the lanes
        const int y = b.at(0, 0).y() - 30;
        QImage image = b.timeline.grab().toImage();
        int strip = -1;
        const QColor heat = Theme::instance().colors().heat;
        const auto reddish = [](const QColor& c) { return c.red() > c.blue() + 60; };
        for (int row = 0; row < y + 30 && strip < 0; ++row)
            if (reddish(image.pixelColor(b.at(60, 0).x(), row)))
                strip = row;
        QVERIFY(heat.isValid() && strip > 0);
        QVERIFY(!reddish(image.pixelColor(b.at(10, 0).x(), strip)));
        const QPointF over = b.at(60.5, 0);
        QMouseEvent hover(QEvent::MouseMove, over, b.timeline.mapToGlobal(over), Qt::NoButton, Qt::NoButton,
                          Qt::NoModifier);
        QCoreApplication::sendEvent(&b.timeline, &hover);
        QVERIFY2(b.timeline.pillText().contains("KL, nats 1"), qPrintable(b.timeline.pillText()));
        b.timeline.setImportance({});
        QCOMPARE(b.at(0, 0).y(), plain);

        std::vector<bool> idle(64, false);
        for (const int step : {3, 4, 5, 63})
            idle[static_cast<std::size_t>(step)] = true;
        b.timeline.setIdleSteps(idle);
        QVERIFY(b.timeline.idleSteps() == (std::vector<TimelineGeometry::Range>{{3, 6}, {63, 64}}));
        QVERIFY(!b.timeline.grab().isNull());
    }

    void oneStepIsASchedule() {
        Bench b(StepSchedule::all('H', 1));
        QVERIFY(!b.timeline.grab().isNull());
        b.press(0.5, 1);
        b.release(0.5, 1);
        QCOMPARE(b.shown(), std::string("(L1)"));
    }
};

QTEST_MAIN(TimelineTest)
#include "timeline_test.moc"
