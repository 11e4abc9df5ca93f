// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/widgets/timeline_painter.h"

#include <QAbstractTableModel>

#include <vector>

namespace steploom {

/// The schedule as a table of its segments: the timeline's twin for keyboards and screen readers. It keeps no
/// history: an edit of a cell is announced by edited(), and the owner answers with setSchedule().
class SegmentTableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column {
        Segment, ///< from 1
        From,    ///< first step; editable: moves the edge to the segment before
        To,      ///< last step; editable: moves the edge to the segment behind
        Model,   ///< letter (EditRole, editable), letter and name (DisplayRole)
        Steps,   ///< editable: as To
        Share,   ///< of all steps, 0…1 in EditRole
        ColumnCount,
    };

    static constexpr int MemberRole = Qt::UserRole; ///< place of the row's member in the pool; −1: not in it

    explicit SegmentTableModel(QObject* parent = nullptr);

    void setMembers(const std::vector<TimelineMember>& members);
    const std::vector<TimelineMember>& members() const noexcept { return m_members; }
    /// Rows that stay keep their place: current cell and scroll position survive.
    void setSchedule(const StepSchedule& schedule);
    const StepSchedule& schedule() const noexcept { return m_schedule; }
    /// As TimelineWidget::setSharesLocked().
    void setSharesLocked(bool locked) { m_sharesLocked = locked; }
    /// What the steps are called.
    void setWords(const StepWords& words);

    /// Gives the second half of a segment to the next member.
    void split(int row);
    /// Gives a segment to the first member.
    void erase(int row);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;
    /// True when the value was understood; what comes of it is announced.
    bool setData(const QModelIndex& index, const QVariant& value, int role = Qt::EditRole) override;

signals:
    /// One undo step called `description`. Never the schedule that is shown.
    void edited(const StepSchedule& schedule, const QString& description);
    /// Why an edit was not made, or only in part.
    void remarked(const QString& text);

private:
    int memberOf(char letter) const noexcept;
    QString nameOf(char letter) const;
    bool moveEdgeTo(int edge, int step);
    void give(const StepSchedule::Segment& part, char letter);

    StepSchedule m_schedule;
    std::vector<StepSchedule::Segment> m_segments; ///< of m_schedule
    std::vector<TimelineMember> m_members;
    StepWords m_words;
    bool m_sharesLocked = false;
};

} // namespace steploom
