// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/timeline_painter.h"

#include "app/widgets/controls.h"
#include "app/widgets/theme.h"
#include "engine/schedule/cost.h"

#include <QFontMetricsF>
#include <QImage>
#include <QPainter>
#include <QPainterPath>
#include <QPixmap>

#include <algorithm>
#include <cmath>
#include <tuple>

namespace steploom {

namespace {

constexpr double kTickSpacing = 64;
constexpr double kFinest = 2.5; ///< px below which segments are merged
constexpr double kBlockRadius = 5;
constexpr double kLeastRound = 7;     ///< px from which a block has round corners and hatching
constexpr double kLeastLettered = 12; ///< px from which it may have a letter

QColor withAlpha(QColor color, double alpha) {
    color.setAlphaF(static_cast<float>(alpha));
    return color;
}

int memberIndex(const TimelineScene& scene, char letter) {
    for (std::size_t i = 0; i < scene.members.size(); ++i) {
        if (scene.members[i].letter == letter) {
            return static_cast<int>(i);
        }
    }
    return -1;
}

/// Strength of the columns of one lane: share of each pixel column's steps that are the lane's, 0…1.
using Columns = std::vector<float>;

void addToColumns(Columns& columns, double from, double to) {
    const double last = static_cast<double>(columns.size());
    from = std::clamp(from, 0.0, last);
    to = std::clamp(to, 0.0, last);
    for (auto c = static_cast<std::size_t>(from); c < columns.size() && static_cast<double>(c) < to; ++c) {
        const double column = static_cast<double>(c);
        columns[c] += static_cast<float>(std::min(to, column + 1) - std::max(from, column));
    }
}

/// Columns of one strength are one rectangle; `faintest`: alpha of what is just not nothing.
void paintColumns(QPainter& p, const QRectF& strip, const Columns& columns, const QColor& color,
                  double faintest) {
    constexpr float kLevels = 32;
    const auto level = [&](std::size_t c) { return std::ceil(std::min(1.0f, columns[c]) * kLevels - 0.1f); };
    p.save();
    p.setRenderHint(QPainter::Antialiasing, false);
    for (std::size_t c = 0; c < columns.size();) {
        const float here = level(c);
        std::size_t end = c + 1;
        while (end < columns.size() && level(end) == here) {
            ++end;
        }
        if (here > 0) {
            p.fillRect(QRectF(strip.left() + static_cast<double>(c), strip.top(),
                              static_cast<double>(end - c), strip.height()),
                       withAlpha(color, faintest + (1 - faintest) * static_cast<double>(here / kLevels)));
        }
        c = end;
    }
    p.restore();
}

void paintRuler(QPainter& p, const TimelineScene& s) {
    const ThemeColors& colors = Theme::instance().colors();
    const QFont font = Theme::instance().font(-1);
    const QFontMetricsF metrics(font);
    p.setFont(font);
    for (const RulerTick& tick : rulerTicks(s.geometry, s.unit, kTickSpacing)) {
        const double x = std::round(s.geometry.xOf(tick.step)) + 0.5;
        p.setPen(QPen(colors.line, 1));
        p.drawLine(QPointF(x, s.layout.rulerHeight - 4), QPointF(x, s.layout.curveBottom()));
        p.setPen(colors.dim);
        const double w = metrics.horizontalAdvance(tick.label) + 2;
        p.drawText(QRectF(x - w / 2, 0, w, s.layout.rulerHeight - 6), Qt::AlignCenter, tick.label);
    }
}

/// Where the view lies within all steps: a slim bar over the lanes while zoomed.
void paintOverview(QPainter& p, const TimelineScene& s) {
    if (!s.geometry.isZoomed()) {
        return;
    }
    const ThemeColors& colors = Theme::instance().colors();
    const TimelineGeometry& g = s.geometry;
    p.setPen(Qt::NoPen);
    p.setBrush(colors.line);
    const double y = s.layout.rulerHeight - 3;
    p.drawRoundedRect(QRectF(g.left, y, g.width, 3), 1.5, 1.5);
    p.setBrush(colors.dim);
    const double width = std::max(12.0, g.width * g.visibleSteps / g.steps);
    const double x = g.left + (g.width - width) * g.firstStep / std::max(1e-9, g.steps - g.visibleSteps);
    p.drawRoundedRect(QRectF(x, y, width, 3), 1.5, 1.5);
}

void paintLaneNames(QPainter& p, const TimelineScene& s) {
    const Theme& theme = Theme::instance();
    for (int lane = 0; lane < s.layout.lanes; ++lane) {
        const TimelineMember& member = s.members[static_cast<std::size_t>(lane)];
        const double middle = s.layout.laneTop(lane) + s.layout.laneHeight / 2;
        const double side = std::min(20.0, s.layout.laneHeight);
        const bool active = lane == s.activeMember;
        drawMemberSquare(p, QRectF(2, middle - side / 2, side, side), member.letter, lane);
        const QFont font = theme.font(0, active);
        p.setFont(font);
        p.setPen(active ? theme.colors().ink : theme.colors().dim);
        const double room = s.layout.gutter - 38;
        p.drawText(QRectF(29, middle - 10, room, 20), Qt::AlignVCenter,
                   QFontMetricsF(font).elidedText(member.name, Qt::ElideRight, room));
    }
    p.setFont(theme.font(-1));
    p.setPen(theme.colors().dim);
    const auto name = [&](double top, double height, const QString& text) {
        p.drawText(QRectF(2, top + height / 2 - 8, s.layout.gutter - 8, 16), Qt::AlignVCenter, text);
    };
    if (s.layout.curveHeight > 0) {
        name(s.layout.curveTop(), s.layout.curveHeight, QStringLiteral("masked"));
    }
    if (s.layout.heatHeight > 0) {
        name(s.layout.heatTop(), s.layout.heatHeight, QStringLiteral("importance"));
    }
    if (s.layout.idleHeight > 0) {
        name(s.layout.idleTop(), s.layout.idleHeight,
             s.words.inOrder() ? QStringLiteral("given") : QStringLiteral("no call"));
    }
}

/// Importance as strength of the heat colour; a column of pixels shows the most important of its steps.
void paintHeat(QPainter& p, const TimelineScene& s) {
    if (s.importance.empty() || s.layout.heatHeight <= 0) {
        return;
    }
    const TimelineGeometry& g = s.geometry;
    const double parts = static_cast<double>(s.importance.size());
    const double most = *std::ranges::max_element(s.importance);
    const auto partAt = [&](double x) {
        return static_cast<std::size_t>(std::clamp(g.positionAt(x) / g.steps * parts, 0.0, parts - 1));
    };
    Columns columns(static_cast<std::size_t>(std::ceil(g.width)), 0.0f);
    std::size_t first = partAt(g.left);
    for (std::size_t c = 0; c < columns.size() && most > 0; ++c) {
        const std::size_t last = partAt(g.left + static_cast<double>(c) + 1 - 1e-6);
        const auto begin = s.importance.begin() + static_cast<std::ptrdiff_t>(first);
        const auto end = s.importance.begin() + static_cast<std::ptrdiff_t>(last) + 1;
        columns[c] = static_cast<float>(*std::max_element(begin, end) / most);
        first = partAt(g.left + static_cast<double>(c) + 1);
    }
    const QRectF strip(g.left, s.layout.heatTop(), g.width, s.layout.heatHeight);
    const QColor heat = Theme::instance().colors().heat;
    p.fillRect(strip, withAlpha(heat, 0.06));
    paintColumns(p, strip, columns, heat, 0.04);
}

/// Steps of the last run in which no model was called: nothing was revealed, so they cost nothing.
void paintIdle(QPainter& p, const TimelineScene& s) {
    if (s.layout.idleHeight <= 0) {
        return;
    }
    const TimelineGeometry& g = s.geometry;
    const auto visible = g.visibleRange();
    Columns columns(static_cast<std::size_t>(std::ceil(g.width)), 0.0f);
    for (const auto& range : s.idleSteps) {
        if (range.end > visible.begin && range.begin < visible.end) {
            addToColumns(columns, g.xOf(range.begin) - g.left, g.xOf(range.end) - g.left);
        }
    }
    const QRectF strip(g.left, s.layout.idleTop(), g.width, s.layout.idleHeight);
    paintColumns(p, strip, columns, Theme::instance().colors().dim, 0.1);
}

/// Slanted lines over members beyond the first, which tell them apart without colour: a tile to fill with,
/// which costs far less than lines that are clipped to every block.
QBrush hatchOf(int index) {
    constexpr int kGap = 7;
    constexpr int kScale = 2; // crisp on fine screens too
    QImage tile(kGap * kScale, kGap * kScale, QImage::Format_ARGB32_Premultiplied);
    tile.fill(Qt::transparent);
    tile.setDevicePixelRatio(kScale);
    QPainter p(&tile);
    p.setRenderHint(QPainter::Antialiasing);
    p.setPen(QPen(withAlpha(Theme::instance().onMemberColor(index), 0.10), 1.2));
    for (const int shift : {-kGap, 0, kGap}) { // its neighbours' lines reach into its corners
        index % 2 == 1 ? p.drawLine(QPointF(shift - 1, kGap + 1), QPointF(shift + kGap + 1, -1))
                       : p.drawLine(QPointF(shift - 1, -1), QPointF(shift + kGap + 1, kGap + 1));
    }
    p.end();
    return QBrush(QPixmap::fromImage(tile));
}

void paintBlockText(QPainter& p, const QRectF& block, const StepSchedule::Segment& segment, int index,
                    const StepWords& words) {
    if (block.width() < kLeastLettered) {
        return;
    }
    const Theme& theme = Theme::instance();
    const QFont font = theme.font(-1, true);
    const QFontMetricsF metrics(font);
    const QString count = QString::number(segment.steps);
    const QString letter = QString(QLatin1Char(segment.letter));
    const QString choices[] = {QStringLiteral("%1 · %2").arg(letter, words.counted(segment.steps)),
                               QStringLiteral("%1 · %2").arg(letter, count), count, letter};
    const double room[] = {48, 20, 8, 6};
    if (block.height() < metrics.height() - 1) {
        return;
    }
    for (std::size_t i = 0; i < std::size(choices); ++i) {
        if (metrics.horizontalAdvance(choices[i]) + room[i] <= block.width()) {
            p.setFont(font);
            p.setPen(theme.onMemberColor(index));
            p.drawText(block, Qt::AlignCenter, choices[i]);
            return;
        }
    }
}

void paintBlock(QPainter& p, const TimelineScene& s, const StepSchedule::Segment& segment, int lane,
                bool ghost, const QBrush& hatch = {}) {
    const TimelineGeometry& g = s.geometry;
    // Ends beyond the view are drawn a little outside, so that only true ends look round.
    const double x0 = std::max(g.xOf(segment.begin), g.left - 12);
    const double x1 = std::min(g.xOf(segment.end()), g.right() + 12);
    const double gap = x1 - x0 < kLeastRound ? 0.25 : 0.75;
    const QRectF block(x0 + gap, s.layout.laneTop(lane), std::max(1.0, x1 - x0 - 2 * gap),
                       s.layout.laneHeight);
    const double radius = std::min(kBlockRadius, block.width() / 2);
    const QColor color = Theme::instance().memberColor(lane);
    if (ghost) {
        p.setPen(QPen(withAlpha(color, 0.75), 1.2, Qt::DashLine));
        p.setBrush(withAlpha(color, 0.14));
        p.drawRoundedRect(block.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius);
        return;
    }
    if (block.width() < kLeastRound) { // nobody sees its corners
        p.fillRect(block, color);
        return;
    }
    p.setPen(Qt::NoPen);
    p.setBrush(color);
    p.drawRoundedRect(block, radius, radius);
    if (lane > 0) {
        p.setBrush(hatch);
        p.drawRoundedRect(block, radius, radius);
    }
    paintBlockText(p, block.intersected(QRectF(g.left, block.top(), g.width, block.height())), segment, lane,
                   s.words);
}

void paintLanes(QPainter& p, const TimelineScene& s) {
    const TimelineGeometry& g = s.geometry;
    const ThemeColors& colors = Theme::instance().colors();
    p.save();
    p.setClipRect(QRectF(g.left - 1, 0, g.width + 2, s.layout.curveBottom()));

    const std::vector<StepSchedule::Segment> now = s.schedule.segments();
    if (s.before) {
        constexpr auto kPlace = [](const StepSchedule::Segment& segment) {
            return std::tuple(segment.begin, segment.steps, segment.letter);
        };
        // Ghost: the blocks that were there before and are no longer there as they were.
        for (const auto& segment : s.before->segments()) {
            const int lane = memberIndex(s, segment.letter);
            const bool visible = g.xOf(segment.end()) > g.left && g.xOf(segment.begin) < g.right();
            const bool wide = segment.steps * g.pixelsPerStep() >= kFinest;
            if (lane >= 0 && visible && wide &&
                !std::ranges::binary_search(now, kPlace(segment), {}, kPlace)) {
                paintBlock(p, s, segment, lane, true);
            }
        }
    }

    std::vector<Columns> columns(static_cast<std::size_t>(s.layout.lanes),
                                 Columns(static_cast<std::size_t>(std::ceil(g.width)), 0.0f));
    std::vector<QBrush> hatches;
    for (int lane = 0; lane < s.layout.lanes; ++lane) {
        hatches.push_back(lane > 0 ? hatchOf(lane) : QBrush());
    }
    const auto range = g.visibleRange();
    for (const auto& segment : now) {
        const int lane = memberIndex(s, segment.letter);
        if (lane < 0 || segment.end() <= range.begin || segment.begin >= range.end) {
            continue;
        }
        if (segment.steps * g.pixelsPerStep() >= kFinest) {
            paintBlock(p, s, segment, lane, false, hatches[static_cast<std::size_t>(lane)]);
        } else {
            addToColumns(columns[static_cast<std::size_t>(lane)], g.xOf(segment.begin) - g.left,
                         g.xOf(segment.end()) - g.left);
        }
    }
    for (int lane = 0; lane < s.layout.lanes; ++lane) {
        paintColumns(p, QRectF(g.left, s.layout.laneTop(lane), g.width, s.layout.laneHeight),
                     columns[static_cast<std::size_t>(lane)], Theme::instance().memberColor(lane), 0.3);
    }
    if (s.selection) {
        const double x0 = g.xOf(s.selection->begin);
        const double x1 = g.xOf(s.selection->end);
        p.setPen(QPen(colors.heavy, 1, Qt::DashLine));
        p.setBrush(withAlpha(colors.heavy, 0.10));
        p.drawRoundedRect(QRectF(x0, s.layout.laneTop(0) - 5, std::max(2.0, x1 - x0),
                                 s.layout.lanesBottom() - s.layout.laneTop(0) + 10)
                              .adjusted(0.5, 0.5, -0.5, -0.5),
                          4, 4);
    }
    p.restore();
}

void paintCurve(QPainter& p, const TimelineScene& s) {
    if (s.layout.curveHeight <= 0) {
        return;
    }
    const TimelineGeometry& g = s.geometry;
    const ThemeColors& colors = Theme::instance().colors();
    const double top = s.layout.curveTop() + 2, height = s.layout.curveHeight - 4;
    const auto range = g.visibleRange();
    const int points = std::min(64, range.end - range.begin);
    QPainterPath curve;
    for (int i = 0; i <= points; ++i) {
        const double position = g.firstStep + g.visibleSteps * i / points;
        // maskedShare() takes whole steps: between two of them the curve is their chord.
        const int step = std::clamp(static_cast<int>(position), 0, g.steps);
        const double here = maskedShare(step, g.steps);
        const double next = maskedShare(std::min(step + 1, g.steps), g.steps);
        const QPointF point(g.xOf(position), top + height * (1 - (here + (next - here) * (position - step))));
        i == 0 ? curve.moveTo(point) : curve.lineTo(point);
    }
    QPainterPath area = curve;
    area.lineTo(g.right(), top + height);
    area.lineTo(g.left, top + height);
    area.closeSubpath();
    p.fillPath(area, withAlpha(colors.dim, 0.07));
    p.setPen(QPen(withAlpha(colors.dim, 0.9), 1.2, Qt::DashLine));
    p.setBrush(Qt::NoBrush);
    p.drawPath(curve);
}

void paintMarks(QPainter& p, const TimelineScene& s) {
    const TimelineGeometry& g = s.geometry;
    const ThemeColors& colors = Theme::instance().colors();
    const double top = s.layout.laneTop(0), bottom = s.layout.lanesBottom();
    if (s.hotEdge >= 0) {
        const double x = g.xOf(s.hotEdge);
        p.setPen(QPen(colors.card, 1));
        p.setBrush(withAlpha(colors.dim, 0.75));
        p.drawRoundedRect(QRectF(x - 4, top - 5, 8, bottom - top + 10), 4, 4);
        p.setPen(QPen(colors.card, 1));
        const double middle = (top + bottom) / 2;
        for (const double dx : {-1.5, 1.5}) {
            p.drawLine(QPointF(x + dx, middle - 5), QPointF(x + dx, middle + 5));
        }
    } else if (s.hoverX >= 0) {
        p.setPen(QPen(withAlpha(colors.ink, 0.45), 1));
        const double x = std::round(s.hoverX) + 0.5;
        p.drawLine(QPointF(x, s.layout.rulerHeight - 2), QPointF(x, s.layout.curveBottom()));
    }
    const auto inView = [&](double x) { return x >= g.left - 1 && x <= g.right() + 1; };
    if (s.playhead >= 0) {
        const double x = g.xOf(std::min(s.playhead + 0.5, static_cast<double>(g.steps)));
        if (inView(x)) {
            p.setPen(QPen(colors.ink, 1.5));
            p.drawLine(QPointF(x, s.layout.rulerHeight), QPointF(x, s.layout.curveBottom()));
            p.setPen(Qt::NoPen);
            p.setBrush(colors.ink);
            p.drawEllipse(QPointF(x, s.layout.rulerHeight - 1), 4, 4);
        }
    }
    if (s.marked >= 0) {
        const double x = g.xOf(std::min(s.marked + 0.5, static_cast<double>(g.steps)));
        if (inView(x)) {
            p.setPen(QPen(colors.heat, 1.5, Qt::DashLine));
            p.drawLine(QPointF(x, s.layout.rulerHeight), QPointF(x, s.layout.curveBottom()));
            p.setPen(Qt::NoPen);
            p.setBrush(colors.heat);
            const double y = s.layout.rulerHeight;
            p.drawPolygon(QPolygonF({{x - 4.5, y - 7}, {x + 4.5, y - 7}, {x, y}}));
        }
    }
    if (s.caret >= 0) {
        const double x0 = g.xOf(s.caret);
        const double w = std::max(3.0, g.pixelsPerStep());
        if (inView(x0) || inView(x0 + w)) {
            p.setPen(QPen(colors.ink, 1.5));
            p.setBrush(Qt::NoBrush);
            p.drawRoundedRect(QRectF(x0, top - 4, w, bottom - top + 8), 2, 2);
        }
    }
    if (s.focusRing) {
        p.setPen(QPen(colors.heavy, 1.5));
        p.setBrush(Qt::NoBrush);
        p.drawRoundedRect(QRectF(g.left - 7, s.layout.rulerHeight - 6, g.width + 14,
                                 s.layout.curveBottom() - s.layout.rulerHeight + 10),
                          6, 6);
    }
}

void paintPill(QPainter& p, const TimelineScene& s) {
    if (s.pill.isEmpty() || s.hoverX < 0) {
        return;
    }
    const ThemeColors& colors = Theme::instance().colors();
    const QFont font = Theme::instance().font(-1);
    const double width = QFontMetricsF(font).horizontalAdvance(s.pill) + 20;
    const double anchor = s.hotEdge >= 0 ? s.geometry.xOf(s.hotEdge) : s.hoverX;
    const double least = 2, most = std::max(least, s.geometry.right() + s.layout.rightMargin - 2 - width);
    const QRectF pill(std::clamp(anchor - width / 2, least, most), s.layout.curveBottom() + 4, width, 23);
    p.setPen(Qt::NoPen);
    p.setBrush(colors.ink);
    p.drawRoundedRect(pill, 6, 6);
    p.setFont(font);
    p.setPen(colors.card);
    p.drawText(pill, Qt::AlignCenter, s.pill);
}

double laneGapOf(int lanes) { return lanes > 4 ? 5 : lanes > 2 ? 8 : 13; }

} // namespace

TimelineLayout TimelineLayout::of(QSizeF size, const std::vector<TimelineMember>& members, bool heat,
                                  bool idle, bool curve) {
    TimelineLayout layout;
    layout.lanes = std::max<int>(1, static_cast<int>(members.size()));
    layout.heatHeight = heat ? 10 : 0;
    layout.idleHeight = idle ? 6 : 0;
    layout.curveHeight = curve ? layout.curveHeight : 0;
    double longest = 0;
    const QFontMetricsF metrics(Theme::instance().font(0, true));
    for (const TimelineMember& member : members) {
        longest = std::max(longest, metrics.horizontalAdvance(member.name));
    }
    layout.gutter = std::round(std::clamp(longest + 46, 72.0, 150.0)); // whole pixels keep columns crisp
    layout.laneGap = laneGapOf(layout.lanes);
    const double taken = layout.laneTop(0) + 8 + layout.idleBand() + layout.curveHeight + layout.pillHeight +
                         layout.laneGap * (layout.lanes - 1);
    layout.laneHeight = std::clamp((size.height() - taken) / layout.lanes, 14.0, 36.0);
    return layout;
}

int TimelineLayout::minimumHeight(int lanes) {
    const TimelineLayout plain;
    return static_cast<int>(plain.rulerHeight + 12 + plain.curveHeight + plain.pillHeight + lanes * 20.0 +
                            (lanes - 1) * laneGapOf(lanes));
}

int TimelineLayout::comfortableHeight(int lanes) {
    const double height = lanes > 4 ? 22 : lanes > 2 ? 27 : 28;
    return minimumHeight(lanes) + static_cast<int>(lanes * (height - 20));
}

std::optional<int> TimelineLayout::laneAt(double y) const noexcept {
    if (y < laneTop(0) - 5 || y > lanesBottom() + 5) {
        return std::nullopt;
    }
    const double lane = (y - laneTop(0) + laneGap / 2) / (laneHeight + laneGap);
    return std::clamp(static_cast<int>(std::floor(lane)), 0, lanes - 1);
}

void paintTimeline(QPainter& painter, const TimelineScene& scene) {
    if (scene.members.empty() || scene.schedule.empty()) {
        return;
    }
    painter.setRenderHint(QPainter::Antialiasing);
    paintRuler(painter, scene);
    paintOverview(painter, scene);
    paintLaneNames(painter, scene);
    paintHeat(painter, scene);
    paintIdle(painter, scene);
    paintCurve(painter, scene);
    paintLanes(painter, scene);
    paintMarks(painter, scene);
    paintPill(painter, scene);
}

} // namespace steploom
