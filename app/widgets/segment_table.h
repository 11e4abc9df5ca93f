// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/widgets/segment_table_model.h"

#include <QTableView>

namespace steploom {

/// The table twin of the timeline. Cells are edited in place; on a row a member's letter gives the segment to
/// it, Insert splits it, Delete gives it to the first member.
class SegmentTable : public QTableView {
    Q_OBJECT
public:
    explicit SegmentTable(QWidget* parent = nullptr);
    SegmentTableModel* segments() const noexcept { return m_model; }

protected:
    bool event(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    bool handlesKey(const QKeyEvent& event) const;
    SegmentTableModel* m_model;
};

} // namespace steploom
