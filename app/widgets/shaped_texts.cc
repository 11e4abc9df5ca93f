// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/shaped_texts.h"

#include <QFontMetricsF>
#include <QPainter>
#include <QTextLayout>

namespace steploom {
namespace {

constexpr int kMostTexts = 60'000; ///< more than a vocabulary of GPT-2's size; some 20 MB

} // namespace

ShapedTexts::ShapedTexts(const QFont& font) : m_font(font), m_height(QFontMetricsF(font).height()) {}

const ShapedTexts::Shaped& ShapedTexts::shaped(const QString& text) {
    if (const auto known = m_texts.constFind(text); known != m_texts.constEnd())
        return *known;
    if (m_texts.size() >= kMostTexts)
        m_texts.clear();
    ++m_misses;
    QTextLayout layout(text, m_font);
    QTextOption option;
    option.setWrapMode(QTextOption::NoWrap);
    layout.setTextOption(option);
    layout.beginLayout();
    QTextLine line = layout.createLine();
    layout.endLayout();
    Shaped shaped;
    if (line.isValid()) {
        shaped.runs = layout.glyphRuns();
        shaped.width = line.horizontalAdvance();
    }
    return *m_texts.insert(text, std::move(shaped));
}

void ShapedTexts::draw(QPainter& painter, QPointF at, const QString& text) {
    for (const QGlyphRun& run : shaped(text).runs)
        painter.drawGlyphRun(at, run);
}

} // namespace steploom
