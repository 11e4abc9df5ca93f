// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/plot_widget.h"
#include "app/widgets/schedule_thumbnail.h"
#include "app/widgets/theme.h"

#include <QAbstractButton>
#include <QAbstractScrollArea>
#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QLabel>
#include <QMenu>
#include <QMimeData>
#include <QPainter>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QToolTip>

using namespace steploom;

namespace {

Plot threePoints() {
    Plot plot;
    plot.x = {QStringLiteral("executed FLOPs saved"), PlotQuantity::Share};
    plot.y = {QStringLiteral("generative perplexity"), PlotQuantity::Plain};
    plot.points = {{0, 31.2, 30.3, 32.1, QStringLiteral("all heavy"), QStringLiteral("run 1"), Qt::blue, 11},
                   {0.16, 36.4, 35.3, 37.5, QStringLiteral("middle"), QStringLiteral("run 2"), Qt::red, 22},
                   {0.28, 37.9, 36.7, 39.1, {}, QStringLiteral("run 3"), Qt::green, 33}};
    plot.line = {{0, 31.2}, {0.28, 37.9}};
    return plot;
}

QWidget* viewportOf(PlotWidget& widget) {
    return widget.findChild<QAbstractScrollArea*>(QStringLiteral("plotView"))->viewport();
}

} // namespace

class PlotWidgetTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { Theme::instance().apply(*qApp, Theme::Mode::Light); }

    void withoutPointsItSaysWhatToDo() {
        PlotWidget widget;
        widget.setEmptyText(QStringLiteral("Generate first."));
        widget.show();
        QVERIFY(widget.findChild<QLabel*>(QStringLiteral("plotEmptyText"))->isVisible());
        widget.setPlot(threePoints());
        QVERIFY(!widget.findChild<QLabel*>(QStringLiteral("plotEmptyText"))->isVisible());
        QVERIFY(widget.accessibleDescription().contains(QStringLiteral("run 2")));
    }

    void curvesAreDrawnNamedAndExported() {
        Plot plot;
        plot.x = {QStringLiteral("tokens"), PlotQuantity::Count};
        plot.y = {QStringLiteral("nats per token")};
        plot.curves = {{QStringLiteral("light, loss"), Qt::red, 3, false, {{1e6, 8}, {2e6, 5}, {4e6, 4}}},
                       {QStringLiteral("light, NELBO"), Qt::blue, 2, true, {{2e6, 6}}}};
        PlotWidget widget;
        widget.resize(600, 400);
        widget.setPlot(plot);
        widget.show();
        QVERIFY(QTest::qWaitForWindowExposed(&widget));
        QVERIFY(!widget.findChild<QLabel*>(QStringLiteral("plotEmptyText"))->isVisible());
        const QImage picture = widget.image();
        int red = 0, blue = 0;
        for (int y = 0; y < picture.height(); ++y) {
            for (int x = 0; x < picture.width(); ++x) {
                red += picture.pixelColor(x, y) == QColor(Qt::red);
                blue += picture.pixelColor(x, y) == QColor(Qt::blue);
            }
        }
        QVERIFY(red > 1000); // a stroke across the chart
        QVERIFY(blue > 10);  // one value alone is a disc
        const QString svg = QString::fromUtf8(widget.svg());
        QVERIFY(svg.contains(QStringLiteral(">light, loss</text>")));
        QVERIFY(svg.contains(QStringLiteral("tokens (millions)")));
        QVERIFY(widget.csv().contains("\"light, NELBO\",2e+06,6,,,"));
        QVERIFY(widget.accessibleDescription().contains(QStringLiteral("light, loss, at the end 4")));
        QWidget* viewport = viewportOf(widget);
        QTest::keyClick(viewport, Qt::Key_Left); // the keys walk without a point too
        QVERIFY(QToolTip::text().contains(QStringLiteral("light, loss")));
        QTest::keyClick(viewport, Qt::Key_Down);
        QVERIFY(QToolTip::text().contains(QStringLiteral("light, NELBO")));
    }

    void aClickOnAPointNamesItsRun() {
        PlotWidget widget;
        widget.resize(600, 400);
        widget.setPlot(threePoints());
        widget.show();
        QVERIFY(QTest::qWaitForWindowExposed(&widget));
        QSignalSpy clicked(&widget, &PlotWidget::pointClicked);
        QWidget* viewport = viewportOf(widget);
        for (const qint64 id : {22, 11, 33}) {
            QTest::mouseClick(viewport, Qt::LeftButton, {},
                              viewport->mapFrom(&widget, widget.positionOf(id).toPoint()));
            QCOMPARE(clicked.takeFirst().at(0).toLongLong(), id);
        }
        QTest::mouseClick(viewport, Qt::LeftButton, {}, QPoint(5, 5));
        QVERIFY(clicked.isEmpty());
    }

    void pointsLieWhereTheirValuesSay() {
        PlotWidget widget;
        widget.resize(600, 400);
        widget.setPlot(threePoints());
        widget.show();
        QVERIFY(QTest::qWaitForWindowExposed(&widget));
        QVERIFY(widget.positionOf(11).x() < widget.positionOf(22).x());
        QVERIFY(widget.positionOf(11).y() > widget.positionOf(22).y());
        const QImage picture = widget.image();
        const QPoint center = (widget.positionOf(22) * picture.devicePixelRatio()).toPoint();
        QCOMPARE(picture.pixelColor(center), QColor(Qt::red));
    }

    void theKeyboardReachesEveryPoint() {
        PlotWidget widget;
        widget.setPlot(threePoints());
        widget.show();
        QSignalSpy clicked(&widget, &PlotWidget::pointClicked);
        QWidget* view = widget.findChild<QWidget*>(QStringLiteral("plotView"));
        QTest::keyClick(view, Qt::Key_Right);
        QTest::keyClick(view, Qt::Key_Right);
        QTest::keyClick(view, Qt::Key_Return);
        QCOMPARE(clicked.at(0).at(0).toLongLong(), 22);
    }

    void aLegendEntryHidesItsSeriesByMouseAndKeyboard() {
        Plot plot = threePoints();
        plot.curves = {{QStringLiteral("loss"), Qt::red, 3, false, {{0, 80}, {0.3, 70}}},
                       {QStringLiteral("NELBO"), Qt::blue, 3, true, {{0, 60}, {0.3, 50}}}};
        PlotWidget widget;
        widget.resize(600, 400);
        widget.setPlot(plot);
        widget.show();
        QVERIFY(QTest::qWaitForWindowExposed(&widget));
        auto* loss = widget.findChild<QAbstractButton*>(QStringLiteral("legend:loss"));
        QVERIFY(loss && loss->isVisible() && loss->isChecked());
        QVERIFY(widget.csv().contains("loss"));
        QTest::mouseClick(loss, Qt::LeftButton);
        QVERIFY(!widget.isSeriesShown(QStringLiteral("loss")));
        QVERIFY(!widget.csv().contains("loss"));
        QVERIFY(!widget.svg().contains(">loss<"));
        widget.setPlot(plot); // new figures: what was hidden stays hidden
        QVERIFY(!widget.isSeriesShown(QStringLiteral("loss")));
        loss = widget.findChild<QAbstractButton*>(QStringLiteral("legend:loss"));
        QVERIFY(!loss->isChecked());
        loss->setFocus();
        QTest::keyClick(loss, Qt::Key_Space);
        QVERIFY(widget.isSeriesShown(QStringLiteral("loss")));
        QVERIFY(widget.csv().contains("loss"));
    }

    void theCrosshairSaysWhereTheMouseIs() {
        PlotWidget widget;
        widget.resize(600, 400);
        widget.setPlot(threePoints());
        widget.show();
        QVERIFY(QTest::qWaitForWindowExposed(&widget));
        QVERIFY(!widget.crosshair());
        QWidget* viewport = viewportOf(widget);
        // Beside a point it is the mouse's place, on a point the point's.
        const QPoint middle = viewport->mapFrom(&widget, widget.positionOf(22).toPoint());
        QTest::mouseMove(viewport, middle + QPoint(3, 2));
        QVERIFY(widget.crosshair());
        QVERIFY(std::abs(widget.crosshair()->x() - 0.16) < 1e-9);
        QVERIFY(std::abs(widget.crosshair()->y() - 36.4) < 1e-9);
        QTest::mouseMove(viewport, middle + QPoint(40, 0));
        QVERIFY(widget.crosshair()->x() > 0.17);
    }

    void aBarIsOpenedAndItsScheduleCanBeHad() {
        Plot plot;
        plot.x.title = QStringLiteral("nats");
        for (int i = 0; i < 60; ++i) {
            PlotBar bar;
            bar.value = 0.01 * i;
            bar.id = 100 + i;
            bar.color = Qt::red;
            bar.label = QStringLiteral("bar %1").arg(i);
            bar.schedule = QStringLiteral("(L%1,H64)").arg(i + 1);
            plot.bars.push_back(bar);
        }
        PlotWidget widget;
        widget.resize(600, 400);
        widget.setPlot(plot);
        widget.show();
        QVERIFY(QTest::qWaitForWindowExposed(&widget));
        QSignalSpy clicked(&widget, &PlotWidget::pointClicked);
        QSignalSpy chosen(&widget, &PlotWidget::scheduleChosen);
        QWidget* viewport = viewportOf(widget);
        const QPoint third = viewport->mapFrom(&widget, widget.positionOf(102).toPoint());
        QTest::mouseClick(viewport, Qt::LeftButton, {}, third);
        QCOMPARE(clicked.takeFirst().at(0).toLongLong(), 102);
        QContextMenuEvent asked(QContextMenuEvent::Mouse, third, viewport->mapToGlobal(third));
        QApplication::sendEvent(viewport, &asked);
        auto* menu = widget.findChild<QMenu*>(QStringLiteral("plotMenu"));
        QVERIFY(menu);
        menu->findChild<QAction*>(QStringLiteral("plotUseSchedule"))->trigger();
        QCOMPARE(chosen.takeFirst().at(0).toString(), QStringLiteral("(L3,H64)"));
        menu->findChild<QAction*>(QStringLiteral("plotCopySchedule"))->trigger();
        QCOMPARE(QApplication::clipboard()->text(), QStringLiteral("(L3,H64)"));
        menu->close();
        // The last one lies below what is seen: the keys scroll to it.
        for (int i = 0; i < 60; ++i)
            QTest::keyClick(viewport, Qt::Key_Down);
        QTest::keyClick(viewport, Qt::Key_Return);
        QCOMPARE(clicked.takeFirst().at(0).toLongLong(), 159);
        QVERIFY(widget.rect().contains(widget.positionOf(159).toPoint()));
        QVERIFY(widget.image().height() / 2 > 60 * 15); // the picture has them all
    }

    void theChartIsCopiedAsPictureDrawingAndTable() {
        PlotWidget widget;
        widget.resize(600, 400);
        widget.setPlot(threePoints());
        widget.copy(PlotWidget::Format::Png);
        QVERIFY(QApplication::clipboard()->mimeData()->hasImage());
        widget.copy(PlotWidget::Format::Svg);
        QVERIFY(
            QApplication::clipboard()->mimeData()->data(QStringLiteral("image/svg+xml")).startsWith("<svg"));
        widget.copy(PlotWidget::Format::Csv);
        QCOMPARE(QApplication::clipboard()->text().count(u'\n'), 4);
    }

    void savingWritesWhatTheSuffixSays() {
        QTemporaryDir folder;
        PlotWidget widget;
        widget.resize(600, 400);
        widget.setPlot(threePoints());
        for (const char* name : {"chart.png", "chart.svg", "chart.csv"}) {
            QCOMPARE(widget.save(folder.filePath(QLatin1String(name))), QString());
            QVERIFY(QFileInfo(folder.filePath(QLatin1String(name))).size() > 50);
        }
        QVERIFY(widget.save(folder.filePath(QStringLiteral("chart.doc"))).contains(QStringLiteral(".svg")));
        QVERIFY(!widget.save(folder.filePath(QStringLiteral("no/such/folder/chart.png"))).isEmpty());
    }

    void theThumbnailShowsSegmentsInMemberColours() {
        QImage image(100, 10, QImage::Format_ARGB32);
        image.fill(Qt::white);
        QPainter painter(&image);
        ScheduleThumbnail::paint(painter, QRectF(0, 0, 100, 10), StepSchedule("HHHHHHHHLL"), "HL");
        painter.end();
        QCOMPARE(image.pixelColor(40, 5), Theme::instance().memberColor(0));
        int amber = 0;
        for (int x = 82; x < 98; ++x)
            amber += image.pixelColor(x, 5) == Theme::instance().memberColor(1);
        QVERIFY2(amber >= 6, "the light segment is amber between its hatch lines");
    }

    void aThumbnailOfTenThousandStepsIsEvenlyMixed() {
        std::string letters;
        for (int i = 0; i < 10'000; ++i)
            letters += i % 4 == 0 ? 'L' : 'H';
        QImage image(100, 10, QImage::Format_ARGB32);
        image.fill(Qt::white);
        QPainter painter(&image);
        ScheduleThumbnail::paint(painter, QRectF(0, 0, 100, 10), StepSchedule(letters), "HL");
        painter.end();
        for (int x = 10; x < 90; ++x)
            QCOMPARE(image.pixelColor(x, 5), image.pixelColor(50, 5));
        QVERIFY(image.pixelColor(50, 5) != Theme::instance().memberColor(0));
    }
};

QTEST_MAIN(PlotWidgetTest)
#include "plot_widget_test.moc"
