// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/run_table_proxy.h"

#include "app/bridge/run_list_model.h"
#include "app/widgets/number_format.h"

#include <QDateTime>
#include <QLocale>

namespace steploom {
namespace {

QString absent() { return QStringLiteral("–"); }

/// Without the year as long as it is this one.
QString timeText(const QDateTime& time) {
    if (!time.isValid())
        return absent();
    const bool thisYear = time.date().year() == QDate::currentDate().year();
    return QLocale().toString(time,
                              thisYear ? QStringLiteral("d MMM HH:mm:ss") : QStringLiteral("d MMM yyyy"));
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
    : QIdentityProxyModel(parent), m_model(model) {
    setSourceModel(model);
}

QString RunTableProxy::written(const QModelIndex& index) const {
    const RunSummary* run = m_model->at(index.row());
    if (!run)
        return index.column() == RunListModel::Starred ? QString() : QStringLiteral("…");
    const RunTableColumn& column = runTableColumns()[static_cast<std::size_t>(index.column())];
    const QVariant value = runFigure(*run, index.column());
    using F = RunTableColumn::Figure;
    switch (column.figure) {
    case F::Star:
        return {};
    case F::Time:
        return timeText(value.toDateTime());
    case F::Tags:
        return value.toStringList().join(QStringLiteral(", "));
    case F::Count:
        if (index.column() == RunListModel::Samples && run->finishedSamples < run->request.samples)
            return tr("%1 of %2").arg(run->finishedSamples).arg(run->request.samples);
        return value.toString();
    case F::Number:
        return formatNumber(value.toDouble());
    case F::Share:
        return formatShare(value.toDouble());
    case F::Flops:
        return formatFlops(value.toDouble());
    case F::Seconds:
        return formatDuration(value.toDouble());
    case F::Estimate: {
        const Measure* measure = run->measure(column.measure);
        return measure ? formatEstimate(measure->estimate) : absent();
    }
    case F::Text:
        break;
    }
    return value.toString().replace(u'\n', u' ');
}

QString RunTableProxy::explained(const QModelIndex& index) const {
    const RunSummary* run = m_model->at(index.row());
    if (!run)
        return {};
    const RunTableColumn& column = runTableColumns()[static_cast<std::size_t>(index.column())];
    if (column.figure == RunTableColumn::Figure::Estimate) {
        const Measure* measure = run->measure(column.measure);
        if (!measure)
            return tr("not measured");
        return tr("n = %1, 95% interval %2 to %3")
            .arg(measure->estimate.n)
            .arg(formatNumber(measure->estimate.low), formatNumber(measure->estimate.high));
    }
    switch (index.column()) {
    case RunListModel::Schedule:
        return index.data(RunListModel::NotationRole).toString();
    case RunListModel::Flops:
        return workOf(*run);
    case RunListModel::Seconds:
        return run->work.members.empty() ? QString()
                                         : tr("%1 samples in a call at most, peak memory %2")
                                               .arg(run->work.batch)
                                               .arg(formatMemory(static_cast<double>(run->work.peakMemory)));
    case RunListModel::Tags:
    case RunListModel::Note:
        return written(index);
    default:
        return {};
    }
}

QVariant RunTableProxy::data(const QModelIndex& index, int role) const {
    if (role == Qt::DisplayRole)
        return written(index);
    if (role == Qt::ToolTipRole)
        return explained(index);
    if (role == Qt::AccessibleTextRole && index.column() == RunListModel::Starred) {
        const RunSummary* run = m_model->at(index.row());
        return run && run->starred ? tr("starred") : tr("not starred");
    }
    return QIdentityProxyModel::data(index, role);
}

} // namespace steploom
