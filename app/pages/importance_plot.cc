// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/importance_plot.h"

#include "app/widgets/number_format.h"
#include "app/widgets/theme.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>
#include <memory>

namespace steploom {
namespace {

QString tr(const char* text) { return QCoreApplication::translate("ImportancePlot", text); }

PlotCurve curveOf(const ImportanceProfile& profile, std::size_t member, ImportanceMeasure measure) {
    const ImportanceProfile::Member& of = profile.members[member];
    const bool divergence = measure == ImportanceMeasure::Divergence;
    PlotCurve curve;
    const QString first(QLatin1Char(profile.members.front().letter)), letter(QLatin1Char(of.letter));
    curve.name = divergence ? QStringLiteral("KL(%1‖%2)").arg(first, letter) : letter;
    curve.color = Theme::instance().memberColor(static_cast<int>(member));
    curve.width = 2;
    curve.marked = true;
    curve.dashed = member > 0; // a second cue beside the colour
    auto lines = std::make_shared<QStringList>();
    const std::vector<Estimate>& values = divergence ? of.divergence : of.crossEntropy;
    for (std::size_t i = 0; i < values.size() && i < profile.times.size(); ++i) {
        curve.values.push_back({profile.times[i], values[i].value});
        curve.band.push_back(values[i].n > 1 ? PlotInterval{values[i].low, values[i].high} : PlotInterval{});
        *lines += tr("%1 at t = %2\n%3 nats a masked position (n = %4)")
                      .arg(curve.name, QString::number(profile.times[i], 'g', 4), formatEstimate(values[i]))
                      .arg(values[i].n);
    }
    curve.tooltip = [lines](std::size_t index) { return lines->value(static_cast<qsizetype>(index)); };
    return curve;
}

} // namespace

Plot importancePlot(const ImportanceProfile& profile, ImportanceMeasure measure) {
    Plot plot;
    plot.x = {.title = tr("time t: share of positions still masked, from the run's start to its end"),
              .reversed = true};
    const bool divergence = measure == ImportanceMeasure::Divergence;
    plot.y = {.title = divergence ? tr("divergence, nats a masked position")
                                  : tr("cross-entropy, nats a masked position")};
    for (std::size_t i = divergence ? 1 : 0; i < profile.members.size(); ++i)
        plot.curves.push_back(curveOf(profile, i, measure));
    return plot;
}

QString importanceLabel(const StoredAnalysis& stored) {
    const nlohmann::json& settings = stored.settings;
    QStringList letters, parts;
    for (const char letter : lettersOf(settings))
        letters += QString(QLatin1Char(letter));
    parts += letters.join(QStringLiteral(", "));
    // Those that were measured: a text may hold fewer than were asked for.
    parts += tr("%1 windows of %2")
                 .arg(numberSetting(stored.result, "windows"))
                 .arg(numberSetting(settings, "length"));
    const std::string text = textSetting(settings, "text");
    parts +=
        text.empty()
            ? tr("text %1").arg(QString::fromStdString(textSetting(settings, "text_sha256").substr(0, 8)))
            : QString::fromStdString(text);
    parts += dayOf(stored);
    parts.removeAll(QString());
    return parts.join(QStringLiteral(" · "));
}

QString importanceFinding(const ImportanceProfile& profile) {
    if (profile.members.size() < 2 || profile.times.empty())
        return {};
    QStringList findings;
    for (std::size_t i = 1; i < profile.members.size(); ++i) {
        const std::vector<Estimate>& divergence = profile.members[i].divergence;
        if (divergence.size() != profile.times.size())
            continue;
        const auto most = std::ranges::max_element(divergence, {}, &Estimate::value);
        findings += tr("%1 differs most from %2 at t = %3: %4 nats.")
                        .arg(QLatin1Char(profile.members[i].letter))
                        .arg(QLatin1Char(profile.members[0].letter))
                        .arg(QString::number(
                                 profile.times[static_cast<std::size_t>(most - divergence.begin())], 'g', 4),
                             formatEstimate(*most));
    }
    return findings.join(u' ');
}

} // namespace steploom
