// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/schedule_delegate.h"

#include "app/bridge/run_table_columns.h"
#include "app/widgets/schedule_thumbnail.h"

#include <QApplication>
#include <QPainter>

namespace steploom {
namespace {

constexpr int kBarWidth = 96, kBarHeight = 12, kInset = 8; // px

} // namespace

void ScheduleDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                             const QModelIndex& index) const {
    QStyleOptionViewItem cell = option;
    initStyleOption(&cell, index);
    const QString label = cell.text;
    cell.text.clear();
    const QStyle* style = cell.widget ? cell.widget->style() : QApplication::style();
    style->drawControl(QStyle::CE_ItemViewItem, &cell, painter, cell.widget);
    const GenerationRequest* request = m_requestOf(index);
    if (!request)
        return;
    const QRectF bar(cell.rect.left() + kInset, cell.rect.center().y() - kBarHeight / 2.0 + 0.5, kBarWidth,
                     kBarHeight);
    ScheduleThumbnail::paint(*painter, bar, request->schedule, poolLetters(*request));
    const QRect rest = cell.rect.adjusted(kInset + kBarWidth + kInset, 0, -4, 0);
    painter->setFont(cell.font);
    painter->setPen(cell.palette.color(QPalette::Text));
    painter->drawText(rest, Qt::AlignLeft | Qt::AlignVCenter,
                      cell.fontMetrics.elidedText(label, Qt::ElideRight, rest.width()));
}

QSize ScheduleDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const {
    const QSize text = QStyledItemDelegate::sizeHint(option, index);
    return {kInset + kBarWidth + kInset + text.width(), text.height()};
}

} // namespace steploom
