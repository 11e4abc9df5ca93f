// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/plot_widget.h"

#include "app/widgets/plot_curves.h"
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

constexpr double kMarkerRadius = 5, kCurveMarkerRadius = 2.6;
constexpr double kCap = 4;                               ///< half the width of a whisker's cap, px
constexpr double kReach = 14;                            ///< px from a point within which the mouse means it
constexpr double kMarkSpacingX = 90, kMarkSpacingY = 58; ///< wanted px between marks

/// A value under the mouse or the arrow keys: a point, or a value of a curve; index −1: none.
struct PlotMark {
    int curve = -1; ///< −1: one of the points
    int index = -1;

    bool any() const noexcept { return index >= 0; }
    bool isPoint() const noexcept { return any() && curve < 0; }
    friend bool operator==(const PlotMark&, const PlotMark&) = default;
};

} // namespace

/// QtCharts draws axes, grid and line in the unit square (marks and logarithms are the frame's matter);
/// points, whiskers, anchors and labels are painted over it.
class PlotWidget::View : public QChartView {
public:
    explicit View(PlotWidget& owner) : QChartView(new QChart), m_owner(owner) {
        setObjectName(QStringLiteral("plotView"));
        setAccessibleName(PlotWidget::tr("Chart"));
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
    PlotMark nearest(QPointF where) const {
        PlotMark best;
        double distance = kReach;
        const auto consider = [&](double x, double y, int curve, std::size_t index) {
            const QPointF offset = at(x, y) - where;
            if (const double d = std::hypot(offset.x(), offset.y()); d < distance) {
                distance = d;
                best = {curve, static_cast<int>(index)};
            }
        };
        const Plot& plot = m_owner.m_plot;
        for (std::size_t i = 0; i < plot.points.size(); ++i)
            consider(plot.points[i].x, plot.points[i].y, -1, i);
        for (std::size_t c = 0; c < plot.curves.size(); ++c)
            for (std::size_t i = 0; i < plot.curves[c].values.size(); ++i)
                consider(plot.curves[c].values[i].x(), plot.curves[c].values[i].y(), static_cast<int>(c), i);
        return best;
    }
    QPointF valueOf(const PlotMark& mark) const {
        const auto index = static_cast<std::size_t>(mark.index);
        if (mark.isPoint())
            return {m_owner.m_plot.points[index].x, m_owner.m_plot.points[index].y};
        return m_owner.m_plot.curves[static_cast<std::size_t>(mark.curve)].values[index];
    }
    QString tooltipOf(const PlotMark& mark) const {
        const auto index = static_cast<std::size_t>(mark.index);
        if (mark.isPoint())
            return m_owner.m_plot.points[index].tooltip;
        const PlotCurve& curve = m_owner.m_plot.curves[static_cast<std::size_t>(mark.curve)];
        return curve.tooltip ? curve.tooltip(index) : curve.name;
    }
    void setHovered(const PlotMark& mark, QPoint global) {
        if (mark != m_hovered) {
            m_hovered = mark;
            viewport()->setCursor(mark.isPoint() ? Qt::PointingHandCursor : Qt::ArrowCursor);
            m_overlay->update();
        }
        if (!mark.any())
            QToolTip::hideText();
        else
            QToolTip::showText(
                global,
                QStringLiteral("<p style='white-space:pre'>%1</p>").arg(tooltipOf(mark).toHtmlEscaped()),
                this);
    }

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
        if (const PlotMark mark = nearest(mapToScene(event->position().toPoint())); mark.isPoint())
            emit m_owner.pointClicked(m_owner.m_plot.points[static_cast<std::size_t>(mark.index)].id);
    }
    void leaveEvent(QEvent* event) override {
        setHovered({}, {});
        QChartView::leaveEvent(event);
    }
    /// The arrow keys walk through the points from left to right, Return opens one. In a chart of curves they
    /// walk along a curve, and up and down to the next one.
    void keyPressEvent(QKeyEvent* event) override {
        const std::vector<PlotPoint>& points = m_owner.m_plot.points;
        if (event->key() == Qt::Key_Return && m_hovered.isPoint()) {
            emit m_owner.pointClicked(points[static_cast<std::size_t>(m_hovered.index)].id);
            return;
        }
        if (points.empty() && walkCurves(event->key()))
            return;
        if ((event->key() != Qt::Key_Left && event->key() != Qt::Key_Right) || points.empty()) {
            QChartView::keyPressEvent(event);
            return;
        }
        std::vector<int> order(points.size());
        std::iota(order.begin(), order.end(), 0);
        std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
            return points[static_cast<std::size_t>(a)].x < points[static_cast<std::size_t>(b)].x;
        });
        const auto now = std::find(order.begin(), order.end(), m_hovered.index);
        const bool right = event->key() == Qt::Key_Right;
        const auto last = static_cast<std::ptrdiff_t>(order.size()) - 1;
        const std::ptrdiff_t next =
            now == order.end() ? (right ? 0 : last)
                               : std::clamp<std::ptrdiff_t>(now - order.begin() + (right ? 1 : -1), 0, last);
        showMark({-1, order[static_cast<std::size_t>(next)]});
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

    void showMark(const PlotMark& mark) {
        const QPointF value = valueOf(mark);
        setHovered(mark, viewport()->mapToGlobal(mapFromScene(at(value.x(), value.y()))));
    }
    bool walkCurves(int key);
    void paintOver(QPainter& painter) const;
    void paintCurves(QPainter& painter) const;

    PlotWidget& m_owner;
    PlotFrame m_frame;
    QLineSeries* m_line;
    Overlay* m_overlay;
    PlotMark m_hovered;
};

/// One step of the arrow keys along the curves, from the end of the first. False: nothing to walk on.
bool PlotWidget::View::walkCurves(int key) {
    const int along = key == Qt::Key_Right ? 1 : key == Qt::Key_Left ? -1 : 0;
    const int across = key == Qt::Key_Down ? 1 : key == Qt::Key_Up ? -1 : 0;
    std::vector<int> walkable;
    const std::vector<PlotCurve>& curves = m_owner.m_plot.curves;
    for (std::size_t i = 0; i < curves.size(); ++i)
        if (!curves[i].values.empty())
            walkable.push_back(static_cast<int>(i));
    if ((along == 0 && across == 0) || walkable.empty())
        return false;
    const auto now = std::ranges::find(walkable, m_hovered.curve);
    const auto lastOf = [&](int curve) {
        return static_cast<int>(curves[static_cast<std::size_t>(curve)].values.size()) - 1;
    };
    if (!m_hovered.any() || now == walkable.end()) {
        showMark({walkable.front(), lastOf(walkable.front())});
        return true;
    }
    PlotMark next = m_hovered;
    next.curve = walkable[static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(
        now - walkable.begin() + across, 0, static_cast<std::ptrdiff_t>(walkable.size()) - 1))];
    if (next.curve == m_hovered.curve) {
        next.index = std::clamp(m_hovered.index + along, 0, lastOf(next.curve));
    } else { // the value nearest in x
        const double x = valueOf(m_hovered).x();
        const auto& values = curves[static_cast<std::size_t>(next.curve)].values;
        const auto nearest = std::ranges::min_element(
            values, {}, [&](const QPointF& value) { return std::abs(value.x() - x); });
        next.index = static_cast<int>(nearest - values.begin());
    }
    showMark(next);
    return true;
}

void PlotWidget::View::paintCurves(QPainter& painter) const {
    const Plot& plot = m_owner.m_plot;
    const Theme& theme = Theme::instance();
    for (const PlotCurve& curve : plot.curves) {
        QPolygonF stroke;
        for (const QPointF& value : curve.values)
            if (std::isfinite(value.x()) && std::isfinite(value.y()))
                stroke += at(value.x(), value.y());
        painter.setPen(QPen(curve.color, curve.width, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        painter.setBrush(Qt::NoBrush);
        if (stroke.size() > 1)
            painter.drawPolyline(visibleStroke(stroke));
        if (curve.marked || stroke.size() == 1) { // a stroke of one value could not be seen
            painter.setPen(Qt::NoPen);
            painter.setBrush(curve.color);
            for (const QPointF& each : stroke)
                painter.drawEllipse(each, kCurveMarkerRadius, kCurveMarkerRadius);
        }
    }
    if (m_hovered.any() && !m_hovered.isPoint()) {
        const QPointF value = valueOf(m_hovered);
        painter.setPen(QPen(theme.colors().ink, 1.5));
        painter.setBrush(Qt::NoBrush);
        painter.drawEllipse(at(value.x(), value.y()), kMarkerRadius, kMarkerRadius);
    }
    const PlotLegend legend = legendOf(plot, chart()->plotArea(), QFontMetricsF(painter.font()));
    QColor ground = theme.colors().card;
    ground.setAlphaF(0.85f);
    painter.setPen(Qt::NoPen);
    painter.setBrush(ground);
    if (!legend.entries.empty())
        painter.drawRoundedRect(legend.box, 6, 6);
    for (const PlotLegendEntry& entry : legend.entries) {
        const PlotCurve& curve = plot.curves[entry.curve];
        painter.setPen(QPen(curve.color, curve.width, Qt::SolidLine, Qt::RoundCap));
        painter.drawLine(entry.sample);
        if (curve.marked) {
            painter.setPen(Qt::NoPen);
            painter.setBrush(curve.color);
            painter.drawEllipse(entry.sample.center(), kCurveMarkerRadius, kCurveMarkerRadius);
        }
        painter.setPen(theme.colors().ink);
        painter.drawText(entry.text, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextDontClip, entry.name);
    }
}

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
    paintCurves(painter);
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
        if (m_hovered == PlotMark{-1, static_cast<int>(i)}) {
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
    m_view->setHovered({}, {}); // while what it refers to is there
    m_plot = plot;
    refresh();
    m_stack->setCurrentIndex(m_plot.isEmpty() ? 0 : 1);
    setAccessibleDescription(describe());
}

void PlotWidget::setEmptyText(const QString& text) { m_empty->setText(text); }

void PlotWidget::refresh() { m_view->refresh(); }

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
    if (m_plot.isEmpty())
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
