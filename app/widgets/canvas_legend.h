// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/widgets/token_canvas.h"

namespace steploom {

/// What the canvas' colours mean: a swatch for each member (with its underline) and for masked, or the scale
/// with both ends written.
class CanvasLegend : public QWidget {
    Q_OBJECT
public:
    explicit CanvasLegend(QWidget* parent = nullptr);

    void describe(TokenColoring coloring, const std::vector<CanvasMember>& members, double scaleEnd,
                  const StepWords& words = {});
    /// "heavy, light, masked" or "step 0 to 256, masked"
    QString text() const;
    void paint(QPainter& painter, const QRectF& rect) const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return {0, sizeHint().height()}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    struct Entry {
        QString text;
        int member = -1;    ///< index, or −1 for masked
        bool scale = false; ///< a gradient before the text
    };
    std::vector<Entry> m_entries;
    TokenColoring m_coloring = TokenColoring::Model;
};

} // namespace steploom
