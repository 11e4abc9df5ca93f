// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/plot_layout.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace steploom {
namespace {

constexpr double kReach = 14; ///< px from a point within which the mouse means it

using Kind = PlotMark::Kind;

std::size_t at(int index) { return static_cast<std::size_t>(index); }

PlotMark nearestOf(const Plot& plot, const PlotLayout& layout, QPointF where) {
    PlotMark best;
    double distance = kReach;
    const auto consider = [&](double x, double y, const PlotMark& mark) {
        const QPointF offset = layout.at(x, y) - where;
        if (const double d = std::hypot(offset.x(), offset.y()); d < distance) {
            distance = d;
            best = mark;
        }
    };
    for (std::size_t i = 0; i < plot.points.size(); ++i)
        consider(plot.points[i].x, plot.points[i].y, {Kind::Point, -1, static_cast<int>(i)});
    for (std::size_t c = 0; c < plot.curves.size(); ++c)
        for (std::size_t i = 0; i < plot.curves[c].values.size(); ++i)
            consider(plot.curves[c].values[i].x(), plot.curves[c].values[i].y(),
                     {Kind::Value, static_cast<int>(c), static_cast<int>(i)});
    return best;
}

/// From the end of the first curve, where one usually looks.
PlotMark stepAlongCurves(const Plot& plot, const PlotMark& mark, int dx, int dy) {
    std::vector<int> walkable;
    for (std::size_t i = 0; i < plot.curves.size(); ++i)
        if (!plot.curves[i].values.empty())
            walkable.push_back(static_cast<int>(i));
    if (walkable.empty())
        return mark;
    const auto lastOf = [&](int curve) { return static_cast<int>(plot.curves[at(curve)].values.size()) - 1; };
    const auto now = std::ranges::find(walkable, mark.curve);
    if (mark.kind != Kind::Value || now == walkable.end())
        return {Kind::Value, walkable.front(), lastOf(walkable.front())};
    PlotMark next = mark;
    next.curve = walkable[static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(
        now - walkable.begin() + dy, 0, static_cast<std::ptrdiff_t>(walkable.size()) - 1))];
    if (next.curve == mark.curve) {
        const auto& values = plot.curves[at(mark.curve)].values;
        const bool falling = values.front().x() > values.back().x();
        const int along = plot.x.reversed == falling ? dx : -dx;
        next.index = std::clamp(mark.index + along, 0, lastOf(next.curve));
        return next;
    }
    const double x = plot.curves[at(mark.curve)].values[at(mark.index)].x();
    const auto& values = plot.curves[at(next.curve)].values;
    const auto nearest =
        std::ranges::min_element(values, {}, [&](const QPointF& value) { return std::abs(value.x() - x); });
    next.index = static_cast<int>(nearest - values.begin());
    return next;
}

/// The next measured or unmeasured cell in that direction, blank ones skipped.
PlotMark stepAcrossCells(const Plot& plot, const PlotMark& mark, int dx, int dy) {
    const std::vector<PlotCell>& cells = plot.heatMap.cells;
    if (mark.kind != Kind::Cell)
        return {Kind::Cell, -1, 0};
    PlotMark best = mark;
    int distance = plot.heatMap.size + 1;
    const PlotCell& from = cells[at(mark.index)];
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const int across = cells[i].column - from.column, down = from.row - cells[i].row;
        const int along = dx != 0 ? across * dx : down * dy;
        if ((dx != 0 ? down : across) == 0 && along > 0 && along < distance) {
            distance = along;
            best.index = static_cast<int>(i);
        }
    }
    return best;
}

PlotMark stepInRow(Kind kind, const std::vector<int>& order, const PlotMark& mark, int step) {
    const auto now = std::ranges::find(order, mark.kind == kind ? mark.index : -1);
    const auto last = static_cast<std::ptrdiff_t>(order.size()) - 1;
    const std::ptrdiff_t next = now == order.end()
                                    ? (step > 0 ? 0 : last)
                                    : std::clamp<std::ptrdiff_t>(now - order.begin() + step, 0, last);
    return {kind, -1, order[static_cast<std::size_t>(next)]};
}

} // namespace

PlotMark markAt(const Plot& plot, const PlotLayout& layout, QPointF where) {
    if (layout.rowHeight > 0) {
        if (where.y() < layout.area.top() || where.y() >= layout.area.bottom())
            return {};
        const int bar = static_cast<int>(
            std::floor((where.y() - layout.area.top() + layout.scrolled) / layout.rowHeight));
        return bar >= 0 && at(bar) < plot.bars.size() ? PlotMark{Kind::Bar, -1, bar} : PlotMark{};
    }
    if (layout.cell > 0) {
        for (std::size_t i = 0; i < plot.heatMap.cells.size(); ++i)
            if (layout.cellAt(plot.heatMap.cells[i].column, plot.heatMap.cells[i].row).contains(where))
                return {Kind::Cell, -1, static_cast<int>(i)};
        return {};
    }
    return nearestOf(plot, layout, where);
}

PlotMarkFacts factsOf(const Plot& plot, const PlotLayout& layout, const PlotMark& mark) {
    switch (mark.kind) {
    case Kind::Point: {
        const PlotPoint& point = plot.points[at(mark.index)];
        return {layout.at(point.x, point.y), point.tooltip, point.id, point.schedule};
    }
    case Kind::Value: {
        const PlotCurve& curve = plot.curves[at(mark.curve)];
        const QPointF& value = curve.values[at(mark.index)];
        return {layout.at(value.x(), value.y()),
                curve.tooltip ? curve.tooltip(at(mark.index)) : curve.name,
                0,
                {}};
    }
    case Kind::Bar: {
        const PlotBar& bar = plot.bars[at(mark.index)];
        return {{layout.at(bar.value, 0).x(), layout.row(at(mark.index)).center().y()},
                bar.tooltip,
                bar.id,
                bar.schedule};
    }
    case Kind::Cell: {
        const PlotCell& cell = plot.heatMap.cells[at(mark.index)];
        return {layout.cellAt(cell.column, cell.row).center(), cell.tooltip, cell.id, cell.schedule};
    }
    case Kind::None:
        break;
    }
    return {};
}

PlotMark markOf(const Plot& plot, qint64 id) {
    const auto found = [&](Kind kind, const auto& items) {
        const auto item = std::ranges::find_if(items, [&](const auto& each) { return each.id == id; });
        return item == items.end() ? PlotMark{} : PlotMark{kind, -1, static_cast<int>(item - items.begin())};
    };
    if (const PlotMark point = found(Kind::Point, plot.points); point.any())
        return point;
    if (const PlotMark bar = found(Kind::Bar, plot.bars); bar.any())
        return bar;
    return found(Kind::Cell, plot.heatMap.cells);
}

PlotMark stepFrom(const Plot& plot, const PlotMark& mark, int dx, int dy) {
    if (!plot.bars.empty()) {
        std::vector<int> order(plot.bars.size());
        std::iota(order.begin(), order.end(), 0);
        return dy != 0 ? stepInRow(Kind::Bar, order, mark, dy) : mark;
    }
    if (!plot.heatMap.cells.empty())
        return stepAcrossCells(plot, mark, dx, dy);
    if (plot.points.empty())
        return stepAlongCurves(plot, mark, dx, dy);
    if (dx == 0)
        return mark;
    std::vector<int> order(plot.points.size());
    std::iota(order.begin(), order.end(), 0);
    std::ranges::stable_sort(order, {}, [&](int index) { return plot.points[at(index)].x; });
    if (plot.x.reversed)
        std::ranges::reverse(order);
    return stepInRow(Kind::Point, order, mark, dx);
}

} // namespace steploom
