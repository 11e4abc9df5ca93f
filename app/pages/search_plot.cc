// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/search_plot.h"

#include "app/pages/schedule_words.h"
#include "app/widgets/number_format.h"
#include "app/widgets/theme.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>

namespace steploom {
namespace {

QString tr(const char* text) { return QCoreApplication::translate("SearchPlot", text); }

char firstLetter(const nlohmann::json& settings) {
    const std::string letters = lettersOf(settings);
    return letters.empty() ? 'H' : letters[0];
}

QString tooltipOf(const SearchEntry& entry) {
    QStringList lines{tr("run %1 · %2").arg(entry.run).arg(notationOf(entry.schedule))};
    lines += tr("%1 nats a token more than the baseline (n = %2)")
                 .arg(formatEstimate(entry.natsPerToken))
                 .arg(entry.natsPerToken.n);
    lines += tr("perplexity × %1").arg(formatEstimate(entry.perplexityRatio));
    lines += tr("entropy %1 nats more").arg(formatEstimate(entry.entropy));
    if (std::isfinite(entry.saved))
        lines += tr("%1 of executed FLOPs saved").arg(formatShare(entry.saved));
    if (std::isfinite(entry.adjustedP))
        lines += tr("p = %1, adjusted for the number of schedules").arg(formatNumber(entry.adjustedP, 2));
    if (entry.dropped)
        lines += tr("dropped after %1 samples: surely worse than another one").arg(entry.natsPerToken.n);
    return lines.join(u'\n');
}

/// The cheapest first, those dropped among them.
std::vector<const SearchEntry*> sorted(const SearchResult& result) {
    std::vector<const SearchEntry*> entries;
    for (const SearchEntry& entry : result.entries)
        entries.push_back(&entry);
    std::ranges::stable_sort(entries, [](const SearchEntry* a, const SearchEntry* b) {
        return a->natsPerToken.value < b->natsPerToken.value;
    });
    return entries;
}

} // namespace

Plot searchBars(const SearchRecord& search) {
    const std::string letters = lettersOf(search.stored.settings);
    Plot plot;
    plot.x.title =
        tr("nats a token more than %1 alone").arg(QLatin1Char(firstLetter(search.stored.settings)));
    for (const SearchEntry* entry : sorted(search.result)) {
        const Estimate& nats = entry->natsPerToken;
        PlotBar bar;
        bar.label = notationOf(entry->schedule);
        bar.stripes = stripesOf(entry->schedule, letters);
        bar.value = nats.value;
        if (nats.n > 1)
            bar.interval = {nats.low, nats.high};
        bar.remark = formatEstimate(nats);
        if (entry->dropped)
            bar.remark += tr(" · dropped after %1").arg(nats.n);
        bar.tooltip = tooltipOf(*entry);
        bar.color = Theme::instance().colors().heavy;
        bar.quiet = entry->dropped;
        bar.id = entry->run;
        bar.schedule = notationOf(entry->schedule);
        plot.bars.push_back(std::move(bar));
    }
    return plot;
}

std::vector<int> lightSegments(const StepSchedule& schedule, int segments, char heavy) {
    std::vector<int> light;
    for (int i = 0; i < segments && !schedule.empty(); ++i)
        if (schedule.at(std::min(schedule.steps() - 1,
                                 static_cast<int>((i + 0.5) * schedule.steps() / segments))) != heavy)
            light.push_back(i);
    return light;
}

Plot searchMap(const SearchRecord& search) {
    Plot plot;
    const int segments = numberSetting(search.stored.settings, "segments");
    if (numberSetting(search.stored.settings, "light") != 2 || segments < 2 || search.result.entries.empty())
        return plot;
    const ThemeColors& colors = Theme::instance().colors();
    plot.x.title = tr("first segment that is not %1's").arg(QLatin1Char(firstLetter(search.stored.settings)));
    plot.y.title = tr("second one, from the run's start");
    plot.heatMap = {.size = segments,
                    .valueTitle = tr("nats a token"),
                    .below = colors.heavy,
                    .zero = colors.masked,
                    .above = colors.heat,
                    .cells = {}};
    for (int first = 0; first < segments; ++first) {
        for (int second = first + 1; second < segments; ++second) {
            PlotCell cell{.column = first,
                          .row = second,
                          .value = std::numeric_limits<double>::quiet_NaN(),
                          .tooltip = tr("segments %1 and %2: not measured").arg(first + 1).arg(second + 1),
                          .schedule = {}};
            for (const SearchEntry& entry : search.result.entries) {
                if (lightSegments(entry.schedule, segments, firstLetter(search.stored.settings)) !=
                    std::vector<int>{first, second})
                    continue;
                cell.value = entry.natsPerToken.value;
                cell.tooltip =
                    tr("segments %1 and %2").arg(first + 1).arg(second + 1) + u'\n' + tooltipOf(entry);
                cell.id = entry.run;
                cell.schedule = notationOf(entry.schedule);
            }
            plot.heatMap.cells.push_back(std::move(cell));
        }
    }
    return plot;
}

QString searchLabel(const StoredAnalysis& stored) {
    const nlohmann::json& settings = stored.settings;
    QStringList parts{tr("%1 segments, %2 light")
                          .arg(numberSetting(settings, "segments"))
                          .arg(numberSetting(settings, "light"))};
    if (const int samples = numberSetting(settings, "samples"))
        parts += samples == 1 ? tr("1 sample") : tr("%1 samples").arg(samples);
    parts += QString::fromStdString(textSetting(settings, "evaluator"));
    parts += dayOf(stored);
    parts.removeAll(QString());
    return parts.join(QStringLiteral(" · "));
}

QString searchFinding(const SearchRecord& search) {
    const std::vector<const SearchEntry*> entries = sorted(search.result);
    const auto whole =
        std::ranges::find_if(entries, [](const SearchEntry* entry) { return !entry->dropped; });
    if (whole == entries.end())
        return {};
    const SearchEntry& best = **whole;
    const Estimate& nats = best.natsPerToken;
    const QString heavy(QLatin1Char(firstLetter(search.stored.settings)));
    const QString begin = tr("Best: %1, %2 nats a token more than %3 alone")
                              .arg(notationOf(best.schedule), formatEstimate(nats), heavy);
    if (nats.n < 2 || !std::isfinite(nats.low) || !std::isfinite(nats.high))
        return tr("%1; one sample gives no interval.").arg(begin);
    if (nats.low > 0)
        return tr("%1: its interval excludes 0, so it is worse than %2 alone.").arg(begin, heavy);
    if (nats.high < 0)
        return tr("%1: its interval excludes 0, so it is better than %2 alone.").arg(begin, heavy);
    return tr("%1: its interval includes 0, so it cannot be told from %2 alone.").arg(begin, heavy);
}

} // namespace steploom
