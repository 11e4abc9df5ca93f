// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/canvas_export.h"

#include "app/widgets/canvas_legend.h"
#include "app/widgets/theme.h"
#include "app/widgets/token_canvas.h"
#include "engine/core/error.h"

#include <QBuffer>
#include <QPainter>
#include <QSaveFile>

namespace steploom {
namespace {

constexpr double kPixelRatio = 2;
constexpr int kMargin = 16; ///< px around text and legend

} // namespace

QImage pictureOf(const TokenCanvas& canvas, CanvasLegend& legend) {
    const QImage text = canvas.picture(kPixelRatio);
    const QSize textSize = text.deviceIndependentSize().toSize();
    const QSize legendSize = legend.sizeHint();
    const QSize size(std::max(textSize.width(), legendSize.width()) + 2 * kMargin,
                     textSize.height() + legendSize.height() + 3 * kMargin);
    QImage picture(size * kPixelRatio, QImage::Format_RGB32);
    picture.setDevicePixelRatio(kPixelRatio);
    picture.fill(Theme::instance().colors().card);
    QPainter painter(&picture);
    painter.drawImage(QPoint(kMargin, kMargin), text);
    legend.paint(painter, QRectF(QPointF(kMargin, textSize.height() + 2 * kMargin), legendSize));
    return picture;
}

void writeFile(const QString& file, const QByteArray& bytes) {
    QSaveFile target(file);
    if (target.open(QIODevice::WriteOnly) && target.write(bytes) == bytes.size() && target.commit())
        return;
    throw Error(ErrorKind::File, {"cannot save the file", file.toStdString(),
                                  target.errorString().toStdString(), "Choose another folder, or make room"});
}

void writePicture(const QString& file, const QImage& picture) {
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    if (!picture.save(&buffer, "PNG"))
        throw Error(ErrorKind::File, {"cannot save the file", file.toStdString(), "the picture is too large",
                                      "Export the text instead"});
    writeFile(file, bytes);
}

} // namespace steploom
