// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/plot_widget.h"

#include "app/widgets/plot_drawing.h"
#include "app/widgets/plot_legend_box.h"
#include "app/widgets/plot_view.h"
#include "app/widgets/theme.h"

#include <QClipboard>
#include <QContextMenuEvent>
#include <QFile>
#include <QFileDialog>
#include <QFileInfo>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QMimeData>
#include <QPainter>
#include <QSaveFile>
#include <QStackedLayout>
#include <QToolTip>

namespace steploom {

PlotWidget::PlotWidget(QWidget* parent) : QWidget(parent) {
    setObjectName(QStringLiteral("plot"));
    setAccessibleName(tr("Chart"));
    m_stack = new QStackedLayout(this);
    m_empty = new QLabel;
    m_empty->setObjectName(QStringLiteral("plotEmptyText"));
    m_empty->setProperty("look", "dim");
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setWordWrap(true);
    m_view = new PlotView;
    setFocusProxy(m_view);
    m_view->viewport()->installEventFilter(this);
    m_legend = new PlotLegendBox(m_view->viewport());
    m_empty->setMaximumWidth(560); // lines that can be read
    auto* empty = new QWidget;
    auto* row = new QHBoxLayout(empty);
    row->addStretch(1);
    row->addWidget(m_empty, 1000);
    row->addStretch(1);
    m_stack->addWidget(empty);
    m_stack->addWidget(m_view);
    connect(m_view, &PlotView::activated, this, &PlotWidget::pointClicked);
    connect(m_view, &PlotView::laidOut, this, &PlotWidget::placeLegend);
    connect(m_legend, &PlotLegendBox::toggled, this, &PlotWidget::setSeriesShown);
    connect(&Theme::instance(), &Theme::changed, m_view, &PlotView::refresh);
}

PlotWidget::~PlotWidget() = default;

void PlotWidget::setPlot(const Plot& plot) {
    m_plot = plot;
    refresh();
    m_stack->setCurrentIndex(m_plot.isEmpty() ? 0 : 1);
    setAccessibleDescription(describe());
}

void PlotWidget::setSeriesShown(const QString& series, bool shown) {
    if (shown)
        m_hidden.remove(series);
    else
        m_hidden.insert(series);
    refresh();
}

void PlotWidget::setEmptyText(const QString& text) { m_empty->setText(text); }

void PlotWidget::refresh() { m_view->setPlot(shown()); }

/// In the corner that covers least, counting what is hidden now and may be shown again.
void PlotWidget::placeLegend() {
    const PlotLayout& layout = m_view->layoutOfPlot();
    const std::vector<PlotSeries> series = seriesOf(m_plot);
    m_legend->setLegend(
        series,
        legendOf(series, layout.area, QFontMetricsF(PlotView::chartFont()), placesOf(shown(), layout)),
        m_hidden);
}

QString PlotWidget::describe() const {
    if (m_plot.isEmpty())
        return m_empty->text();
    QStringList lines{tr("%1 over %2, points: %n", nullptr, static_cast<int>(m_plot.points.size()))
                          .arg(m_plot.y.title, m_plot.x.title)};
    if (m_plot.points.empty())
        lines = {tr("%1 over %2").arg(m_plot.y.title, m_plot.x.title)};
    for (const PlotCurve& curve : m_plot.curves)
        if (!curve.values.empty())
            lines += tr("%1, at the end %2").arg(curve.name).arg(curve.values.back().y());
    if (!m_plot.bars.empty())
        lines = {tr("%1, bars: %n", nullptr, static_cast<int>(m_plot.bars.size())).arg(m_plot.x.title)};
    const auto add = [&](const QString& tooltip) {
        if (!tooltip.isEmpty())
            lines += QString(tooltip).replace(u'\n', QStringLiteral(", "));
    };
    for (const PlotPoint& point : m_plot.points)
        add(point.tooltip);
    for (const PlotBar& bar : m_plot.bars)
        add(bar.tooltip);
    for (const PlotCell& cell : m_plot.heatMap.cells)
        add(cell.tooltip);
    return lines.join(QStringLiteral(". "));
}

QImage PlotWidget::image() const {
    constexpr int kRatio = 2;
    const PlotStyle style = PlotView::style();
    const QFontMetricsF metrics(PlotView::chartFont());
    const Plot plot = shown();
    const QSize drawn(width(), static_cast<int>(heightOf(plot, height(), metrics)));
    QImage image(drawn * kRatio, QImage::Format_ARGB32_Premultiplied);
    image.setDevicePixelRatio(kRatio);
    image.fill(style.background);
    QPainter painter(&image);
    painter.setFont(PlotView::chartFont());
    PainterCanvas canvas(painter);
    const PlotLayout layout = layOut(plot, drawn, metrics);
    drawPlot(canvas, plot, layout, style, metrics);
    const std::vector<PlotSeries> series = seriesOf(plot);
    drawLegend(canvas, legendOf(series, layout.area, metrics, placesOf(plot, layout)), series, style,
               metrics);
    return image;
}

QByteArray PlotWidget::svg() const { return plotSvg(shown(), size(), PlotView::style()); }

QByteArray PlotWidget::csv() const { return plotCsv(shown()); }

QMimeData* PlotWidget::scheduleData(const QString& schedule) {
    auto* data = new QMimeData;
    data->setText(schedule);
    return data;
}

void PlotWidget::copy(Format format) const {
    auto* content = new QMimeData; // the clipboard takes it
    switch (format) {
    case Format::Png:
        content->setImageData(image());
        break;
    case Format::Svg:
        content->setData(QStringLiteral("image/svg+xml"), svg());
        content->setText(QString::fromUtf8(svg()));
        break;
    case Format::Csv:
        content->setData(QStringLiteral("text/csv"), csv());
        content->setText(QString::fromUtf8(csv()));
        break;
    }
    QGuiApplication::clipboard()->setMimeData(content);
}

QString PlotWidget::save(const QString& file) const {
    const QString suffix = QFileInfo(file).suffix().toLower();
    if (suffix != u"png" && suffix != u"svg" && suffix != u"csv")
        return tr("cannot save the chart: %1: the name must end in .png, .svg or .csv").arg(file);
    QSaveFile target(file);
    if (!target.open(QIODevice::WriteOnly))
        return tr("cannot save the chart: %1: %2").arg(file, target.errorString());
    if (suffix == u"png")
        image().save(&target, "PNG");
    else
        target.write(suffix == u"svg" ? svg() : csv());
    return target.commit() ? QString() : tr("cannot save the chart: %1: %2").arg(file, target.errorString());
}

QPointF PlotWidget::positionOf(qint64 id) const {
    const Plot plot = shown();
    const PlotMark mark = markOf(plot, id);
    return mark.any() ? m_view->viewport()->mapTo(this, m_view->facts(mark).at) : QPointF(-1, -1);
}

std::optional<QPointF> PlotWidget::crosshair() const { return m_view->crosshair(); }

bool PlotWidget::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::ContextMenu) {
        contextMenuEvent(static_cast<QContextMenuEvent*>(event));
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

void PlotWidget::contextMenuEvent(QContextMenuEvent* event) {
    if (m_plot.isEmpty())
        return;
    auto* menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("plotMenu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const PlotMark mark = event->reason() == QContextMenuEvent::Mouse
                              ? m_view->markAt(m_view->viewport()->mapFromGlobal(event->globalPos()))
                              : m_view->hovered();
    if (mark.any()) {
        const PlotMarkFacts facts = m_view->facts(mark);
        if (facts.id != 0)
            menu->addAction(tr("Open run %1").arg(facts.id), this,
                            [this, id = facts.id] { emit pointClicked(id); })
                ->setObjectName(QStringLiteral("plotOpenRun"));
        if (!facts.schedule.isEmpty()) {
            menu->addAction(tr("Use this schedule on the timeline"), this,
                            [this, text = facts.schedule] { emit scheduleChosen(text); })
                ->setObjectName(QStringLiteral("plotUseSchedule"));
            menu->addAction(tr("Copy schedule"), this,
                            [text = facts.schedule] {
                                QGuiApplication::clipboard()->setMimeData(scheduleData(text));
                            })
                ->setObjectName(QStringLiteral("plotCopySchedule"));
        }
        if (!menu->isEmpty())
            menu->addSeparator();
    }
    menu->addAction(tr("Copy as PNG"), this, [this] { copy(Format::Png); });
    menu->addAction(tr("Copy as SVG"), this, [this] { copy(Format::Svg); });
    menu->addAction(tr("Copy as CSV"), this, [this] { copy(Format::Csv); });
    menu->addSeparator();
    menu->addAction(tr("Save as…"), this, [this] {
        auto* dialog = new QFileDialog(this, tr("Save the chart"), {}, tr("Charts (*.png *.svg *.csv)"));
        dialog->setAcceptMode(QFileDialog::AcceptSave);
        dialog->setDefaultSuffix(QStringLiteral("png"));
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& file) {
            if (const QString problem = save(file); !problem.isEmpty())
                QToolTip::showText(mapToGlobal(rect().center()), problem, this);
        });
        dialog->open();
    });
    menu->popup(event->globalPos());
}

} // namespace steploom
