// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/pages/run_cells.h"
#include "engine/sampling/generation_request.h"

#include <QCache>
#include <QPixmap>

#include <functional>

namespace steploom {

/// Draws a schedule in a table cell: thumbnail, then its name or notation.
class ScheduleDelegate : public TextCellDelegate {
    Q_OBJECT
public:
    /// Whose schedule a row shows; null: none is drawn.
    using RequestOf = std::function<const GenerationRequest*(const QModelIndex& index)>;

    explicit ScheduleDelegate(RequestOf requestOf, QObject* parent = nullptr);

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;

private:
    const QPixmap& thumbnail(const GenerationRequest& request, double pixelRatio) const;

    RequestOf m_requestOf;
    mutable QCache<QString, QPixmap> m_thumbnails{1024}; ///< by pixel ratio, letters and notation
};

} // namespace steploom
