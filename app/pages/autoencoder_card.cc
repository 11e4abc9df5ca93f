// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/autoencoder_card.h"

#include "app/widgets/number_format.h"
#include "app/widgets/theme.h"

#include <QGridLayout>
#include <QLabel>
#include <QLocale>

namespace steploom {
namespace {

constexpr int kFiguresWidth = 300;

/// "99.21 ± 0.14%"
QString sharePercent(Estimate share) {
    for (double* value : {&share.value, &share.low, &share.high})
        *value *= 100;
    return formatEstimate(share) + u'%';
}

} // namespace

AutoencoderCard::AutoencoderCard(QWidget* parent)
    : AnalysisCard(QStringLiteral("autoencoder"), tr("Autoencoder"), tr("Measurement"), parent),
      m_figures(makeFigures()) {
    addAside(m_figures);
    setEmptyText(tr(
        "No autoencoder was measured yet. Begin above, or with steploom-cli autoencoder: how much of a text "
        "does a vector hold, and which of its dimensions say something?"));
}

QWidget* AutoencoderCard::makeFigures() {
    auto* figures =
        named(new QWidget, QStringLiteral("autoencoderFigures"), tr("Figures of the autoencoder"));
    figures->setFixedWidth(kFiguresWidth);
    auto* grid = new QGridLayout(figures);
    grid->setContentsMargins(Theme::kGrid, 0, Theme::kGrid, 0);
    grid->setHorizontalSpacing(2 * Theme::kGrid);
    grid->setVerticalSpacing(6);
    grid->setColumnStretch(0, 1);
    int row = 0;
    const auto heading = [&](const QString& text) {
        if (row > 0)
            grid->setRowMinimumHeight(row++, Theme::kGrid);
        grid->addWidget(makeLabel(text, "title"), row++, 0, 1, 2);
    };
    std::size_t place = 0;
    const auto figure = [&](const char* name, const QString& label, const QString& tip) {
        QLabel* title = makeLabel(label, "dim");
        QLabel* value = named(makeLabel(QStringLiteral("–")), QLatin1String(name), label);
        value->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
        for (QLabel* each : {title, value})
            each->setToolTip(tip);
        grid->addWidget(title, row, 0);
        grid->addWidget(value, row++, 1);
        m_values[place++] = value;
    };
    heading(tr("Rebuilt from the mean"));
    figure("autoencoderTokens", tr("tokens"), tr("Share of tokens that the decoder gives back"));
    figure("autoencoderChunks", tr("whole chunks"), tr("Share of chunks of which every token is given back"));
    heading(tr("Rebuilt from a noisy draw"));
    figure("autoencoderNoisyTokens", tr("tokens"),
           tr("The same from mean + σ ε: what a model that predicts vectors can rely on"));
    figure("autoencoderNoisyChunks", tr("whole chunks"),
           tr("Of which every token is given back despite the noise"));
    heading(tr("Use of the vector"));
    figure("autoencoderDivergence", tr("KL in all, nats"),
           tr("Σ over dimensions KL(posterior ‖ N(0, 1)), a chunk"));
    figure("autoencoderCollapsed", tr("collapsed"),
           tr("Dimensions with a KL below %1 nats: they say nothing").arg(kCollapsedDivergence));
    grid->setRowStretch(row, 1);
    return figures;
}

void AutoencoderCard::setAnalyses(AnalysisRecords<AutoencoderQuality> analyses) {
    m_analyses = std::move(analyses);
    QStringList labels;
    for (const auto& record : m_analyses.records)
        labels += autoencoderLabel(record);
    setChoices(m_analyses.records, labels);
    refresh();
}

void AutoencoderCard::draw() {
    const AutoencoderRecord* record = chosen(m_analyses.records);
    m_figures->setVisible(record != nullptr);
    const Plot plot = record ? divergencePlot(record->result) : Plot();
    showPlot(plot);
    setSubtitle(
        record ? tr("%1 chunks · %2 dimensions, by what they say · 95% intervals")
                     .arg(QLocale(QLocale::English).toString(static_cast<qlonglong>(record->result.chunks)))
                     .arg(record->result.divergence.size())
               : tr("what a vector keeps of its tokens"));
    if (record) {
        const AutoencoderQuality& quality = record->result;
        const QString texts[] = {
            sharePercent(quality.token),
            sharePercent(quality.chunk),
            sharePercent(quality.noisyToken),
            sharePercent(quality.noisyChunk),
            formatEstimate(quality.latentDivergence),
            tr("%1 of %2").arg(quality.collapsed).arg(quality.divergence.size()),
        };
        for (std::size_t i = 0; i < m_values.size(); ++i)
            m_values[i]->setText(texts[i]);
    }
    setRemarks(remarksOf(record ? &record->stored : nullptr, m_analyses.damaged));
}

} // namespace steploom
