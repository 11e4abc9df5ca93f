// SPDX-License-Identifier: GPL-3.0-or-later
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
