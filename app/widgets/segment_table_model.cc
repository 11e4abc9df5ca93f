// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/segment_table_model.h"

#include "app/widgets/number_format.h"
#include "app/widgets/timeline_edit.h"
#include "app/widgets/timeline_tools.h"

#include <algorithm>

namespace steploom {

SegmentTableModel::SegmentTableModel(QObject* parent) : QAbstractTableModel(parent) {}

void SegmentTableModel::setMembers(const std::vector<TimelineMember>& members) {
    m_members = members;
    if (!m_segments.empty()) {
        emit dataChanged(index(0, Model), index(rowCount() - 1, Model));
    }
}

void SegmentTableModel::setSchedule(const StepSchedule& schedule) {
    if (schedule == m_schedule) {
        return;
    }
    std::vector<StepSchedule::Segment> segments = schedule.segments();
    const int before = rowCount(), after = static_cast<int>(segments.size());
    const int kept = std::min(before, after);
    if (after < before) {
        beginRemoveRows({}, after, before - 1);
        m_segments.resize(static_cast<std::size_t>(after));
        endRemoveRows();
    }
    std::copy_n(segments.begin(), kept, m_segments.begin());
    m_schedule = schedule;
    if (after > before) {
        beginInsertRows({}, before, after - 1);
        m_segments = std::move(segments);
        endInsertRows();
    }
    if (kept > 0) {
        emit dataChanged(index(0, 0), index(kept - 1, ColumnCount - 1));
    }
}

int SegmentTableModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_segments.size());
}

int SegmentTableModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(ColumnCount);
}

int SegmentTableModel::memberOf(char letter) const noexcept {
    const auto found = std::ranges::find(m_members, letter, &TimelineMember::letter);
    return found == m_members.end() ? -1 : static_cast<int>(found - m_members.begin());
}

QString SegmentTableModel::nameOf(char letter) const {
    const int member = memberOf(letter);
    const QString text(QLatin1Char{letter});
    return member < 0 ? text
                      : QStringLiteral("%1 · %2").arg(text, m_members[static_cast<std::size_t>(member)].name);
}

QVariant SegmentTableModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid()) {
        return {};
    }
    const StepSchedule::Segment& segment = m_segments[static_cast<std::size_t>(index.row())];
    if (role == Qt::TextAlignmentRole) {
        return static_cast<int>((index.column() == Model ? Qt::AlignLeft : Qt::AlignRight) |
                                Qt::AlignVCenter);
    }
    if (role == Qt::AccessibleTextRole) {
        return QStringLiteral("%1 %2").arg(headerData(index.column(), Qt::Horizontal).toString(),
                                           data(index).toString());
    }
    if (role == MemberRole) {
        return memberOf(segment.letter);
    }
    if (role != Qt::DisplayRole && role != Qt::EditRole) {
        return {};
    }
    const double share = static_cast<double>(segment.steps) / std::max(1, m_schedule.steps());
    switch (index.column()) {
    case Segment:
        return index.row() + 1;
    case From:
        return segment.begin;
    case To:
        return segment.end() - 1;
    case Model:
        return role == Qt::EditRole ? QString(QLatin1Char(segment.letter)) : nameOf(segment.letter);
    case Steps:
        return segment.steps;
    default:
        return role == Qt::EditRole ? QVariant(share) : QVariant(formatShare(share));
    }
}

QVariant SegmentTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal) {
        return {};
    }
    if (role == Qt::TextAlignmentRole) {
        return static_cast<int>((section == Model ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    }
    if (role != Qt::DisplayRole) {
        return {};
    }
    QString steps = m_words.many();
    steps[0] = steps[0].toUpper();
    const QString names[] = {
        tr("Segment"), tr("From %1").arg(m_words.one()), tr("To %1").arg(m_words.one()), tr("Model"), steps,
        tr("Share")};
    return section >= 0 && section < ColumnCount ? names[section] : QString();
}

Qt::ItemFlags SegmentTableModel::flags(const QModelIndex& index) const {
    Qt::ItemFlags flags = QAbstractTableModel::flags(index);
    if (!index.isValid()) {
        return flags;
    }
    // The schedule's own ends stay where they are: T is changed elsewhere.
    const bool first = index.row() == 0, last = index.row() == rowCount() - 1;
    const bool editable = index.column() == Model || (index.column() == From && !first) ||
                          ((index.column() == To || index.column() == Steps) && !last);
    return editable ? flags | Qt::ItemIsEditable : flags;
}

bool SegmentTableModel::setData(const QModelIndex& index, const QVariant& value, int role) {
    if (role != Qt::EditRole || !(flags(index) & Qt::ItemIsEditable)) {
        return false;
    }
    const StepSchedule::Segment segment = m_segments[static_cast<std::size_t>(index.row())];
    if (index.column() == Model) {
        const QString text = value.toString().trimmed().toUpper();
        const char letter = text.isEmpty() ? '\0' : text.front().toLatin1();
        if (memberOf(letter) < 0) {
            emit remarked(tr("The pool has no model %1").arg(text.left(8)));
            return false;
        }
        give(segment, letter);
        return true;
    }
    bool number = false;
    const int step = value.toInt(&number);
    if (!number) {
        return false;
    }
    switch (index.column()) {
    case From:
        return moveEdgeTo(segment.begin, step);
    case To:
        return moveEdgeTo(segment.end(), step + 1);
    default:
        return moveEdgeTo(segment.end(), segment.begin + std::max(0, step));
    }
}

bool SegmentTableModel::moveEdgeTo(int edge, int step) {
    const MovedEdge moved =
        m_sharesLocked ? moveEdgeKeepingShares(m_schedule, edge, step) : moveEdge(m_schedule, edge, step);
    if (m_sharesLocked && moved.partnerFrom == 0) {
        emit remarked(tr("Budget locked: no opposite edge can give"));
        return false;
    }
    if (moved.schedule != m_schedule) {
        emit edited(moved.schedule,
                    tr("Move edge at %1 %2 to %3").arg(m_words.one()).arg(moved.from).arg(moved.to));
    }
    return true;
}

void SegmentTableModel::give(const StepSchedule::Segment& part, char letter) {
    const GivenSteps given = m_sharesLocked
                                 ? giveStepsKeepingShares(m_schedule, part.begin, part.end() - 1, letter)
                                 : giveSteps(m_schedule, part.begin, part.end() - 1, letter);
    if (!given.whole) {
        emit remarked(tr("Budget locked: %1 has no more %2 elsewhere to give back")
                          .arg(QLatin1Char(letter))
                          .arg(m_words.many()));
    }
    if (given.schedule != m_schedule) {
        emit edited(given.schedule,
                    tr("Set %1 to %2").arg(describeRange({part.begin, part.end()})).arg(QLatin1Char(letter)));
    }
}

void SegmentTableModel::setWords(const StepWords& words) {
    m_words = words;
    emit headerDataChanged(Qt::Horizontal, 0, ColumnCount - 1);
}

void SegmentTableModel::split(int row) {
    if (row < 0 || row >= rowCount() || m_members.size() < 2) {
        return;
    }
    StepSchedule::Segment half = m_segments[static_cast<std::size_t>(row)];
    if (half.steps < 2) {
        emit remarked(tr("A segment of one %1 cannot be split").arg(m_words.one()));
        return;
    }
    const auto member = static_cast<std::size_t>(std::max(0, memberOf(half.letter)));
    half.begin += half.steps / 2;
    half.steps -= half.steps / 2;
    give(half, m_members[(member + 1) % m_members.size()].letter);
}

void SegmentTableModel::erase(int row) {
    if (row >= 0 && row < rowCount() && !m_members.empty()) {
        give(m_segments[static_cast<std::size_t>(row)], m_members.front().letter);
    }
}

} // namespace steploom
