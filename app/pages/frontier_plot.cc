// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/frontier_plot.h"

#include "app/pages/schedule_words.h"
#include "app/widgets/number_format.h"
#include "app/widgets/theme.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>
#include <cmath>

namespace steploom {
namespace {

/// Of the members' colours, without Okabe–Ito's yellow, which cannot be seen on white.
constexpr std::array kColors{0, 1, 2, 3, 4, 5, 7};
constexpr std::array kMarkers{PlotMarker::Disc, PlotMarker::Square, PlotMarker::Triangle,
                              PlotMarker::Diamond};

QString tr(const char* text) { return QCoreApplication::translate("FrontierPlot", text); }

std::vector<StepSchedule> schedulesOf(const Frontier& frontier) {
    std::vector<StepSchedule> schedules;
    for (const FrontierPoint& point : frontier.points)
        if (std::ranges::find(schedules, point.schedule) == schedules.end())
            schedules.push_back(point.schedule);
    return schedules;
}

/// Words where they tell the schedules apart, notation elsewhere.
QStringList namesOf(const std::vector<StepSchedule>& schedules, const std::string& letters) {
    QStringList words, names;
    for (const StepSchedule& schedule : schedules)
        words += wordsOf(schedule, letters);
    for (std::size_t i = 0; i < schedules.size(); ++i) {
        const QString& word = words[static_cast<qsizetype>(i)];
        names += words.count(word) > 1 ? notationOf(schedules[i]) : word;
    }
    return names;
}

PlotPoint pointOf(const FrontierPoint& each, const QString& name) {
    PlotPoint point{.x = each.entropy.value, .y = each.perplexity.value, .label = {}};
    if (each.perplexity.n > 1) {
        point.low = each.perplexity.low;
        point.high = each.perplexity.high;
    }
    if (each.entropy.n > 1)
        point.across = {each.entropy.low, each.entropy.high};
    point.label = QString::number(each.temperature, 'g', 4);
    point.id = each.run;
    point.series = name;
    point.schedule = notationOf(each.schedule);
    QStringList lines{tr("run %1 · %2 · temperature %3").arg(each.run).arg(name, point.label)};
    if (point.schedule != name)
        lines += point.schedule;
    lines += tr("perplexity %1 (n = %2)").arg(formatEstimate(each.perplexity)).arg(each.perplexity.n);
    lines += tr("entropy %1 nats (n = %2)").arg(formatEstimate(each.entropy)).arg(each.entropy.n);
    if (std::isfinite(each.saved))
        lines += tr("%1 of executed FLOPs saved").arg(formatShare(each.saved));
    point.tooltip = lines.join(u'\n');
    return point;
}

} // namespace

Plot frontierPlot(const FrontierRecord& frontier, bool logarithmic) {
    const std::vector<StepSchedule> schedules = schedulesOf(frontier.result);
    const QStringList names = namesOf(schedules, lettersOf(frontier.stored.settings));
    const QString evaluator = QString::fromStdString(textSetting(frontier.stored.settings, "evaluator"));
    Plot plot;
    plot.x.title = tr("unigram entropy, nats");
    plot.y = {.title = evaluator.isEmpty() ? tr("generative perplexity")
                                           : tr("generative perplexity (%1)").arg(evaluator),
              .logarithmic = logarithmic};
    for (std::size_t i = 0; i < schedules.size(); ++i) {
        PlotCurve curve;
        curve.name = names[static_cast<qsizetype>(i)];
        curve.color = Theme::instance().memberColor(kColors[i % kColors.size()]);
        curve.width = 1.5;
        for (const FrontierPoint& each : frontier.result.points) {
            if (each.schedule != schedules[i] || !std::isfinite(each.perplexity.value) ||
                !std::isfinite(each.entropy.value))
                continue;
            PlotPoint point = pointOf(each, curve.name);
            point.color = curve.color;
            point.marker = kMarkers[i % kMarkers.size()];
            curve.values.push_back({point.x, point.y});
            plot.points.push_back(std::move(point));
        }
        plot.curves.push_back(std::move(curve));
    }
    return plot;
}

QString frontierLabel(const FrontierRecord& frontier) {
    const nlohmann::json& settings = frontier.stored.settings;
    std::vector<double> temperatures;
    for (const FrontierPoint& point : frontier.result.points)
        if (std::ranges::find(temperatures, point.temperature) == temperatures.end())
            temperatures.push_back(point.temperature);
    const std::size_t schedules = schedulesOf(frontier.result).size();
    QStringList parts{schedules == 1
                          ? tr("1 schedule, %1 temperatures").arg(temperatures.size())
                          : tr("%1 schedules, %2 temperatures").arg(schedules).arg(temperatures.size())};
    if (const int samples = numberSetting(settings, "samples"))
        parts += samples == 1 ? tr("1 sample") : tr("%1 samples").arg(samples);
    parts += QString::fromStdString(textSetting(settings, "evaluator"));
    parts += dayOf(frontier.stored);
    parts.removeAll(QString());
    return parts.join(QStringLiteral(" · "));
}

} // namespace steploom
