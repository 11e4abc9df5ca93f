// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/run_group_model.h"

#include "app/widgets/number_format.h"

#include <QCollator>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace steploom {
namespace {

/// The measure that a column shows; null for label and number.
const char* measureOf(int column) {
    static constexpr std::array<const char*, RunGroupModel::ColumnCount> kMeasures{
        nullptr,   nullptr,   "light", "saved", "flops", "seconds", "generative_perplexity",
        "entropy", "brier_lm"};
    return kMeasures[static_cast<std::size_t>(column)];
}

const Estimate* estimateOf(const RunGroup& group, int column) {
    const char* name = measureOf(column);
    const auto found = name != nullptr ? group.measures.find(name) : group.measures.end();
    return found == group.measures.end() ? nullptr : &found->second;
}

QString margin(const Estimate& estimate, const auto& write) {
    const QString half = write((estimate.high - estimate.low) / 2);
    // One run, or runs that agree as far as it is written: nothing to say.
    return estimate.n < 2 || half == write(0) || write(estimate.low) == write(estimate.high)
               ? write(estimate.value)
               : QStringLiteral("%1 ± %2").arg(write(estimate.value), half);
}

QString written(const Estimate& estimate, int column) {
    switch (column) {
    case RunGroupModel::Light:
    case RunGroupModel::Saved:
        return margin(estimate, [](double share) { return formatShare(share); });
    case RunGroupModel::Flops:
        return formatFlops(estimate.value);
    case RunGroupModel::Seconds:
        return margin(estimate, [](double seconds) { return formatDuration(seconds); });
    default:
        // Runs that agree to the last digit leave an interval of rounding errors.
        return estimate.high - estimate.low < 1e-6 * std::abs(estimate.value) ? formatNumber(estimate.value)
                                                                              : formatEstimate(estimate);
    }
}

double sortValue(const RunGroup& group, int column) {
    if (column == RunGroupModel::Runs)
        return static_cast<double>(group.runs.size());
    const Estimate* estimate = estimateOf(group, column);
    return estimate ? estimate->value : std::numeric_limits<double>::quiet_NaN();
}

} // namespace

void RunGroupModel::setGroups(std::vector<RunGroup> groups, std::vector<GenerationRequest> requests,
                              const QString& title) {
    beginResetModel();
    m_title = title;
    m_rows.clear();
    for (std::size_t i = 0; i < groups.size(); ++i)
        m_rows.push_back(
            {std::move(groups[i]), i < requests.size() ? std::move(requests[i]) : GenerationRequest()});
    sortRows();
    endResetModel();
}

const RunGroup* RunGroupModel::at(const QModelIndex& index) const {
    return index.isValid() ? &m_rows[static_cast<std::size_t>(index.row())].group : nullptr;
}

const GenerationRequest* RunGroupModel::requestOf(const QModelIndex& index) const {
    return index.isValid() ? &m_rows[static_cast<std::size_t>(index.row())].request : nullptr;
}

int RunGroupModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int RunGroupModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : ColumnCount; }

QVariant RunGroupModel::data(const QModelIndex& index, int role) const {
    const RunGroup* group = at(index);
    if (!group)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue<int>((index.column() == Label ? Qt::AlignLeft : Qt::AlignRight) |
                                        Qt::AlignVCenter);
    if (role == Qt::EditRole && index.column() != Label)
        return sortValue(*group, index.column());
    const QString label = QString::fromStdString(group->label);
    if (index.column() == Label)
        return role == Qt::DisplayRole || role == Qt::ToolTipRole || role == Qt::EditRole ? QVariant(label)
                                                                                          : QVariant();
    const Estimate* estimate = estimateOf(*group, index.column());
    if (role == Qt::DisplayRole)
        return index.column() == Runs ? QString::number(group->runs.size())
               : estimate             ? written(*estimate, index.column())
                                      : QStringLiteral("–");
    if (role == Qt::ToolTipRole && estimate)
        return tr("mean of n = %1 runs, 95% interval %2 to %3")
            .arg(estimate->n)
            .arg(formatNumber(estimate->low), formatNumber(estimate->high));
    return {};
}

QVariant RunGroupModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal)
        return QAbstractTableModel::headerData(section, orientation, role);
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue<int>((section == Label ? Qt::AlignLeft : Qt::AlignRight) |
                                        Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Label:
        return m_title;
    case Runs:
        return tr("runs");
    case Light:
        return tr("light steps");
    case Saved:
        return tr("saved");
    case Flops:
        return tr("executed");
    case Seconds:
        return tr("time");
    case Perplexity:
        return tr("gen. perplexity");
    case Entropy:
        return tr("entropy");
    case BrierLm:
        return tr("BrierLM");
    default:
        return {};
    }
}

void RunGroupModel::sortRows() {
    const bool ascending = m_order == Qt::AscendingOrder;
    if (m_sorted == Label) {
        QCollator collator;
        collator.setNumericMode(true);
        std::ranges::stable_sort(m_rows, [&](const Row& a, const Row& b) {
            const int order = collator.compare(QString::fromStdString(a.group.label),
                                               QString::fromStdString(b.group.label));
            return ascending ? order < 0 : order > 0;
        });
        return;
    }
    std::ranges::stable_sort(m_rows, [&](const Row& a, const Row& b) {
        const double x = sortValue(a.group, m_sorted), y = sortValue(b.group, m_sorted);
        if (std::isnan(x) || std::isnan(y))
            return !std::isnan(x) && std::isnan(y); // not measured: last, whichever way
        return ascending ? x < y : x > y;
    });
}

void RunGroupModel::sort(int column, Qt::SortOrder order) {
    if (column < 0 || column >= ColumnCount)
        return;
    m_sorted = column;
    m_order = order;
    beginResetModel();
    sortRows();
    endResetModel();
}

} // namespace steploom
