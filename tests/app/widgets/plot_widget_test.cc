// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/plot_widget.h"
#include "app/widgets/schedule_thumbnail.h"
#include "app/widgets/theme.h"

#include <QAbstractScrollArea>
#include <QApplication>
#include <QClipboard>
#include <QLabel>
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
