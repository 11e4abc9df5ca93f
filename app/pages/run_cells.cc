// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/run_cells.h"

#include "app/bridge/run_list_model.h"
#include "app/widgets/icons.h"
#include "app/widgets/theme.h"

#include <QMouseEvent>
#include <QPainter>

namespace steploom {
namespace {

constexpr int kStar = 16, kChipHeight = 20, kChipInset = 7, kChipGap = 4, kCellInset = 6,
              kTextInset = 8; // px

} // namespace

void drawCellGround(QPainter& painter, const QStyleOptionViewItem& cell) {
    // The view has filled the row of what is selected.
    if (cell.state & QStyle::State_HasFocus) {
        painter.setPen(Theme::instance().colors().heavy);
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(QRectF(cell.rect).adjusted(0.5, 0.5, -0.5, -0.5));
    }
}

const QStaticText& TextCellDelegate::shaped(const QString& text, const QFont& font) const {
    if (font != m_font) {
        m_font = font;
        m_texts.clear();
    }
    if (const QStaticText* known = m_texts.object(text))
        return *known;
    auto* made = new QStaticText(text);
    made->setTextFormat(Qt::PlainText);
    made->setPerformanceHint(QStaticText::AggressiveCaching);
    made->prepare({}, font);
    m_texts.insert(text, made);
    return *made;
}

void TextCellDelegate::drawText(QPainter& painter, const QStyleOptionViewItem& cell, const QRect& place,
                                const QString& text, bool right) const {
    if (text.isEmpty())
        return;
    const QStaticText* words = &shaped(text, cell.font);
    if (words->size().width() > place.width())
        words = &shaped(cell.fontMetrics.elidedText(text, Qt::ElideRight, place.width()), cell.font);
    painter.setFont(cell.font);
    painter.setPen(Theme::instance().colors().ink);
    painter.drawStaticText(QPointF(right ? place.right() + 1 - words->size().width() : place.left(),
                                   cell.rect.center().y() + 0.5 - words->size().height() / 2),
                           *words);
}

void TextCellDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                             const QModelIndex& index) const {
    drawCellGround(*painter, option);
    drawText(*painter, option, option.rect.adjusted(kTextInset, 0, -kTextInset, 0),
             index.data(Qt::DisplayRole).toString(),
             index.data(Qt::TextAlignmentRole).toInt() & Qt::AlignRight);
}

void StarDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                         const QModelIndex& index) const {
    const QStyleOptionViewItem& cell = option;
    drawCellGround(*painter, cell);
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
    const QStyleOptionViewItem& cell = option;
    drawCellGround(*painter, cell);
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
