// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/run_cells.h"

#include "app/bridge/run_list_model.h"
#include "app/widgets/icons.h"
#include "app/widgets/theme.h"

#include <QApplication>
#include <QMouseEvent>
#include <QPainter>

namespace steploom {
namespace {

constexpr int kStar = 16, kChipHeight = 20, kChipInset = 7, kChipGap = 4, kCellInset = 6; // px

/// The cell without its text.
QStyleOptionViewItem drawGround(QPainter* painter, QStyleOptionViewItem cell) {
    cell.text.clear();
    const QStyle* style = cell.widget ? cell.widget->style() : QApplication::style();
    style->drawControl(QStyle::CE_ItemViewItem, &cell, painter, cell.widget);
    return cell;
}

} // namespace

void StarDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                         const QModelIndex& index) const {
    QStyleOptionViewItem cell = option;
    initStyleOption(&cell, index);
    cell = drawGround(painter, cell);
    const bool starred = index.data(RunListModel::ValueRole).toBool();
    const bool looked = cell.state & (QStyle::State_MouseOver | QStyle::State_Selected);
    if (!starred && !looked)
        return;
    const ThemeColors& colors = Theme::instance().colors();
    const QRectF place(cell.rect.center().x() - kStar / 2.0 + 0.5, cell.rect.center().y() - kStar / 2.0 + 0.5,
                       kStar, kStar);
    drawGlyph(*painter, starred ? Glyph::StarFilled : Glyph::Star, place,
              starred ? colors.light : colors.dim);
}

bool StarDelegate::editorEvent(QEvent* event, QAbstractItemModel* model, const QStyleOptionViewItem& option,
                               const QModelIndex& index) {
    if (event->type() == QEvent::MouseButtonRelease &&
        static_cast<QMouseEvent*>(event)->button() == Qt::LeftButton &&
        static_cast<QMouseEvent*>(event)->modifiers() == Qt::NoModifier) {
        emit clicked(index);
        return true;
    }
    return QStyledItemDelegate::editorEvent(event, model, option, index);
}

void TagsDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                         const QModelIndex& index) const {
    QStyleOptionViewItem cell = option;
    initStyleOption(&cell, index);
    cell = drawGround(painter, cell);
    const QStringList tags = index.data(RunListModel::ValueRole).toStringList();
    if (tags.isEmpty())
        return;
    const Theme& theme = Theme::instance();
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setFont(theme.font(-1));
    const QFontMetrics metrics(theme.font(-1));
    const double top = cell.rect.center().y() - kChipHeight / 2.0 + 0.5;
    double x = cell.rect.left() + kCellInset;
    const double right = cell.rect.right() - 2;
    for (qsizetype i = 0; i < tags.size(); ++i) {
        const bool last = i + 1 == tags.size();
        const QString more = QStringLiteral("+%1").arg(tags.size() - i);
        const double kept = last ? 0 : metrics.horizontalAdvance(more) + kChipGap;
        double width = metrics.horizontalAdvance(tags[i]) + 2 * kChipInset;
        QString text = tags[i];
        if (x + width + kept > right) {
            if (i > 0) {
                painter->setPen(theme.colors().dim);
                painter->drawText(QRectF(x, top, right - x, kChipHeight), Qt::AlignVCenter, more);
                break;
            }
            width = right - x - kept;
            text = metrics.elidedText(text, Qt::ElideRight, static_cast<int>(width) - 2 * kChipInset);
        }
        painter->setPen(Qt::NoPen);
        painter->setBrush(theme.tint(theme.colors().third));
        painter->drawRoundedRect(QRectF(x, top, width, kChipHeight), kChipHeight / 2.0, kChipHeight / 2.0);
        painter->setPen(theme.colors().ink);
        painter->drawText(QRectF(x, top, width, kChipHeight), Qt::AlignCenter, text);
        x += width + kChipGap;
    }
    painter->restore();
}

} // namespace steploom
