// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/palette_delegate.h"

#include "app/pages/palette_model.h"
#include "app/widgets/theme.h"

#include <QPainter>

namespace steploom {
namespace {

constexpr int kRowHeight = 30;
constexpr int kHeadingHeight = 24;
constexpr int kInset = 10;
constexpr int kGap = 10;

/// Text with some characters bold and in the accent colour; answers where it ends.
int drawMarked(QPainter& painter, const QRect& place, const QString& text, const QList<int>& marked,
               const QColor& ink, const QColor& accent) {
    const Theme& theme = Theme::instance();
    int x = place.left(), next = 0;
    for (int begin = 0; begin < text.size();) {
        const bool isMarked = next < marked.size() && marked[next] == begin;
        int end = begin;
        while (end < text.size() && (next < marked.size() && marked[next] == end) == isMarked) {
            next += isMarked;
            ++end;
        }
        const QString piece = text.mid(begin, end - begin);
        painter.setFont(theme.font(0, isMarked));
        painter.setPen(isMarked ? accent : ink);
        const int width = painter.fontMetrics().horizontalAdvance(piece);
        const QRect rest(x, place.top(), place.right() - x + 1, place.height());
        if (x + width > place.right() + 1) {
            painter.drawText(rest, Qt::AlignLeft | Qt::AlignVCenter,
                             painter.fontMetrics().elidedText(piece, Qt::ElideRight, rest.width()));
            return place.right();
        }
        painter.drawText(rest, Qt::AlignLeft | Qt::AlignVCenter, piece);
        x += width;
        begin = end;
    }
    return x;
}

} // namespace

QSize PaletteDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex& index) const {
    const bool begins = !index.data(PaletteModel::HeadingRole).toString().isEmpty();
    return {0, kRowHeight + (begins ? kHeadingHeight : 0)};
}

void PaletteDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                            const QModelIndex& index) const {
    const Theme& theme = Theme::instance();
    const ThemeColors& colors = theme.colors();
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    QRect row = option.rect;
    if (const QString heading = index.data(PaletteModel::HeadingRole).toString(); !heading.isEmpty()) {
        const QRect place(row.left() + kInset, row.top() + 2, row.width() - 2 * kInset, kHeadingHeight - 2);
        painter->setFont(theme.font(-1, true));
        painter->setPen(colors.dim);
        painter->drawText(place, Qt::AlignLeft | Qt::AlignVCenter, heading);
        row.setTop(row.top() + kHeadingHeight);
    }
    const bool selected = option.state & QStyle::State_Selected;
    if (selected || (option.state & QStyle::State_MouseOver)) {
        painter->setPen(Qt::NoPen);
        QColor fill = selected ? theme.tint(colors.heavy) : colors.background;
        painter->setBrush(fill);
        painter->drawRoundedRect(row.adjusted(0, 1, 0, -1), 6, 6);
    }
    const QString whyNot = index.data(PaletteModel::WhyNotRole).toString();
    QRect inner = row.adjusted(kInset, 0, -kInset, 0);

    // From the right: keys in a frame, then the group.
    painter->setFont(theme.font(-1));
    if (const QString keys = index.data(PaletteModel::KeysRole).toString(); !keys.isEmpty()) {
        const int width = painter->fontMetrics().horizontalAdvance(keys) + 12;
        const QRectF cap(inner.right() - width + 0.5, inner.center().y() - 9 + 0.5, width, 18);
        painter->setPen(QPen(colors.line, 1));
        painter->setBrush(colors.card);
        painter->drawRoundedRect(cap, 5, 5);
        painter->setPen(colors.dim);
        painter->drawText(cap, Qt::AlignCenter, keys);
        inner.setRight(inner.right() - width - kGap);
    }
    if (const QString group = index.data(PaletteModel::GroupRole).toString(); !group.isEmpty()) {
        const int width = painter->fontMetrics().horizontalAdvance(group);
        painter->setPen(colors.dim);
        painter->drawText(inner, Qt::AlignRight | Qt::AlignVCenter, group);
        inner.setRight(inner.right() - width - kGap);
    }
    const int end = drawMarked(*painter, inner, index.data().toString(),
                               index.data(PaletteModel::PositionsRole).value<QList<int>>(),
                               whyNot.isEmpty() ? colors.ink : colors.dim, colors.heavy);
    if (!whyNot.isEmpty() && end + kGap < inner.right()) {
        const QRect place(end + kGap, inner.top(), inner.right() - end - kGap + 1, inner.height());
        painter->setFont(theme.font(-1));
        painter->setPen(colors.dim);
        painter->drawText(
            place, Qt::AlignLeft | Qt::AlignVCenter,
            painter->fontMetrics().elidedText(u'–' + (u' ' + whyNot), Qt::ElideRight, place.width()));
    }
    painter->restore();
}

} // namespace steploom
