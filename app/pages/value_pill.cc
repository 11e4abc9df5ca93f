// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/value_pill.h"

#include "app/widgets/icons.h"
#include "app/widgets/theme.h"

#include <QFontMetrics>
#include <QPainter>

namespace steploom {
namespace {

constexpr int kHeight = 34; ///< as the members' chips beside it
constexpr int kMargin = 11;
constexpr int kGap = 8;
constexpr int kChevron = 16;

int widthOf(const QFont& font, const QString& text) { return QFontMetrics(font).horizontalAdvance(text); }

} // namespace

ValuePill::ValuePill(const QString& label, QWidget* parent) : QAbstractButton(parent), m_label(label) {
    setFocusPolicy(Qt::StrongFocus);
    setAttribute(Qt::WA_Hover);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setAccessibleName(label);
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void ValuePill::setValue(const QString& value) {
    m_value = value;
    setText(value);
    setAccessibleDescription(value);
    updateGeometry();
    update();
}

void ValuePill::setOpensMenu(bool opens) {
    m_opensMenu = opens;
    updateGeometry();
    update();
}

QSize ValuePill::sizeHint() const {
    const Theme& theme = Theme::instance();
    return {2 * kMargin + widthOf(theme.font(), m_label) + kGap + widthOf(theme.font(0, true), m_value) +
                (m_opensMenu ? kChevron : 0),
            kHeight};
}

void ValuePill::paintEvent(QPaintEvent*) {
    const Theme& theme = Theme::instance();
    const ThemeColors& colors = theme.colors();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const bool focused = hasFocus();
    const qreal inset = focused ? 1 : 0.5;
    const QColor border = focused ? colors.heavy : underMouse() ? colors.masked : colors.line;
    painter.setPen(QPen(border, focused ? 2 : 1));
    painter.setBrush(colors.card);
    painter.drawRoundedRect(QRectF(rect()).adjusted(inset, inset, -inset, -inset), 8, 8);

    int x = kMargin;
    const auto write = [&](const QString& text, const QFont& font, const QColor& color) {
        painter.setFont(font);
        painter.setPen(color);
        const int width = widthOf(font, text);
        painter.drawText(QRect(x, 0, width + 2, height()), Qt::AlignVCenter | Qt::TextSingleLine, text);
        x += width + kGap;
    };
    write(m_label, theme.font(), colors.dim);
    write(m_value, theme.font(0, true), isEnabled() ? colors.ink : colors.dim);
    if (m_opensMenu)
        drawGlyph(painter, Glyph::ChevronDown, QRectF(width() - 8 - 14, height() / 2.0 - 5.5, 12, 12),
                  colors.dim);
}

} // namespace steploom
