// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/autoencoder_plot.h"

#include "app/widgets/number_format.h"
#include "app/widgets/theme.h"

#include <QCoreApplication>
#include <QLocale>

#include <algorithm>
#include <numeric>

namespace steploom {
namespace {

QString tr(const char* text) { return QCoreApplication::translate("AutoencoderPlot", text); }

} // namespace

Plot divergencePlot(const AutoencoderQuality& quality) {
    const std::vector<double>& divergence = quality.divergence;
    std::vector<std::size_t> order(divergence.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order,
                             [&](std::size_t a, std::size_t b) { return divergence[a] > divergence[b]; });
    Plot plot;
    plot.x.title = tr("KL of the posterior from N(0, 1), nats a chunk");
    plot.y.title = tr("dimension");
    for (const std::size_t dimension : order) {
        const bool collapsed = divergence[dimension] < kCollapsedDivergence;
        PlotBar bar;
        bar.label = tr("z%1").arg(dimension + 1);
        bar.value = divergence[dimension];
        bar.remark = collapsed ? tr("collapsed") : formatNumber(divergence[dimension], 3);
        bar.tooltip = tr("dimension %1 of the vector\nKL %2 nats a chunk%3")
                          .arg(dimension + 1)
                          .arg(formatNumber(divergence[dimension], 4),
                               collapsed ? tr("\ncollapsed: it says nothing of the text") : QString());
        bar.color = Theme::instance().colors().heavy;
        bar.quiet = collapsed;
        plot.bars.push_back(std::move(bar));
    }
    return plot;
}

QString autoencoderLabel(const AutoencoderRecord& record) {
    const nlohmann::json& settings = record.stored.settings;
    QStringList parts{QString::fromStdString(textSetting(settings, "autoencoder"))};
    parts +=
        tr("%1 chunks").arg(QLocale(QLocale::English).toString(static_cast<qlonglong>(record.result.chunks)));
    parts += QString::fromStdString(textSetting(settings, "text"));
    parts += dayOf(record.stored);
    parts.removeAll(QString());
    return parts.join(QStringLiteral(" · "));
}

} // namespace steploom
