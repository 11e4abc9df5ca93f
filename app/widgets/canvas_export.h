// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QImage>
#include <QString>

namespace steploom {

class CanvasLegend;
class TokenCanvas;

/// The text with its legend below it, as it is seen: step, colours, theme. Two pixels for each of the
/// screen's.
QImage pictureOf(const TokenCanvas& canvas, CanvasLegend& legend);

/// Writes the bytes to a file, whole or not at all. Throws Error(File) with the reason.
void writeFile(const QString& file, const QByteArray& bytes);
/// The same for a picture, as PNG.
void writePicture(const QString& file, const QImage& picture);

} // namespace steploom
