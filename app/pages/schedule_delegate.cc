// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/schedule_delegate.h"

#include "app/bridge/run_table_columns.h"
#include "app/pages/run_cells.h"
#include "app/widgets/schedule_thumbnail.h"
#include "app/widgets/theme.h"

#include <QPainter>

namespace steploom {
namespace {

constexpr int kBarWidth = 96, kBarHeight = 12, kInset = 8; // px

} // namespace

ScheduleDelegate::ScheduleDelegate(RequestOf requestOf, QObject* parent)
    : TextCellDelegate(parent), m_requestOf(std::move(requestOf)) {
    connect(&Theme::instance(), &Theme::changed, this, [this] { m_thumbnails.clear(); });
}

const QPixmap& ScheduleDelegate::thumbnail(const GenerationRequest& request, double pixelRatio) const {
    const std::string letters = poolLetters(request);
    const QString key = QStringLiteral("%1 %2 ").arg(pixelRatio).arg(QString::fromStdString(letters)) +
                        QString::fromStdString(printSchedule(request.schedule));
    if (const QPixmap* known = m_thumbnails.object(key))
        return *known;
    auto* made = new QPixmap(QSize(kBarWidth, kBarHeight) * pixelRatio);
    made->setDevicePixelRatio(pixelRatio);
    made->fill(Qt::transparent);
    QPainter painter(made);
    ScheduleThumbnail::paint(painter, QRectF(0, 0, kBarWidth, kBarHeight), request.schedule, letters);
    painter.end();
    m_thumbnails.insert(key, made);
    return *made;
}

void ScheduleDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                             const QModelIndex& index) const {
    drawCellGround(*painter, option);
    const GenerationRequest* request = m_requestOf(index);
    if (!request)
        return;
    const QPoint corner(option.rect.left() + kInset, option.rect.center().y() - kBarHeight / 2 + 1);
    painter->drawPixmap(corner, thumbnail(*request, painter->device()->devicePixelRatioF()));
    drawText(*painter, option, option.rect.adjusted(kInset + kBarWidth + kInset, 0, -4, 0),
             index.data(Qt::DisplayRole).toString());
}

QSize ScheduleDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const {
    const QSize text = QStyledItemDelegate::sizeHint(option, index);
    return {kInset + kBarWidth + kInset + text.width(), text.height()};
}

} // namespace steploom
