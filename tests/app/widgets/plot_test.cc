// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/plot.h"
#include "app/widgets/plot_canvas.h"
#include "app/widgets/plot_curves.h"
#include "app/widgets/plot_drawing.h"
#include "app/widgets/plot_labels.h"
#include "engine/reports/axis_ticks.h"

#include <QFontMetricsF>
#include <QLineF>
#include <QTest>
#include <QXmlStreamReader>

#include <algorithm>
#include <cmath>

using namespace steploom;

namespace {

QFontMetricsF chartMetrics() {
    QFont font;
    font.setPixelSize(12);
    return QFontMetricsF(font);
}

Plot threeBars() {
    Plot plot;
    plot.x.title = QStringLiteral("nats");
    for (const double value : {-0.02, 0.01, 0.05}) {
        PlotBar bar;
        bar.value = value;
        bar.interval = {value - 0.01, value + 0.01};
        bar.label = QStringLiteral("bar \"%1\"").arg(value);
        bar.id = 10 + static_cast<qint64>(plot.bars.size());
        bar.schedule = QStringLiteral("(L1,H1)");
        bar.stripes = {{0.5, Qt::red, true}, {0.5, Qt::blue}};
        plot.bars.push_back(bar);
    }
    return plot;
}

/// Pairs of three segments, of which the last was not measured.
Plot threePairs() {
    Plot plot;
    plot.x.title = QStringLiteral("first");
    plot.y.title = QStringLiteral("second");
    plot.heatMap = {3,        QStringLiteral("nats"),
                    Qt::blue, Qt::white,
                    Qt::red,  {{0, 1, 0.5, {}, 7}, {0, 2, -0.25, {}, 8}, {1, 2, NAN}}};
    return plot;
}

PlotStyle plainStyle() {
    return {Qt::white, Qt::black, Qt::gray, Qt::lightGray, Qt::blue, QStringLiteral("Inter")};
}

} // namespace

class PlotTest : public QObject {
    Q_OBJECT

private slots:
    void linearTicksStandAtRoundNumbersAroundTheData() {
        const AxisTicks ticks = linearTicks(28.4, 41.9, 7);
        QCOMPARE(ticks.marks, (std::vector<double>{28, 30, 32, 34, 36, 38, 40, 42}));
        QCOMPARE(ticks.low, 28.0);
        QCOMPARE(ticks.high, 42.0);
    }

    void equalAndNonFiniteEndsStillGiveARange() {
        const AxisTicks one = linearTicks(5, 5, 4);
        QVERIFY(one.low < 5 && one.high > 5);
        QVERIFY(linearTicks(NAN, INFINITY, 4).high > linearTicks(NAN, INFINITY, 4).low);
    }

    void logTicksSpanDecadesOrFallBackToLinearWithinOne() {
        const AxisTicks wide = logTicks(1, 1000, 4);
        QCOMPARE(wide.marks, (std::vector<double>{1, 10, 100, 1000}));
        const AxisTicks narrow = logTicks(30, 40, 5);
        QVERIFY(narrow.marks.size() >= 4);
        QVERIFY(narrow.low > 0 && narrow.low <= 30 && narrow.high >= 40);
        // 1, 2, 5 times a power of ten would leave one mark, at 5.
        const AxisTicks loss = logTicks(3.7, 8.3, 8);
        QVERIFY(loss.marks.size() >= 4);
        QVERIFY(loss.marks.front() >= loss.low && loss.marks.back() <= loss.high);
    }

    void marksAreWrittenWithTheDecimalsTheirGapsNeed() {
        const PlotUnit percent = plotUnit(PlotQuantity::Share, 0.3);
        const std::vector<double> shares{0, 0.025, 0.05};
        QCOMPARE(markText(0.025, shares, percent), QStringLiteral("2.5%"));
        QCOMPARE(markText(-0.05, {-0.1, -0.05, 0}, percent), QStringLiteral("−5%"));
        QCOMPARE(markText(30, {28, 30, 32}, plotUnit(PlotQuantity::Plain, 42)), QStringLiteral("30"));
    }

    void flopsAxesUseTheUnitOfTheirLargestValue() {
        Plot plot;
        plot.x = {QStringLiteral("executed FLOPs per sample"), PlotQuantity::Flops};
        plot.points = {{1.1e11, 31}, {2.43e11, 33}};
        const PlotFrame frame = frameOf(plot, 5, 5);
        QCOMPARE(axisTitle(plot.x, frame.xUnit), QStringLiteral("executed FLOPs per sample (GFLOP)"));
        QVERIFY(frame.xLow <= 1.1e11 && frame.xHigh >= 2.43e11);
        QCOMPARE(markText(2e11, frame.xMarks, frame.xUnit), QStringLiteral("200"));
    }

    void countsAndTimesUseTheUnitOfTheirLargestValue() {
        QCOMPARE(plotUnit(PlotQuantity::Count, 9000).name, QString());
        QCOMPARE(plotUnit(PlotQuantity::Count, 2.5e7).name, QStringLiteral("millions"));
        QCOMPARE(plotUnit(PlotQuantity::Seconds, 90).name, QStringLiteral("s"));
        QCOMPARE(plotUnit(PlotQuantity::Seconds, 3 * 3600).name, QStringLiteral("h"));
        QCOMPARE(markText(7200, {0, 3600, 7200}, plotUnit(PlotQuantity::Seconds, 7200)), QStringLiteral("2"));
        QCOMPARE(markText(25000, {0, 2500, 25000}, {}), QStringLiteral("25,000"));
        QCOMPARE(markText(2500, {0, 2500, 25000}, {}), QStringLiteral("2,500"));
        QCOMPARE(markText(2500, {0, 2500}, {}), QStringLiteral("2500"));
    }

    void aLongStrokeIsThinnedToWhatCanBeSeen() {
        QPolygonF stroke;
        for (int i = 0; i < 10'000; ++i)
            stroke += QPointF(i * 0.01, i == 4321 ? 500 : i % 7);
        const QPolygonF seen = visibleStroke(stroke);
        QVERIFY(seen.size() <= 400);
        QCOMPARE(seen.first(), stroke.first());
        QCOMPARE(seen.last(), stroke.last());
        QVERIFY(seen.contains(stroke[4321])); // the one spike is seen
        QVERIFY(std::ranges::is_sorted(seen, {}, &QPointF::x));
        QCOMPARE(visibleStroke(QPolygonF{{0, 1}, {5, 2}}), (QPolygonF{{0, 1}, {5, 2}}));
    }

    void theFrameHoldsCurvesAndSkipsWhatIsNotANumber() {
        Plot plot;
        plot.curves.push_back({QStringLiteral("a"), Qt::red, 1, false, {{10, 8}, {20, NAN}, {30, 4}}});
        const PlotFrame frame = frameOf(plot, 5, 5);
        QVERIFY(frame.xLow <= 10 && frame.xHigh >= 30 && frame.yLow <= 4 && frame.yHigh >= 8);
        QVERIFY(std::isfinite(frame.yShare(8)));
        QVERIFY(!plot.isEmpty());
        plot.curves[0].values.clear();
        QVERIFY(plot.isEmpty());
    }

    void theFrameHoldsIntervalsAndAnchors() {
        Plot plot;
        plot.points = {{0, 30, 22, 44}};
        plot.anchors = {{14.8, QStringLiteral("real text"), Qt::green}};
        const PlotFrame frame = frameOf(plot, 5, 5);
        QVERIFY(frame.yLow <= 14.8);
        QVERIFY(frame.yHigh >= 44);
    }

    void logAxesRefuseValuesThatHaveNoLogarithm() {
        Plot plot;
        plot.y.logarithmic = true;
        plot.points = {{1, -2}, {2, 5}};
        QVERIFY(!frameOf(plot, 5, 5).yLog);
        plot.points[0].y = 0.5;
        const PlotFrame frame = frameOf(plot, 5, 5);
        QVERIFY(frame.yLog);
        QVERIFY(std::abs(frame.yShare(std::sqrt(frame.yLow * frame.yHigh)) - 0.5) < 1e-9);
    }

    void labelsNeverOverlapEachOtherOrAMarker() {
        std::vector<LabelledPoint> points;
        for (int i = 0; i < 12; ++i) {
            const QPointF at(100 + 3 * i, 100 + 9 * i);
            points.push_back({at, {60, 14}, QRectF(at.x() - 5, at.y() - 5, 10, 10)});
        }
        const QRectF bounds(0, 0, 300, 300);
        const std::vector<QRectF> places = placeLabels(points, bounds);
        int shown = 0;
        for (std::size_t i = 0; i < places.size(); ++i) {
            if (places[i].isEmpty())
                continue;
            ++shown;
            QVERIFY(bounds.contains(places[i]));
            for (std::size_t k = 0; k < places.size(); ++k) {
                QVERIFY(i == k || !places[i].intersects(places[k]));
                QVERIFY(!places[i].intersects(points[k].taken));
            }
        }
        QVERIFY2(shown >= 6, qPrintable(QString::number(shown)));
    }

    void csvQuotesLabelsAndKeepsFullPrecision() {
        Plot plot;
        plot.x.title = QStringLiteral("saved");
        plot.y.title = QStringLiteral("ppl");
        plot.points = {{0.1, 31.25, 30.5, 32.0, QStringLiteral("a \"b\""), {}, {}, 7}, {0.2, 40}};
        QCOMPARE(plotCsv(plot), QByteArray("label,\"saved\",\"ppl\",low,high,id\n"
                                           "\"a \"\"b\"\"\",0.1,31.25,30.5,32,7\n"
                                           "\"\",0.2,40,,,0\n"));
    }

    void svgIsWellFormedAndEscapesText() {
        Plot plot;
        plot.x.title = QStringLiteral("x < y & z");
        plot.points = {{1, 2, 1, 3, QStringLiteral("<b>"), QStringLiteral("run 1 & more"), Qt::blue, 1},
                       {2, 4}};
        plot.line = {{1, 2}, {2, 4}};
        plot.anchors = {{2.5, QStringLiteral("real text"), Qt::green}};
        QXmlStreamReader xml(plotSvg(plot, {500, 400}, plainStyle()));
        int circles = 0;
        QStringList texts;
        while (!xml.atEnd()) {
            xml.readNext();
            if (xml.isStartElement() && xml.name() == u"circle")
                ++circles;
            if (xml.isStartElement() && xml.name() == u"text")
                texts += xml.readElementText();
        }
        QVERIFY2(!xml.hasError(), qPrintable(xml.errorString()));
        QCOMPARE(circles, 2);
        QVERIFY(texts.contains(QStringLiteral("x < y & z")));
        QVERIFY(texts.contains(QStringLiteral("<b>")));
        QVERIFY(texts.contains(QStringLiteral("real text")));
    }

    void aReversedAxisBeginsWithTheLargestValue() {
        Plot plot;
        plot.x.reversed = true;
        plot.points = {{0, 1}, {1, 2}};
        const PlotFrame frame = frameOf(plot, 5, 5);
        QCOMPARE(frame.xShare(frame.xHigh), 0.0);
        QCOMPARE(frame.xShare(frame.xLow), 1.0);
        QCOMPARE(frame.xAt(frame.xShare(0.3)), 0.3);
    }

    void whatLiesAtAShareIsTheInverseOfTheShare() {
        Plot plot;
        plot.y.logarithmic = true;
        plot.points = {{3, 2}, {9, 700}};
        const PlotFrame frame = frameOf(plot, 5, 5);
        QVERIFY(frame.yLog);
        QVERIFY(std::abs(frame.yAt(frame.yShare(50)) - 50) < 1e-9);
        QVERIFY(std::abs(frame.xAt(frame.xShare(5)) - 5) < 1e-9);
    }

    void theFrameHoldsBandsAndIntervalsOfX() {
        Plot plot;
        plot.points = {{5, 1}};
        plot.points[0].across = {2, 9};
        PlotCurve curve{QStringLiteral("a"), Qt::red, 1, false, {{5, 3}, {6, 4}}};
        curve.band = {{-2, 8}, {}};
        plot.curves.push_back(curve);
        const PlotFrame frame = frameOf(plot, 5, 5);
        QVERIFY(frame.xLow <= 2 && frame.xHigh >= 9 && frame.yLow <= -2 && frame.yHigh >= 8);
    }

    void curvesAndPointsOfOneNameAreOneSeries() {
        Plot plot;
        plot.curves = {{QStringLiteral("a"), Qt::red, 2, false, {{1, 2}, {2, 3}}},
                       {QStringLiteral("empty"), Qt::red, 2, false, {}}};
        plot.points = {{1, 2}, {2, 3}, {3, 3}};
        plot.points[0].series = plot.points[1].series = QStringLiteral("a");
        plot.points[0].marker = plot.points[1].marker = PlotMarker::Square;
        plot.points[2].series = QStringLiteral("b");
        const std::vector<PlotSeries> series = seriesOf(plot);
        QCOMPARE(series.size(), std::size_t{2});
        QCOMPARE(series[0].name, QStringLiteral("a"));
        QVERIFY(series[0].marked && series[0].width > 0 && series[0].marker == PlotMarker::Square);
        QCOMPARE(series[1].width, 0.0);
        const Plot rest = withoutSeries(plot, {QStringLiteral("a")});
        QCOMPARE(rest.points.size(), std::size_t{1});
        QCOMPARE(rest.curves.size(), std::size_t{1});
    }

    void theLegendTakesTheCornerThatCoversLeast() {
        const std::vector<PlotSeries> series{{QStringLiteral("heavy"), Qt::red, 2}};
        const QRectF area(0, 0, 400, 300);
        QCOMPARE(legendOf(series, area, chartMetrics()).box.right(), 396.0);
        const std::vector<QPointF> rising{{20, 280}, {380, 20}};
        const QRectF box = legendOf(series, area, chartMetrics(), rising).box;
        QVERIFY(box.left() < 10 && box.top() < 10);
    }

    void barsLieInRowsThatScroll() {
        Plot plot = threeBars();
        PlotLayout layout = layOut(plot, {600, 400}, chartMetrics());
        QVERIFY(layout.at(-0.02, 0).x() > layout.stripesLeft + layout.stripesWidth);
        const auto barAt = [&](QPointF where) { return markAt(plot, layout, where).index; };
        QCOMPARE(barAt({20, layout.row(1).center().y()}), 1); // at its label as well
        QCOMPARE(markAt(plot, layout, {300, layout.area.bottom() + 20}).any(), false);
        while (plot.bars.size() < 100)
            plot.bars.push_back(plot.bars.back());
        layout = layOut(plot, {600, 400}, chartMetrics(), 50);
        QVERIFY(layout.barsHeight(plot) > layout.area.height());
        QCOMPARE(barAt({300, layout.area.top() + 0.5 * layout.rowHeight}),
                 static_cast<int>((50 + 0.5 * layout.rowHeight) / layout.rowHeight));
        QVERIFY(heightOf(plot, 400, chartMetrics()) > layout.barsHeight(plot));
    }

    void cellsOfAHeatMapAreFoundAndColouredFromZero() {
        const Plot plot = threePairs();
        const PlotLayout layout = layOut(plot, {600, 400}, chartMetrics());
        QVERIFY(layout.cellAt(0, 2).top() < layout.cellAt(0, 1).top());
        QCOMPARE(markAt(plot, layout, layout.cellAt(0, 2).center()).index, 1);
        QVERIFY(!markAt(plot, layout, layout.cellAt(2, 0).center()).any()); // blank
        QCOMPARE(colorOf(plot.heatMap, 0), QColor(Qt::white));
        QCOMPARE(colorOf(plot.heatMap, 0.5), QColor(Qt::red));
        QVERIFY(colorOf(plot.heatMap, -0.25).blue() > colorOf(plot.heatMap, -0.25).red());
    }

    void theArrowKeysWalkThroughBarsAndCells() {
        const Plot bars = threeBars();
        PlotMark mark = stepFrom(bars, {}, 0, 1);
        QCOMPARE(mark.index, 0);
        mark = stepFrom(bars, stepFrom(bars, stepFrom(bars, mark, 0, 1), 0, 1), 0, 1);
        QCOMPARE(mark.index, 2); // not beyond the last
        const Plot cells = threePairs();
        mark = stepFrom(cells, {}, 1, 0);
        QCOMPARE(mark.index, 0);
        mark = stepFrom(cells, mark, 0, -1); // up
        QCOMPARE(mark.index, 1);
        mark = stepFrom(cells, mark, 1, 0);
        QCOMPARE(mark.index, 2);
    }

    void aCurveIsWalkedAsItIsSeen() {
        Plot plot;
        plot.x.reversed = true;
        plot.curves = {{QStringLiteral("falling"), Qt::red, 1, false, {{0.9, 1}, {0.5, 1}, {0.1, 1}}},
                       {QStringLiteral("rising"), Qt::red, 1, false, {{0.1, 1}, {0.5, 1}, {0.9, 1}}}};
        QCOMPARE(stepFrom(plot, {PlotMark::Kind::Value, 0, 1}, 1, 0).index, 2);
        QCOMPARE(stepFrom(plot, {PlotMark::Kind::Value, 1, 1}, 1, 0).index, 0);
        QCOMPARE(stepFrom(plot, {PlotMark::Kind::Value, 0, 0}, 0, 1),
                 (PlotMark{PlotMark::Kind::Value, 1, 2}));
    }

    void barsAndCellsAreExportedWithWhatTheyStandFor() {
        QCOMPARE(plotCsv(threeBars()).split('\n').at(1),
                 QByteArray("\"bar \"\"-0.02\"\"\",-0.02,-0.03,-0.01,10,\"\",\"(L1,H1)\""));
        QCOMPARE(plotCsv(threePairs()), QByteArray("\"first\",\"second\",\"nats\",id,schedule\n"
                                                   "1,2,0.5,7,\"\"\n1,3,-0.25,8,\"\"\n"));
        for (const Plot& plot : {threeBars(), threePairs()}) {
            QXmlStreamReader xml(plotSvg(plot, {500, 400}, plainStyle()));
            int rectangles = 0;
            while (!xml.atEnd()) {
                xml.readNext();
                rectangles += xml.isStartElement() && xml.name() == u"rect";
            }
            QVERIFY2(!xml.hasError(), qPrintable(xml.errorString()));
            QVERIFY(rectangles >= 3);
        }
        Plot points;
        points.points = {{1, 2}};
        points.points[0].across = {0.5, 1.5};
        points.points[0].series = QStringLiteral("a");
        QCOMPARE(plotCsv(points), QByteArray("label,\"\",\"\",low,high,id,x low,x high,series\n"
                                             "\"\",1,2,,,0,0.5,1.5,\"a\"\n"));
    }

    void hatchLinesStayInTheirRectangle() {
        const QRectF rect(10, 20, 40, 7);
        const std::vector<QLineF> lines = hatching(rect, 5);
        QVERIFY(lines.size() >= 8);
        for (const QLineF& line : lines)
            for (const QPointF& end : {line.p1(), line.p2()})
                QVERIFY(rect.adjusted(-1e-9, -1e-9, 1e-9, 1e-9).contains(end));
    }
};

QTEST_MAIN(PlotTest) // fonts are measured
#include "plot_test.moc"
