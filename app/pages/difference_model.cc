// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/difference_model.h"

#include "app/widgets/number_format.h"
#include "app/widgets/theme.h"

#include <cmath>
#include <optional>

namespace steploom {
namespace {

/// The measure that a column is about.
std::optional<SampleMeasure> measureOf(int column) {
    switch (column) {
    case DifferenceModel::Flops:
        return SampleMeasure::Flops;
    case DifferenceModel::Seconds:
        return SampleMeasure::Seconds;
    case DifferenceModel::LogPerplexity:
    case DifferenceModel::PValue:
        return SampleMeasure::LogPerplexity;
    case DifferenceModel::Entropy:
        return SampleMeasure::Entropy;
    default:
        return std::nullopt;
    }
}

const SampleMeasureFacts& factsOf(SampleMeasure measure) {
    return sampleMeasures()[static_cast<std::size_t>(measure)];
}

QString withSign(double value, const QString& text) { return value > 0 ? u'+' + text : text; }

QString pValueText(double p) {
    if (std::isnan(p))
        return formatNumber(p);
    return p < 0.001 ? QStringLiteral("< 0.001") : formatNumber(p, 2);
}

} // namespace

QString differenceText(const Estimate& difference, bool relative) {
    if (!relative)
        return withSign(difference.value, formatEstimate(difference));
    const Estimate percent{difference.value * 100, difference.low * 100, difference.high * 100, difference.n};
    // An interval narrower than what is printed says nothing.
    if (percent.margin() < 0.05)
        return withSign(difference.value, formatShare(difference.value));
    return withSign(difference.value, formatEstimate(percent)) + u'%';
}

void DifferenceModel::setComparison(MeasureComparison comparison, std::vector<QString> names) {
    beginResetModel();
    m_comparison = std::move(comparison);
    m_names = std::move(names);
    endResetModel();
}

int DifferenceModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_comparison.runs.size());
}

int DifferenceModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QString DifferenceModel::textOf(const RunDifference& run, int column) const {
    if (column == Name)
        return m_names.at(run.run);
    if (column == BlocksOnly)
        return withSign(run.blocksOnly, formatShare(run.blocksOnly));
    if (column == Pairs)
        return run.unpaired.empty() ? tr("%1 pairs").arg(run.pairs) : tr("means (Welch)");
    const SampleMeasure measure = *measureOf(column);
    const auto& difference = run.of(measure);
    if (!difference)
        return QStringLiteral("–");
    return column == PValue ? pValueText(difference->adjusted)
                            : differenceText(difference->estimate, factsOf(measure).relative);
}

QString DifferenceModel::tipOf(const RunDifference& run, int column) const {
    if (column == Name)
        return m_names.at(run.run);
    if (column == Pairs)
        return run.unpaired.empty()
                   ? tr("Samples of the same index have the same random numbers and are compared in pairs")
                   : tr("The means are compared, not pairs: %1").arg(QString::fromStdString(run.unpaired));
    const auto measure = measureOf(column);
    if (!measure)
        return {};
    if (const std::string& missing = run.missing[static_cast<std::size_t>(*measure)]; !missing.empty())
        return QString::fromStdString(missing);
    const MeasureDifference& difference = *run.of(*measure);
    QString tip = tr("n = %1, p = %2, adjusted %3")
                      .arg(difference.estimate.n)
                      .arg(pValueText(difference.pValue), pValueText(difference.adjusted));
    tip += u'\n' + (difference.isClear() ? tr("The 95% interval excludes 0")
                                         : tr("The 95% interval holds 0: the samples do not decide"));
    if (m_comparison.best[static_cast<std::size_t>(*measure)] == run.run)
        tip += u'\n' + tr("Clearly below every other run here");
    return tip;
}

QVariant DifferenceModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const RunDifference& run = m_comparison.runs[static_cast<std::size_t>(index.row())];
    const auto measure = measureOf(index.column());
    const MeasureDifference* difference = measure && run.of(*measure) ? &*run.of(*measure) : nullptr;
    switch (role) {
    case Qt::DisplayRole:
        return textOf(run, index.column());
    case Qt::ToolTipRole:
        return tipOf(run, index.column());
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(Qt::AlignVCenter |
                                   (index.column() == Name ? Qt::AlignLeft : Qt::AlignRight));
    case Qt::FontRole:
        if (difference && difference->isClear() && index.column() != PValue)
            return Theme::instance().font(0, true);
        return {};
    case Qt::ForegroundRole:
        if (difference && difference->isClear() && index.column() != PValue && factsOf(*measure).lessIsBetter)
            return difference->estimate.value < 0 ? Theme::instance().colors().good
                                                  : Theme::instance().colors().heat;
        return {};
    default:
        return {};
    }
}

QVariant DifferenceModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(Qt::AlignVCenter | (section == Name ? Qt::AlignLeft : Qt::AlignRight));
    if (role != Qt::DisplayRole && role != Qt::ToolTipRole)
        return {};
    const bool tip = role == Qt::ToolTipRole;
    switch (section) {
    case Name:
        return tip ? tr("Run and schedule") : tr("run");
    case BlocksOnly:
        return tip ? tr("Every step, transformer blocks alone, as the paper counts")
                   : tr("FLOPs, blocks only");
    case Flops:
        return tip ? tr("FLOPs executed per sample: (run − baseline) / baseline") : tr("executed");
    case Seconds:
        return tip ? tr("Seconds per sample: (run − baseline) / baseline") : tr("seconds");
    case LogPerplexity:
        return tip ? tr("Negative log-likelihood per token under the evaluator, nats: run − baseline")
                   : tr("Δ log-perplexity");
    case PValue:
        return tip ? tr("How often chance alone makes such a Δ log-perplexity, adjusted for the number of "
                        "runs (Benjamini–Hochberg)")
                   : tr("p");
    case Entropy:
        return tip ? tr("Unigram entropy of a sample, nats: run − baseline") : tr("Δ entropy");
    case Pairs:
        return tip ? tr("What the differences are taken over") : tr("over");
    default:
        return {};
    }
}

} // namespace steploom
