// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/anchor_lines.h"

#include "app/widgets/number_format.h"
#include "app/widgets/theme.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>

namespace steploom {
namespace {

constexpr double kFar = 2; ///< times the largest value: beyond it the rest would lie flat at the bottom

QString tr(const char* text) { return QCoreApplication::translate("AnchorLines", text); }

} // namespace

const PerplexityAnchors* anchorsOf(const AnchorRecords& anchors, const std::string& evaluator) {
    if (evaluator.empty())
        return nullptr;
    for (const auto& record : anchors.records)
        if (textSetting(record.stored.settings, "evaluator_sha256") == evaluator)
            return &record.result;
    return nullptr;
}

QString addAnchorLines(Plot& plot, const PerplexityAnchors& anchors) {
    double highest = 0;
    for (const PlotPoint& point : plot.points)
        highest = std::max(highest, point.y);
    QString left;
    const auto add = [&](const PerplexityAnchors::Anchor& anchor, const QString& label, const QColor& color) {
        const double perplexity = anchor.perplexity.value;
        if (!std::isfinite(perplexity))
            return;
        if (!plot.y.logarithmic && perplexity > kFar * highest)
            left = tr("%1 is at %2, beyond the axis: a logarithmic one shows it.")
                       .arg(label.at(0).toUpper() + label.mid(1), formatNumber(perplexity, 3));
        else
            plot.anchors.push_back({perplexity, label, color});
    };
    const ThemeColors& colors = Theme::instance().colors();
    add(anchors.real, tr("real text"), colors.good);
    add(anchors.shuffled, tr("shuffled text"), colors.heat);
    return left;
}

} // namespace steploom
