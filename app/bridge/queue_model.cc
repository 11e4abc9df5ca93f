// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/bridge/queue_model.h"

#include "app/bridge/run_list_model.h"
#include "engine/analyses/analysis_name.h"
#include "engine/analyses/kinds.h"
#include "engine/models/precision_text.h"
#include "engine/runs/known_importance.h"

#include <QDataStream>
#include <QIODevice>
#include <QMimeData>

#include <algorithm>
#include <cmath>
#include <set>
#include <unordered_set>

namespace steploom {
namespace {

const QString kMimeType = QStringLiteral("application/x-steploom-queue");

QString textOf(const std::string& text) { return QString::fromStdString(text); }

QString poolText(const GenerationRequest& request) {
    QStringList names;
    for (const PoolMemberSpec& member : request.pool)
        names << textOf(member.name);
    return names.join(QStringLiteral(" + "));
}

QString poolDetails(const GenerationRequest& request) {
    QStringList lines;
    for (const PoolMemberSpec& member : request.pool) {
        const std::string_view precision = precisionName(member.precision);
        lines << QStringLiteral("%1: %2 · %3")
                     .arg(QLatin1Char(member.letter))
                     .arg(textOf(member.path),
                          QString::fromUtf8(precision.data(), static_cast<qsizetype>(precision.size())));
    }
    return lines.join(u'\n');
}

bool isOfKind(const QueuedGeneration& item, std::initializer_list<const char*> kinds) {
    if (!item.analysis.is_object())
        return false;
    const std::string kind = item.analysis.value("kind", std::string());
    return std::ranges::find(kinds, kind) != kinds.end();
}

QString seedText(const QueuedGeneration& item) {
    // Those have one of their own.
    if (isOfKind(item, {kImportanceKind, kCorrelationKind, kBrierStudyKind, kAutoencoderKind}))
        return textOf(item.analysis.value("seed", nlohmann::json()).dump());
    return QString::number(item.request.seed);
}

QString samplesText(const QueuedGeneration& item) {
    if (isOfKind(item, {kImportanceKind, kCorrelationKind, kBrierStudyKind, kAutoencoderKind}))
        return QStringLiteral("–");
    return item.finishedSamples > 0
               ? QueueModel::tr("%1 of %2").arg(item.finishedSamples).arg(item.request.samples)
               : QString::number(item.request.samples);
}

} // namespace

QString remainingText(double seconds) {
    const auto minutes = static_cast<long>(std::lround(seconds / 60));
    if (seconds < 90)
        return QueueModel::tr("about %1 s").arg(std::max(1L, std::lround(seconds)));
    if (minutes < 60)
        return QueueModel::tr("about %1 min").arg(minutes);
    return QueueModel::tr("about %1 h %2 min").arg(minutes / 60).arg(minutes % 60);
}

void QueueModel::setRows(std::vector<QueueRow> rows) {
    const auto idsIn = [](const std::vector<QueueRow>& list) {
        std::unordered_set<std::int64_t> ids;
        for (const QueueRow& row : list)
            ids.insert(row.item.id);
        return ids;
    };
    const std::unordered_set<std::int64_t> wanted = idsIn(rows), known = idsIn(m_rows);
    for (int row = rowCount() - 1; row >= 0; --row) {
        if (wanted.contains(m_rows[static_cast<std::size_t>(row)].item.id))
            continue;
        beginRemoveRows({}, row, row);
        m_rows.erase(m_rows.begin() + row);
        endRemoveRows();
    }
    std::vector<QueueRow> added;
    for (const QueueRow& row : rows)
        if (!known.contains(row.item.id))
            added.push_back(row);
    if (!added.empty()) {
        beginInsertRows({}, rowCount(), rowCount() + static_cast<int>(added.size()) - 1);
        m_rows.insert(m_rows.end(), added.begin(), added.end());
        endInsertRows();
    }
    // The same items now, maybe in another order.
    const auto id = [](const QueueRow& row) { return row.item.id; };
    if (!std::ranges::equal(rows, m_rows, {}, id, id)) {
        emit layoutAboutToBeChanged({}, QAbstractItemModel::VerticalSortHint);
        QModelIndexList from = persistentIndexList(), to;
        for (const QModelIndex& index : from) {
            const auto place =
                std::ranges::find(rows, m_rows[static_cast<std::size_t>(index.row())].item.id, id);
            to << this->index(static_cast<int>(place - rows.begin()), index.column());
        }
        m_rows = std::move(rows);
        changePersistentIndexList(from, to);
        emit layoutChanged({}, QAbstractItemModel::VerticalSortHint);
    } else {
        m_rows = std::move(rows);
    }
    if (!m_rows.empty())
        emit dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
}

const QueueRow* QueueModel::at(const QModelIndex& index) const {
    return index.isValid() && index.row() < rowCount() ? &m_rows[static_cast<std::size_t>(index.row())]
                                                       : nullptr;
}

std::vector<std::int64_t> QueueModel::idsOf(const QModelIndexList& indexes) const {
    std::set<int> rows;
    for (const QModelIndex& index : indexes)
        rows.insert(index.row());
    std::vector<std::int64_t> ids;
    for (const int row : rows)
        ids.push_back(m_rows.at(static_cast<std::size_t>(row)).item.id);
    return ids;
}

int QueueModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int QueueModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : ColumnCount; }

QString QueueModel::stateText(const QueueRow& row) const {
    switch (row.item.state) {
    case QueueState::Waiting:
        return row.loadsFirst ? tr("waiting, loads its pool") : tr("waiting");
    case QueueState::Running:
        if (row.progress)
            return tr("%1% · %2").arg(std::floor(100 * row.progress->share)).arg(row.progress->doing);
        return row.item.here ? tr("running") : tr("running elsewhere");
    case QueueState::Failed:
        break;
    }
    return tr("failed: %1")
        .arg(textOf(row.item.error.why.empty() ? row.item.error.what : row.item.error.why));
}

QVariant QueueModel::data(const QModelIndex& index, int role) const {
    const QueueRow* row = at(index);
    if (!row)
        return {};
    const QueuedGeneration& item = row->item;
    const auto right = [&] {
        return index.column() == Seed || index.column() == Samples || index.column() == Left;
    };
    switch (role) {
    case IdRole:
        return QVariant::fromValue<qint64>(item.id);
    case Qt::TextAlignmentRole:
        return QVariant(Qt::Alignment(Qt::AlignVCenter | (right() ? Qt::AlignRight : Qt::AlignLeft)));
    case Qt::DisplayRole:
        switch (index.column()) {
        case Schedule:
            return item.name.empty() && !item.isAnalysis() ? scheduleLabel(item.request)
                                                           : textOf(nameOf(item));
        case Pool:
            return item.request.pool.empty() ? QStringLiteral("–") : poolText(item.request);
        case Seed:
            return seedText(item);
        case Samples:
            return samplesText(item);
        case State:
            return stateText(*row);
        case Left:
            return row->secondsLeft ? remainingText(*row->secondsLeft) : QStringLiteral("–");
        default:
            return {};
        }
    case Qt::ToolTipRole:
        switch (index.column()) {
        case Schedule: {
            if (item.isAnalysis())
                return textOf(nameOf(item));
            const QString notation =
                item.request.schedule.empty() ? QString() : textOf(printSchedule(item.request.schedule));
            return notation.size() > 160 ? notation.left(159) + u'…' : notation;
        }
        case Pool:
            return poolDetails(item.request);
        case State:
            if (item.state == QueueState::Failed)
                return textOf(item.error.what + "\n" + item.error.where + "\n" + item.error.why + "\n" +
                              item.error.remedy);
            if (row->progress)
                return stateText(*row);
            if (item.isAnalysis())
                return item.state == QueueState::Waiting
                           ? tr("What was measured before is kept: it goes on from there")
                           : QVariant();
            return item.run == 0 ? QVariant()
                                 : tr("Run %1 goes on where it was: finished samples are kept").arg(item.run);
        case Left:
            return row->secondsLeft
                       ? QVariant()
                       : tr("Known as soon as its models were timed at this length, or have run once");
        default:
            return {};
        }
    default:
        return {};
    }
}

QVariant QueueModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    if (role == Qt::TextAlignmentRole) {
        const bool right = section == Seed || section == Samples || section == Left;
        return QVariant(Qt::Alignment(Qt::AlignVCenter | (right ? Qt::AlignRight : Qt::AlignLeft)));
    }
    if (role != Qt::DisplayRole)
        return {};
    const QString names[] = {tr("Schedule"), tr("Pool"),  tr("Seed"),
                             tr("Samples"),  tr("State"), tr("Remaining")};
    return names[section];
}

Qt::ItemFlags QueueModel::flags(const QModelIndex& index) const {
    const Qt::ItemFlags flags = QAbstractTableModel::flags(index);
    // Dropped between rows, not onto one.
    return index.isValid() ? flags | Qt::ItemIsDragEnabled : flags | Qt::ItemIsDropEnabled;
}

QStringList QueueModel::mimeTypes() const { return {kMimeType}; }

QMimeData* QueueModel::mimeData(const QModelIndexList& indexes) const {
    QByteArray bytes;
    QDataStream stream(&bytes, QIODevice::WriteOnly);
    for (const std::int64_t id : idsOf(indexes))
        stream << qint64(id);
    auto* data = new QMimeData;
    data->setData(kMimeType, bytes);
    return data;
}

bool QueueModel::dropMimeData(const QMimeData* data, Qt::DropAction action, int row, int,
                              const QModelIndex& parent) {
    if (!data || action != Qt::MoveAction || !data->hasFormat(kMimeType))
        return false;
    QDataStream stream(data->data(kMimeType));
    std::vector<std::int64_t> ids;
    for (qint64 id = 0; !stream.atEnd();) {
        stream >> id;
        ids.push_back(id);
    }
    if (row < 0 && parent.isValid())
        row = parent.row();
    const bool last = row < 0 || row >= rowCount();
    emit moveRequested(ids, last ? 0 : m_rows[static_cast<std::size_t>(row)].item.id);
    return true;
}

} // namespace steploom
