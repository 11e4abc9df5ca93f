// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/bridge/run_list_model.h"

#include "engine/schedule/presets.h"

#include <QDateTime>

#include <algorithm>
#include <limits>

namespace steploom {
namespace {

double measured(const RunSummary& run, std::string_view name) {
    const Measure* measure = run.measure(name);
    return measure ? measure->estimate.value : std::numeric_limits<double>::quiet_NaN();
}

QString text(std::string_view view) {
    return QString::fromUtf8(view.data(), static_cast<qsizetype>(view.size()));
}

/// Whether the schedule goes by its notation, which tells its steps itself.
bool isNotation(const GenerationRequest& request) { return scheduleLabel(request).startsWith(u'('); }

} // namespace

std::string poolLetters(const GenerationRequest& request) {
    std::string letters;
    for (const PoolMemberSpec& member : request.pool)
        letters += member.letter;
    return letters;
}

QString scheduleLabel(const GenerationRequest& request) {
    const std::string letters = poolLetters(request);
    if (!letters.empty() && !request.schedule.empty()) {
        const char light = letters.size() > 1 ? letters[1] : letters[0];
        const std::string_view preset = nameOfSchedule(request.schedule, letters[0], light);
        if (!preset.empty())
            return text(preset);
    }
    return QString::fromStdString(printSchedule(request.schedule));
}

void RunListModel::setRuns(std::vector<RunSummary> runs) {
    // Both lists are in the order of their ids, newest first: removals, then insertions, then contents. Where
    // much changed at once, row by row would cost more than it saves.
    const auto newer = [](const RunSummary& a, const RunSummary& b) { return a.id > b.id; };
    const auto has = [&](const std::vector<RunSummary>& list, const RunSummary& run) {
        return std::binary_search(list.begin(), list.end(), run, newer);
    };
    constexpr std::ptrdiff_t kRowByRow = 64;
    const bool ordered = std::is_sorted(runs.begin(), runs.end(), newer);
    if (!ordered ||
        std::count_if(runs.begin(), runs.end(), [&](const RunSummary& run) { return !has(m_runs, run); }) >
            kRowByRow ||
        std::count_if(m_runs.begin(), m_runs.end(), [&](const RunSummary& run) { return !has(runs, run); }) >
            kRowByRow) {
        std::sort(runs.begin(), runs.end(), newer);
        beginResetModel();
        m_runs = std::move(runs);
        endResetModel();
        return;
    }
    for (int row = static_cast<int>(m_runs.size()) - 1; row >= 0; --row) {
        if (has(runs, m_runs[static_cast<std::size_t>(row)]))
            continue;
        beginRemoveRows({}, row, row);
        m_runs.erase(m_runs.begin() + row);
        endRemoveRows();
    }
    for (int row = 0; row < static_cast<int>(runs.size()); ++row) {
        RunSummary& run = runs[static_cast<std::size_t>(row)];
        if (row < static_cast<int>(m_runs.size()) && m_runs[static_cast<std::size_t>(row)].id == run.id) {
            m_runs[static_cast<std::size_t>(row)] = std::move(run);
            continue;
        }
        beginInsertRows({}, row, row);
        m_runs.insert(m_runs.begin() + row, std::move(run));
        endInsertRows();
    }
    if (!m_runs.empty())
        emit dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
}

const RunSummary* RunListModel::run(qint64 id) const noexcept {
    const auto found =
        std::find_if(m_runs.begin(), m_runs.end(), [id](const RunSummary& run) { return run.id == id; });
    return found == m_runs.end() ? nullptr : &*found;
}

int RunListModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_runs.size());
}

int RunListModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : ColumnCount; }

QVariant RunListModel::value(const RunSummary& run, int column) const {
    switch (column) {
    case Started:
        return QDateTime::fromString(QString::fromStdString(run.started), Qt::ISODate).toLocalTime();
    case Schedule: {
        QString label = scheduleLabel(run.request);
        if (!isNotation(run.request))
            label += QStringLiteral(" · %1").arg(tr("%1 steps").arg(run.request.schedule.steps()));
        if (run.request.branch && run.request.branch->parent > 0)
            label += QStringLiteral(" · %1").arg(tr("branch of %1").arg(run.request.branch->parent));
        return label;
    }
    case Samples:
        return run.finishedSamples;
    case Sampler:
        return QStringLiteral("%1 · %2 · %3")
            .arg(text(samplerName(run.request.sampler)))
            .arg(run.request.length)
            .arg(run.request.seed);
    case Saved:
        return run.cost.executedSaving;
    case Flops:
        return run.executedFlops;
    case Seconds:
        return run.seconds;
    case Perplexity:
        return measured(run, "generative_perplexity");
    case Entropy:
        return measured(run, "entropy");
    case State:
        return text(runStateName(run.state));
    case Note:
        return QString::fromStdString(run.note);
    default:
        return {};
    }
}

QVariant RunListModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const RunSummary& run = m_runs[static_cast<std::size_t>(index.row())];
    switch (role) {
    case Qt::DisplayRole:
    case SortRole:
        return value(run, index.column());
    case Qt::EditRole:
        return index.column() == Note ? value(run, Note) : QVariant();
    case IdRole:
        return QVariant::fromValue<qint64>(run.id);
    case NotationRole:
        return QString::fromStdString(printSchedule(run.request.schedule));
    case Qt::TextAlignmentRole:
        if (index.column() == Samples || (index.column() >= Saved && index.column() <= Entropy))
            return QVariant::fromValue<int>(Qt::AlignRight | Qt::AlignVCenter);
        return QVariant::fromValue<int>(Qt::AlignLeft | Qt::AlignVCenter);
    default:
        return {};
    }
}

QVariant RunListModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal)
        return QAbstractTableModel::headerData(section, orientation, role);
    if (role == Qt::TextAlignmentRole)
        return section == Samples || (section >= Saved && section <= Entropy)
                   ? QVariant::fromValue<int>(Qt::AlignRight | Qt::AlignVCenter)
                   : QVariant::fromValue<int>(Qt::AlignLeft | Qt::AlignVCenter);
    if (role == Qt::ToolTipRole) {
        switch (section) {
        case Saved:
            return tr("Executed FLOPs saved against the same steps on the first member alone");
        case Flops:
            return tr("FLOPs that ran for the finished samples, after the exact savings");
        case Perplexity:
            return tr("exp of the token-weighted mean negative log-likelihood under the evaluator");
        case Entropy:
            return tr("Unigram entropy per sample in nats, −Σ f log f; falls when text repeats itself");
        default:
            return {};
        }
    }
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Started:
        return tr("started");
    case Schedule:
        return tr("schedule");
    case Samples:
        return tr("samples");
    case Sampler:
        return tr("sampler · length · seed");
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
    case State:
        return tr("state");
    case Note:
        return tr("note");
    default:
        return {};
    }
}

Qt::ItemFlags RunListModel::flags(const QModelIndex& index) const {
    Qt::ItemFlags flags = QAbstractTableModel::flags(index);
    if (index.isValid())
        flags |= Qt::ItemNeverHasChildren;
    if (index.isValid() && index.column() == Note)
        flags |= Qt::ItemIsEditable;
    return flags;
}

bool RunListModel::setData(const QModelIndex& index, const QVariant& value, int role) {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid) || role != Qt::EditRole || index.column() != Note)
        return false;
    RunSummary& run = m_runs[static_cast<std::size_t>(index.row())];
    const QString note = value.toString();
    if (note.toStdString() == run.note)
        return true;
    run.note = note.toStdString();
    emit dataChanged(index, index);
    emit noteEdited(run.id, note);
    return true;
}

} // namespace steploom
