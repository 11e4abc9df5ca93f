// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/run_table_proxy.h"

#include "app/bridge/run_list_model.h"
#include "app/widgets/number_format.h"

#include <QDateTime>
#include <QLocale>

#include <algorithm>
#include <cmath>

namespace steploom {
namespace {

const Measure* measureOf(const RunSummary& run, int column) {
    return run.measure(column == RunListModel::Perplexity ? "generative_perplexity" : "entropy");
}

/// Executed FLOPs per sample, then a line for each member: what it did, unfinished samples included.
QString workOf(const RunSummary& run) {
    QStringList lines;
    if (run.finishedSamples > 0)
        lines += RunTableProxy::tr("%1 per sample").arg(formatFlops(run.executedFlops / run.finishedSamples));
    for (const auto& [letter, work] : run.work.members)
        lines += RunTableProxy::tr("%1: %2 calls in %3 of the network, %4 rows a call, %5, %6")
                     .arg(QLatin1Char(letter))
                     .arg(work.sampleCalls)
                     .arg(work.networkCalls)
                     .arg(formatNumber(work.rowsPerCall(), 3), formatFlops(work.flops),
                          formatDuration(work.seconds));
    return lines.join(u'\n');
}

} // namespace

RunTableProxy::RunTableProxy(RunListModel* model, QObject* parent)
    : QSortFilterProxyModel(parent), m_model(model) {
    setSourceModel(model);
    setSortRole(RunListModel::SortRole);
    setDynamicSortFilter(true);
}

void RunTableProxy::setFilterText(const QString& text) {
    m_words = text.split(u' ', Qt::SkipEmptyParts);
    invalidateFilter();
}

void RunTableProxy::setHidden(const std::set<qint64>& runs) {
    m_hidden = runs;
    invalidateFilter();
}

QString RunTableProxy::written(const QModelIndex& source) const {
    const RunSummary& run = m_model->runs()[static_cast<std::size_t>(source.row())];
    const QVariant value = source.data(RunListModel::SortRole);
    switch (source.column()) {
    case RunListModel::Started: {
        const QDateTime time = value.toDateTime();
        return time.isValid() ? QLocale().toString(time, QStringLiteral("d MMM HH:mm:ss"))
                              : QStringLiteral("–");
    }
    case RunListModel::Samples:
        return run.finishedSamples < run.request.samples
                   ? tr("%1 of %2").arg(run.finishedSamples).arg(run.request.samples)
                   : QString::number(run.finishedSamples);
    case RunListModel::Saved:
        return formatShare(value.toDouble());
    case RunListModel::Flops:
        return formatFlops(value.toDouble());
    case RunListModel::Seconds:
        return formatDuration(value.toDouble());
    case RunListModel::Perplexity:
    case RunListModel::Entropy: {
        const Measure* measure = measureOf(run, source.column());
        return measure ? formatEstimate(measure->estimate) : QStringLiteral("–");
    }
    default:
        return value.toString();
    }
}

QString RunTableProxy::explained(const QModelIndex& source) const {
    const RunSummary& run = m_model->runs()[static_cast<std::size_t>(source.row())];
    switch (source.column()) {
    case RunListModel::Schedule:
        return source.data(RunListModel::NotationRole).toString();
    case RunListModel::Perplexity:
    case RunListModel::Entropy: {
        const Measure* measure = measureOf(run, source.column());
        if (!measure)
            return tr("not measured");
        return tr("n = %1, 95% interval %2 to %3")
            .arg(measure->estimate.n)
            .arg(formatNumber(measure->estimate.low), formatNumber(measure->estimate.high));
    }
    case RunListModel::Flops:
        return workOf(run);
    case RunListModel::Seconds:
        return run.work.members.empty() ? QString()
                                        : tr("%1 samples in a call at most, peak memory %2")
                                              .arg(run.work.batch)
                                              .arg(formatMemory(static_cast<double>(run.work.peakMemory)));
    case RunListModel::Note:
        return QString::fromStdString(run.note);
    default:
        return {};
    }
}

QVariant RunTableProxy::data(const QModelIndex& index, int role) const {
    if (role == Qt::DisplayRole)
        return written(mapToSource(index));
    if (role == Qt::ToolTipRole)
        return explained(mapToSource(index));
    return QSortFilterProxyModel::data(index, role);
}

bool RunTableProxy::filterAcceptsRow(int row, const QModelIndex& parent) const {
    const RunSummary& run = m_model->runs()[static_cast<std::size_t>(row)];
    if (m_hidden.contains(run.id))
        return false;
    if (m_words.isEmpty())
        return true;
    QString haystack = m_model->index(row, 0, parent).data(RunListModel::NotationRole).toString();
    for (int column = 0; column < RunListModel::ColumnCount; ++column)
        haystack += u'\n' + written(m_model->index(row, column, parent));
    for (const PoolMemberSpec& member : run.request.pool)
        haystack += u'\n' + QString::fromStdString(member.name);
    return std::all_of(m_words.begin(), m_words.end(),
                       [&](const QString& word) { return haystack.contains(word, Qt::CaseInsensitive); });
}

bool RunTableProxy::lessThan(const QModelIndex& left, const QModelIndex& right) const {
    const QVariant a = left.data(RunListModel::SortRole), b = right.data(RunListModel::SortRole);
    if (a.typeId() != QMetaType::Double)
        return QSortFilterProxyModel::lessThan(left, right);
    // NaN (not measured) belongs last whichever way the column is sorted; runs with equal figures keep the
    // list's order.
    const bool absentA = std::isnan(a.toDouble()), absentB = std::isnan(b.toDouble());
    if (absentA != absentB)
        return absentB == (sortOrder() == Qt::AscendingOrder);
    return absentA ? false : a.toDouble() < b.toDouble();
}

} // namespace steploom
