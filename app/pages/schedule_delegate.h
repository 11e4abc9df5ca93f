// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStyledItemDelegate>

namespace steploom {

class RunListModel;

/// Draws a run's schedule in a table cell: thumbnail, then its name or notation.
class ScheduleDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    explicit ScheduleDelegate(const RunListModel* model, QObject* parent = nullptr)
        : QStyledItemDelegate(parent), m_model(model) {}

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;

private:
    const RunListModel* m_model;
};

} // namespace steploom
