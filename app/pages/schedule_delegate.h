// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/sampling/generation_request.h"

#include <QStyledItemDelegate>

#include <functional>

namespace steploom {

/// Draws a schedule in a table cell: thumbnail, then its name or notation.
class ScheduleDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    /// Whose schedule a row shows; null: none is drawn.
    using RequestOf = std::function<const GenerationRequest*(const QModelIndex& index)>;

    explicit ScheduleDelegate(RequestOf requestOf, QObject* parent = nullptr)
        : QStyledItemDelegate(parent), m_requestOf(std::move(requestOf)) {}

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;

private:
    RequestOf m_requestOf;
};

} // namespace steploom
