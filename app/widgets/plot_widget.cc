// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/plot_widget.h"

#include "app/widgets/plot_labels.h"
#include "app/widgets/theme.h"

#include <QtCharts/QCategoryAxis>
#include <QtCharts/QChart>
#include <QtCharts/QChartView>
#include <QtCharts/QLineSeries>

#include <QClipboard>
#include <QContextMenuEvent>
#include <QFile>
#include <QFileDialog>
#include <QFileInfo>
#include <QGraphicsScene>
#include <QGuiApplication>
#include <QKeyEvent>
#include <QLabel>
#include <QMenu>
#include <QMimeData>
#include <QSaveFile>
#include <QStackedLayout>
#include <QToolTip>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace steploom {
namespace {

constexpr double kMarkerRadius = 5;
constexpr double kCap = 4;                               ///< half the width of a whisker's cap, px
constexpr double kReach = 14;                            ///< px from a point within which the mouse means it
constexpr double kMarkSpacingX = 90, kMarkSpacingY = 58; ///< wanted px between marks

} // namespace

/// QtCharts draws axes, grid and line in the unit square (marks and logarithms are the frame's matter);
/// points, whiskers, anchors and labels are painted over it.
class PlotWidget::View : public QChartView {
public:
    explicit View(PlotWidget& owner) : QChartView(new QChart), m_owner(owner) {
        setObjectName(QStringLiteral("plotView"));
        setRenderHint(QPainter::Antialiasing);
        setFrameShape(QFrame::NoFrame);
        setBackgroundBrush(Qt::NoBrush);
        viewport()->setAutoFillBackground(false);
        // Scoped: tool tips inherit what their widget says of every widget.
        setStyleSheet(QStringLiteral("QChartView { background: transparent }"));
        setMouseTracking(true);
        setFocusPolicy(Qt::StrongFocus);
        chart()->setBackgroundVisible(false);
        chart()->setMargins({0, 6, 20, 0}); // room for half of the outermost marks' text
        chart()->legend()->hide();
        chart()->setAnimationOptions(QChart::NoAnimation);
        m_line = new QLineSeries;
        m_line->setUseOpenGL(false);
        chart()->addSeries(m_line);
        m_overlay = new Overlay(*this);
        m_overlay->setParentItem(chart());
        m_overlay->setZValue(100);
        connect(chart(), &QChart::plotAreaChanged, this, [this] { m_overlay->moved(); });
    }

    /// New axes and line for the plot, the size and the theme as they are now.
    void refresh() {
        const Plot& plot = m_owner.m_plot;
        const Theme& theme = Theme::instance();
        m_frame = frameOf(plot, std::clamp(static_cast<int>(width() / kMarkSpacingX), 2, 12),
                          std::clamp(static_cast<int>(height() / kMarkSpacingY), 2, 12));
        for (QAbstractAxis* axis : chart()->axes()) {
            chart()->removeAxis(axis);
            delete axis;
        }
        const auto addAxis = [&](Qt::Alignment side, const QString& title, const std::vector<double>& marks,
                                 const PlotUnit& unit, auto share) {
            auto* axis = new QCategoryAxis;
            axis->setLabelsPosition(QCategoryAxis::AxisLabelsPositionOnValue);
            for (const double mark : marks)
                axis->append(markText(mark, marks, unit), share(mark));
            axis->setRange(0, 1);
            axis->setTitleText(title);
            axis->setTitleFont(theme.font(-1));
            axis->setTitleBrush(theme.colors().dim);
            axis->setLabelsFont(theme.font(-1));
            axis->setLabelsBrush(theme.colors().dim);
            axis->setGridLinePen(QPen(theme.colors().line, 1));
            axis->setLinePen(Qt::NoPen);
            chart()->addAxis(axis, side);
            m_line->attachAxis(axis);
        };
        addAxis(Qt::AlignBottom, axisTitle(plot.x, m_frame.xUnit), m_frame.xMarks, m_frame.xUnit,
                [this](double mark) { return m_frame.xShare(mark); });
        addAxis(Qt::AlignLeft, axisTitle(plot.y, m_frame.yUnit), m_frame.yMarks, m_frame.yUnit,
                [this](double mark) { return m_frame.yShare(mark); });
        QColor lineColor = theme.colors().heavy;
        lineColor.setAlphaF(0.65f);
        m_line->setPen(QPen(lineColor, 1.3));
        QList<QPointF> values;
        for (const QPointF& value : plot.line)
            values.append({m_frame.xShare(value.x()), m_frame.yShare(value.y())});
        m_line->replace(values);
        m_overlay->moved();
    }

    /// Scene (and view) coordinates of values.
    QPointF at(double x, double y) const {
        const QRectF area = chart()->plotArea();
        return {area.left() + m_frame.xShare(x) * area.width(),
                area.bottom() - m_frame.yShare(y) * area.height()};
    }
    int nearest(QPointF where) const {
        int best = -1;
        double distance = kReach;
        for (std::size_t i = 0; i < m_owner.m_plot.points.size(); ++i) {
            const PlotPoint& point = m_owner.m_plot.points[i];
            const QPointF offset = at(point.x, point.y) - where;
            if (const double d = std::hypot(offset.x(), offset.y()); d < distance) {
                distance = d;
                best = static_cast<int>(i);
            }
        }
        return best;
    }
    void setHovered(int index, QPoint global) {
        if (index != m_hovered) {
            m_hovered = index;
            viewport()->setCursor(index >= 0 ? Qt::PointingHandCursor : Qt::ArrowCursor);
            m_overlay->update();
        }
        if (index < 0)
            QToolTip::hideText();
        else
            QToolTip::showText(
                global,
                QStringLiteral("<p style='white-space:pre'>%1</p>")
                    .arg(m_owner.m_plot.points[static_cast<std::size_t>(index)].tooltip.toHtmlEscaped()),
                this);
    }
    int hovered() const noexcept { return m_hovered; }

protected:
    /// The scene would answer the mouse's rest with an empty tool tip and so take away ours.
    bool viewportEvent(QEvent* event) override {
        return event->type() == QEvent::ToolTip || QChartView::viewportEvent(event);
    }
    void resizeEvent(QResizeEvent* event) override {
        QChartView::resizeEvent(event);
        refresh();
    }
    void mouseMoveEvent(QMouseEvent* event) override {
        setHovered(nearest(mapToScene(event->position().toPoint())), event->globalPosition().toPoint());
    }
    void mousePressEvent(QMouseEvent* event) override { event->accept(); }
    void mouseReleaseEvent(QMouseEvent* event) override {
        if (event->button() != Qt::LeftButton)
            return;
        if (const int index = nearest(mapToScene(event->position().toPoint())); index >= 0)
            emit m_owner.pointClicked(m_owner.m_plot.points[static_cast<std::size_t>(index)].id);
    }
    void leaveEvent(QEvent* event) override {
        setHovered(-1, {});
        QChartView::leaveEvent(event);
    }
    /// The arrow keys walk through the points from left to right, Return opens one.
    void keyPressEvent(QKeyEvent* event) override {
        const std::vector<PlotPoint>& points = m_owner.m_plot.points;
        if (event->key() == Qt::Key_Return && m_hovered >= 0) {
            emit m_owner.pointClicked(points[static_cast<std::size_t>(m_hovered)].id);
            return;
        }
        if ((event->key() != Qt::Key_Left && event->key() != Qt::Key_Right) || points.empty()) {
            QChartView::keyPressEvent(event);
            return;
        }
        std::vector<int> order(points.size());
        std::iota(order.begin(), order.end(), 0);
        std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
            return points[static_cast<std::size_t>(a)].x < points[static_cast<std::size_t>(b)].x;
        });
        const auto now = std::find(order.begin(), order.end(), m_hovered);
        const bool right = event->key() == Qt::Key_Right;
        const auto last = static_cast<std::ptrdiff_t>(order.size()) - 1;
        const std::ptrdiff_t next =
            now == order.end() ? (right ? 0 : last)
                               : std::clamp<std::ptrdiff_t>(now - order.begin() + (right ? 1 : -1), 0, last);
        const int index = order[static_cast<std::size_t>(next)];
        const PlotPoint& point = points[static_cast<std::size_t>(index)];
        setHovered(index, viewport()->mapToGlobal(mapFromScene(at(point.x, point.y))));
    }

private:
    class Overlay : public QGraphicsItem {
    public:
        explicit Overlay(View& view) : m_view(view) { setAcceptedMouseButtons(Qt::NoButton); }
        QRectF boundingRect() const override { return m_view.chart()->rect(); }
        void moved() {
            prepareGeometryChange();
            update();
        }
        void paint(QPainter* painter, const QStyleOptionGraphicsItem*, QWidget*) override {
            m_view.paintOver(*painter);
        }

    private:
        View& m_view;
    };

    void paintOver(QPainter& painter) const;

    PlotWidget& m_owner;
    PlotFrame m_frame;
    QLineSeries* m_line;
    Overlay* m_overlay;
    int m_hovered = -1;
};

void PlotWidget::View::paintOver(QPainter& painter) const {
    const Plot& plot = m_owner.m_plot;
    const Theme& theme = Theme::instance();
    const QRectF area = chart()->plotArea();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(theme.font(-1));
    for (const PlotAnchor& anchor : plot.anchors) {
        const double y = at(m_frame.xLow, anchor.y).y();
        painter.setPen(QPen(anchor.color, 1.2, Qt::DashLine));
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y));
        painter.drawText(QRectF(area.left(), y - 20, area.width() - 4, 18), Qt::AlignRight | Qt::AlignBottom,
                         anchor.label);
    }
    const QFontMetricsF metrics(painter.font());
    std::vector<QLineF> strokes;
    for (std::size_t i = 1; i < plot.line.size(); ++i)
        strokes.emplace_back(at(plot.line[i - 1].x(), plot.line[i - 1].y()),
                             at(plot.line[i].x(), plot.line[i].y()));
    std::vector<LabelledPoint> labels;
    labels.reserve(plot.points.size());
    for (std::size_t i = 0; i < plot.points.size(); ++i) {
        const PlotPoint& point = plot.points[i];
        const QPointF center = at(point.x, point.y);
        painter.setPen(QPen(point.color, 1.6));
        if (point.hasInterval()) {
            const QPointF low = at(point.x, point.low), high = at(point.x, point.high);
            painter.drawLine(low, high);
            strokes.emplace_back(low, high);
            for (const QPointF& end : {low, high})
                painter.drawLine(end - QPointF(kCap, 0), end + QPointF(kCap, 0));
        }
        painter.setPen(QPen(theme.colors().card, 1));
        painter.setBrush(point.color);
        painter.drawEllipse(center, kMarkerRadius, kMarkerRadius);
        if (static_cast<int>(i) == m_hovered) {
            painter.setPen(QPen(theme.colors().ink, 1.5));
            painter.setBrush(Qt::NoBrush);
            painter.drawEllipse(center, kMarkerRadius + 3, kMarkerRadius + 3);
        }
        const QSizeF size(metrics.horizontalAdvance(point.label),
                          point.label.isEmpty() ? 0 : metrics.height());
        labels.push_back({center, size,
                          QRectF(center.x() - kMarkerRadius, center.y() - kMarkerRadius, 2 * kMarkerRadius,
                                 2 * kMarkerRadius)});
    }
    painter.setPen(theme.colors().ink);
    const std::vector<QRectF> places =
        placeLabels(labels, chart()->plotArea().adjusted(2, 2, -2, -2), strokes);
    for (std::size_t i = 0; i < places.size(); ++i)
        if (!places[i].isEmpty())
            painter.drawText(places[i], Qt::AlignLeft | Qt::AlignVCenter | Qt::TextDontClip,
                             plot.points[i].label);
}

PlotWidget::PlotWidget(QWidget* parent) : QWidget(parent) {
    setObjectName(QStringLiteral("plot"));
    setAccessibleName(tr("Chart"));
    m_stack = new QStackedLayout(this);
    m_empty = new QLabel;
    m_empty->setObjectName(QStringLiteral("plotEmptyText"));
    m_empty->setProperty("look", "dim");
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setWordWrap(true);
    m_view = new View(*this);
    setFocusProxy(m_view);
    m_view->viewport()->installEventFilter(this);
    m_stack->addWidget(m_empty);
    m_stack->addWidget(m_view);
    connect(&Theme::instance(), &Theme::changed, this, &PlotWidget::refresh);
}

PlotWidget::~PlotWidget() = default;

void PlotWidget::setPlot(const Plot& plot) {
    m_plot = plot;
    m_view->setHovered(-1, {});
    refresh();
    m_stack->setCurrentIndex(m_plot.points.empty() ? 0 : 1);
    setAccessibleDescription(describe());
}

void PlotWidget::setEmptyText(const QString& text) { m_empty->setText(text); }

void PlotWidget::refresh() { m_view->refresh(); }

QString PlotWidget::describe() const {
    if (m_plot.points.empty())
        return m_empty->text();
    QStringList lines{tr("%1 over %2, points: %n", nullptr, static_cast<int>(m_plot.points.size()))
                          .arg(m_plot.y.title, m_plot.x.title)};
    for (const PlotPoint& point : m_plot.points)
        lines += QString(point.tooltip).replace(u'\n', QStringLiteral(", "));
    return lines.join(QStringLiteral(". "));
}

QImage PlotWidget::image() const {
    constexpr int kRatio = 2;
    QImage image(size() * kRatio, QImage::Format_ARGB32_Premultiplied);
    image.setDevicePixelRatio(kRatio);
    image.fill(Theme::instance().colors().card);
    QPainter painter(&image);
    painter.setRenderHint(QPainter::Antialiasing);
    m_view->scene()->render(&painter, QRectF(QPointF(), QSizeF(size())), m_view->sceneRect(),
                            Qt::IgnoreAspectRatio);
    return image;
}

QByteArray PlotWidget::svg() const {
    const Theme& theme = Theme::instance();
    const ThemeColors& colors = theme.colors();
    return plotSvg(m_plot, size(),
                   {colors.card, colors.ink, colors.dim, colors.line, colors.heavy, theme.font().family()});
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
    for (const PlotPoint& point : m_plot.points)
        if (point.id == id)
            return m_view->viewport()->mapTo(this, m_view->mapFromScene(m_view->at(point.x, point.y)));
    return {-1, -1};
}

bool PlotWidget::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::ContextMenu) {
        contextMenuEvent(static_cast<QContextMenuEvent*>(event));
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

void PlotWidget::contextMenuEvent(QContextMenuEvent* event) {
    if (m_plot.points.empty())
        return;
    auto* menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("plotMenu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
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
