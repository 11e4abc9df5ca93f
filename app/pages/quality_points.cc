// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/quality_points.h"

#include "app/bridge/run_list_model.h"
#include "app/widgets/number_format.h"
#include "app/widgets/theme.h"
#include "engine/runs/run_facts.h"
#include "engine/schedule/presets.h"

#include <QCoreApplication>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace steploom {
namespace {

QString tr(const char* text) { return QCoreApplication::translate("QualityPlot", text); }

std::string setting(const Measure& measure, const char* key) {
    const auto found = measure.settings.find(key);
    if (found == measure.settings.end())
        return {};
    return found->is_string() ? found->get<std::string>() : found->dump();
}

const Measure* measureOf(const RunSummary& run, QualityMeasure measure) {
    return run.measure(measure == QualityMeasure::Perplexity ? "generative_perplexity" : "brier_lm");
}

/// Of BrierLM: all its settings but those that change no expectation.
std::string brierKey(const Measure& measure) {
    nlohmann::json settings = measure.settings;
    for (const char* name : {"draws", "seed", "level"})
        settings.erase(name);
    return settings.dump();
}

std::string judgeKey(const Measure& measure) {
    if (measure.name == "brier_lm")
        return brierKey(measure);
    std::string key = setting(measure, "evaluator_sha256");
    if (key.empty())
        key = setting(measure, "evaluator");
    for (const char* part : {"evaluator_precision", "context", "stride"})
        key += '|' + setting(measure, part);
    return key;
}

double compute(const RunSummary& run, QualityAxis axis) {
    const double samples = std::max(1, run.finishedSamples);
    switch (axis) {
    case QualityAxis::Flops:
        return run.executedFlops / samples;
    case QualityAxis::Saved:
        return run.cost.executedSaving;
    case QualityAxis::Seconds:
        return run.seconds / samples;
    }
    return 0;
}

PlotAxis computeAxis(QualityAxis axis) {
    switch (axis) {
    case QualityAxis::Flops:
        return {tr("executed FLOPs per sample"), PlotQuantity::Flops};
    case QualityAxis::Saved:
        return {tr("executed FLOPs saved"), PlotQuantity::Share};
    case QualityAxis::Seconds:
        break;
    }
    return {tr("seconds per sample"), PlotQuantity::Seconds};
}

/// Colour by family: all heavy and all light in those members' colours, then one for each further preset;
/// schedules that are no preset are grey.
QColor familyColor(const GenerationRequest& request) {
    const std::string letters = poolLetters(request);
    Preset preset{};
    const char light = letters.size() > 1 ? letters[1] : 'L';
    const bool known =
        !letters.empty() && findPreset(nameOfSchedule(request.schedule, letters[0], light), preset);
    // Without Okabe–Ito's yellow, which cannot be seen on white.
    const int index = preset == Preset::Alternating ? 7 : static_cast<int>(preset);
    return known ? Theme::instance().memberColor(index) : Theme::instance().colors().dim;
}

/// What runs must share to be repetitions of one thing: everything but seed and number of samples.
std::string groupKey(GenerationRequest request) {
    request.samples = 1;
    return settingsKey(request);
}

QString coordinateText(double x, QualityAxis axis) {
    switch (axis) {
    case QualityAxis::Flops:
        return tr("%1 per sample").arg(formatFlops(x));
    case QualityAxis::Saved:
        return tr("%1 of executed FLOPs saved").arg(formatShare(x));
    case QualityAxis::Seconds:
        break;
    }
    return tr("%1 per sample").arg(formatDuration(x));
}

QString describe(const Estimate& estimate, const QString& unit = {}) {
    return QStringLiteral("%1%2 (n = %3)").arg(formatEstimate(estimate), unit).arg(estimate.n);
}

using Members = std::vector<const RunSummary*>; ///< newest first, each of another seed

/// A request made twice with one seed made the same samples: the run that has more of them stays.
void join(Members& runs, const RunSummary& run) {
    const auto again = std::ranges::find(runs, run.request.seed,
                                         [](const RunSummary* other) { return other->request.seed; });
    if (again == runs.end())
        runs.push_back(&run);
    else if (run.finishedSamples > (*again)->finishedSamples)
        *again = &run;
}

PlotPoint pointOf(const Members& runs, const QualityChoice& choice) {
    const RunSummary& newest = *runs.front();
    std::vector<double> xs, values;
    for (const RunSummary* run : runs) {
        xs.push_back(compute(*run, choice.axis));
        values.push_back(measureOf(*run, choice.measure)->estimate.value);
    }
    const bool grouped = runs.size() > 1;
    const Estimate quality = grouped ? meanWithInterval(values) : measureOf(newest, choice.measure)->estimate;
    const double x = grouped ? meanWithInterval(xs).value : xs.front();

    PlotPoint point{x, quality.value};
    if (quality.n >= 2) {
        point.low = quality.low;
        point.high = quality.high;
    }
    point.label = scheduleLabel(newest.request);
    point.color = familyColor(newest.request);
    point.id = newest.id;
    point.schedule = QString::fromStdString(printSchedule(newest.request.schedule));

    const QString& notation = point.schedule;
    QStringList lines{grouped ? tr("%1 runs of %2").arg(runs.size()).arg(point.label)
                              : tr("run %1 · %2").arg(newest.id).arg(point.label)};
    if (notation != point.label && notation.size() <= 80)
        lines += notation;
    QStringList pool;
    for (const PoolMemberSpec& member : newest.request.pool)
        pool +=
            QStringLiteral("%1 %2").arg(QLatin1Char(member.letter)).arg(QString::fromStdString(member.name));
    lines += pool.join(QStringLiteral(", "));
    lines += (choice.measure == QualityMeasure::Perplexity ? tr("perplexity %1") : tr("BrierLM %1"))
                 .arg(describe(quality));
    if (const Measure* entropy = newest.measure("entropy"); entropy && !grouped) {
        lines += tr("entropy %1").arg(describe(entropy->estimate, tr(" nats")));
    } else if (grouped) {
        std::vector<double> entropies;
        for (const RunSummary* run : runs)
            if (const Measure* each = run->measure("entropy"))
                entropies.push_back(each->estimate.value);
        if (!entropies.empty())
            lines += tr("entropy %1").arg(describe(meanWithInterval(entropies), tr(" nats")));
    }
    lines += coordinateText(x, choice.axis);
    point.tooltip = lines.join(u'\n');
    return point;
}

/// Whether points would lie on top of each other at one end of a linear axis: models of several kinds differ
/// in compute by orders of magnitude.
bool spansMuch(std::span<const QPointF> points) {
    constexpr double kTimes = 20;
    const auto [least, most] = std::ranges::minmax_element(points, {}, &QPointF::x);
    return !points.empty() && least->x() > 0 && most->x() > kTimes * least->x();
}

} // namespace

std::vector<QualityJudge> judgesOf(std::span<const RunSummary> runs, QualityMeasure wanted) {
    std::map<std::string, QualityJudge> byKey;
    std::map<std::string, QString> context;
    for (const RunSummary& run : runs) {
        const Measure* measure = measureOf(run, wanted);
        if (!measure)
            continue;
        const std::string key = judgeKey(*measure);
        QualityJudge& judge = byKey[key];
        judge.key = key;
        const bool perplexity = wanted == QualityMeasure::Perplexity;
        judge.name = QString::fromStdString(setting(*measure, perplexity ? "evaluator" : "text"));
        if (judge.name.isEmpty())
            judge.name = perplexity ? tr("unnamed")
                                    : QString::fromStdString(setting(*measure, "text_sha256").substr(0, 8));
        judge.evaluator = perplexity ? setting(*measure, "evaluator_sha256") : std::string();
        context[key] =
            !perplexity
                ? tr("context %1, %2 windows")
                      .arg(QString::fromStdString(setting(*measure, "context")),
                           QString::fromStdString(setting(*measure, "windows")))
                : tr("context %1, stride %2, %3")
                      .arg(QString::fromStdString(setting(*measure, "context")),
                           QString::fromStdString(setting(*measure, "stride")),
                           QString::fromStdString(setting(*measure, "evaluator_sha256").substr(0, 8)));
        ++judge.runs;
    }
    std::vector<QualityJudge> judges;
    for (const auto& [key, judge] : byKey) {
        judges.push_back(judge);
        const auto sameName = [&](const auto& other) { return other.second.name == judge.name; };
        if (std::count_if(byKey.begin(), byKey.end(), sameName) > 1)
            judges.back().name += QStringLiteral(" (%1)").arg(context[key]);
    }
    std::stable_sort(judges.begin(), judges.end(),
                     [](const QualityJudge& a, const QualityJudge& b) { return a.runs > b.runs; });
    return judges;
}

std::vector<QPointF> paretoLine(std::span<const QPointF> points, bool moreIsBetter, bool higherIsBetter) {
    std::vector<QPointF> line(points.begin(), points.end());
    const double sign = higherIsBetter ? -1 : 1;
    std::sort(line.begin(), line.end(), [&](const QPointF& a, const QPointF& b) {
        return a.x() != b.x() ? (moreIsBetter ? a.x() > b.x() : a.x() < b.x()) : sign * a.y() < sign * b.y();
    });
    double best = std::numeric_limits<double>::infinity();
    std::erase_if(line, [&](const QPointF& point) {
        const bool beaten = !(sign * point.y() < best);
        best = std::min(best, sign * point.y());
        return beaten;
    });
    if (moreIsBetter)
        std::reverse(line.begin(), line.end());
    return line;
}

QualityPlot qualityPlot(std::span<const RunSummary> runs, const QualityChoice& choice) {
    QualityPlot result;
    std::vector<Members> points;
    std::map<std::string, std::size_t> groups;
    QString judge;
    for (const RunSummary& run : runs) {
        const Measure* measure = measureOf(run, choice.measure);
        if (!measure || !std::isfinite(measure->estimate.value)) {
            result.unmeasured += run.state != RunState::Running;
            continue;
        }
        if (judgeKey(*measure) != choice.judge) {
            ++result.otherJudges;
            continue;
        }
        judge = QString::fromStdString(
            setting(*measure, choice.measure == QualityMeasure::Perplexity ? "evaluator" : "text"));
        const int n = measure->estimate.n;
        result.fewestSamples = result.mostSamples == 0 ? n : std::min(result.fewestSamples, n);
        result.mostSamples = std::max(result.mostSamples, n);
        const auto [group, fresh] = groups.try_emplace(
            choice.groupBySchedule ? groupKey(run.request) : std::to_string(run.id), points.size());
        if (fresh)
            points.emplace_back();
        join(points[group->second], run);
    }
    std::vector<QPointF> values;
    for (const Members& members : points) {
        result.plot.points.push_back(pointOf(members, choice));
        values.push_back({result.plot.points.back().x, result.plot.points.back().y});
    }
    const bool perplexity = choice.measure == QualityMeasure::Perplexity;
    result.plot.line = paretoLine(values, choice.axis == QualityAxis::Saved, !perplexity);
    result.plot.x = computeAxis(choice.axis);
    result.plot.x.logarithmic = choice.axis != QualityAxis::Saved && spansMuch(values);
    const QString title = perplexity ? tr("generative perplexity") : tr("BrierLM");
    result.plot.y = {.title = judge.isEmpty() ? title : QStringLiteral("%1 (%2)").arg(title, judge),
                     .logarithmic = choice.logarithmic};
    return result;
}

} // namespace steploom
