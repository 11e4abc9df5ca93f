// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/theme_style.h"

#include "app/widgets/theme.h"

#include <QAbstractSpinBox>
#include <QComboBox>
#include <QPainter>
#include <QPainterPath>
#include <QSlider>
#include <QStyleOption>

namespace steploom {

namespace {

constexpr qreal kFieldRadius = 6;
constexpr int kFieldHeight = 28;
constexpr int kSpinButtonWidth = 18;
constexpr int kComboArrowWidth = 24;

void drawField(QPainter* painter, const QRect& rect, QStyle::State state) {
    const ThemeColors& colors = Theme::instance().colors();
    const bool enabled = state & QStyle::State_Enabled;
    const bool focused = (state & QStyle::State_HasFocus) && enabled;
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    QColor border = focused ? colors.heavy : colors.line;
    if (!focused && enabled && (state & QStyle::State_MouseOver)) {
        border = colors.masked;
    }
    painter->setPen(QPen(border, focused ? 2 : 1));
    painter->setBrush(enabled ? colors.background : colors.card);
    const qreal inset = focused ? 1 : 0.5;
    painter->drawRoundedRect(QRectF(rect).adjusted(inset, inset, -inset, -inset), kFieldRadius, kFieldRadius);
    painter->restore();
}

/// A slim "v" (or "^") of 8 × 4 px about `centre`.
void drawChevron(QPainter* painter, QPointF centre, bool up, const QColor& color) {
    const qreal dy = up ? -2 : 2;
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(QPen(color, 1.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter->setBrush(Qt::NoBrush);
    QPainterPath path(centre + QPointF(-3.5, -dy));
    path.lineTo(centre + QPointF(0, dy));
    path.lineTo(centre + QPointF(3.5, -dy));
    painter->drawPath(path);
    painter->restore();
}

void drawSpinBox(const QStyleOptionSpinBox& box, QPainter* painter, const QStyle& style,
                 const QWidget* widget) {
    const ThemeColors& colors = Theme::instance().colors();
    drawField(painter, box.rect, box.state);
    // The chevrons stay out of the way of the figures until the pointer or the keyboard is there.
    const bool active = (box.state & QStyle::State_Enabled) &&
                        (box.state & (QStyle::State_MouseOver | QStyle::State_HasFocus));
    if (box.buttonSymbols == QAbstractSpinBox::NoButtons || !active) {
        return;
    }
    for (const auto part : {QStyle::SC_SpinBoxUp, QStyle::SC_SpinBoxDown}) {
        const bool up = part == QStyle::SC_SpinBoxUp;
        const bool able =
            box.stepEnabled & (up ? QAbstractSpinBox::StepUpEnabled : QAbstractSpinBox::StepDownEnabled);
        const bool pressed = box.activeSubControls == part && (box.state & QStyle::State_Sunken);
        const QRectF rect = style.subControlRect(QStyle::CC_SpinBox, &box, part, widget);
        drawChevron(painter, rect.center() + QPointF(0, up ? 1.5 : -1.5), up,
                    !able     ? colors.masked
                    : pressed ? colors.heavy
                              : colors.dim);
    }
}

void drawSlider(const QStyleOptionSlider& slider, QPainter* painter, const QStyle& style,
                const QWidget* widget) {
    const ThemeColors& colors = Theme::instance().colors();
    const QRectF groove = style.subControlRect(QStyle::CC_Slider, &slider, QStyle::SC_SliderGroove, widget);
    const QPointF knob =
        QRectF(style.subControlRect(QStyle::CC_Slider, &slider, QStyle::SC_SliderHandle, widget)).center();
    const bool enabled = slider.state & QStyle::State_Enabled;
    const QColor accent = enabled ? colors.heavy : colors.dim;
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(Qt::NoPen);
    QRectF track = groove, done = groove;
    if (slider.orientation == Qt::Horizontal) {
        track = QRectF(groove.left() + 2, groove.center().y() - 2, groove.width() - 4, 4);
        done = track;
        slider.upsideDown ? done.setLeft(knob.x()) : done.setRight(knob.x());
    } else {
        track = QRectF(groove.center().x() - 2, groove.top() + 2, 4, groove.height() - 4);
        done = track;
        slider.upsideDown ? done.setTop(knob.y()) : done.setBottom(knob.y());
    }
    painter->setBrush(colors.masked);
    painter->drawRoundedRect(track, 2, 2);
    painter->setBrush(accent);
    painter->drawRoundedRect(done, 2, 2);
    if (slider.state & QStyle::State_HasFocus) {
        painter->setBrush(Theme::instance().tint(colors.heavy));
        painter->drawEllipse(knob, 10.5, 10.5);
    }
    painter->setBrush(accent);
    painter->drawEllipse(knob, 7, 7);
    painter->restore();
}

} // namespace

ThemeStyle::ThemeStyle() : QProxyStyle(QStringLiteral("Fusion")) {}

void ThemeStyle::drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                               const QWidget* widget) const {
    const ThemeColors& colors = Theme::instance().colors();
    switch (element) {
    case PE_PanelLineEdit:
        // The editors inside spin and combo boxes have no frame of their own: their box draws the field.
        if (const auto* frame = qstyleoption_cast<const QStyleOptionFrame*>(option);
            frame && frame->lineWidth > 0) {
            drawField(painter, option->rect, option->state);
        }
        return;
    case PE_FrameLineEdit:
        return;
    case PE_FrameFocusRect: {
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        painter->setPen(QPen(colors.heavy, 1.5));
        painter->setBrush(Qt::NoBrush);
        painter->drawRoundedRect(QRectF(option->rect).adjusted(1, 1, -1, -1), 5, 5);
        painter->restore();
        return;
    }
    case PE_IndicatorCheckBox: {
        const bool on = option->state & State_On;
        const bool enabled = option->state & State_Enabled;
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        const QRectF box = QRectF(option->rect).adjusted(0.5, 0.5, -0.5, -0.5);
        const QColor fill = on ? (enabled ? colors.heavy : colors.masked) : colors.background;
        painter->setPen(QPen(on ? fill : colors.masked, 1));
        painter->setBrush(fill);
        painter->drawRoundedRect(box, 4, 4);
        if (on) {
            painter->setPen(QPen(colors.onHeavy, 1.8, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
            QPainterPath tick(box.topLeft() + QPointF(box.width() * 0.25, box.height() * 0.53));
            tick.lineTo(box.topLeft() + QPointF(box.width() * 0.43, box.height() * 0.70));
            tick.lineTo(box.topLeft() + QPointF(box.width() * 0.76, box.height() * 0.32));
            painter->setBrush(Qt::NoBrush);
            painter->drawPath(tick);
        }
        painter->restore();
        return;
    }
    case PE_IndicatorArrowDown:
    case PE_IndicatorArrowUp:
        drawChevron(painter, QRectF(option->rect).center(), element == PE_IndicatorArrowUp, colors.dim);
        return;
    default:
        QProxyStyle::drawPrimitive(element, option, painter, widget);
    }
}

void ThemeStyle::drawControl(ControlElement element, const QStyleOption* option, QPainter* painter,
                             const QWidget* widget) const {
    const ThemeColors& colors = Theme::instance().colors();
    if (element == CE_ProgressBarGroove || element == CE_ProgressBarContents) {
        const auto* bar = qstyleoption_cast<const QStyleOptionProgressBar*>(option);
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        painter->setPen(Qt::NoPen);
        QRectF rect = option->rect;
        const qreal radius = std::min(4.0, rect.height() / 2);
        if (element == CE_ProgressBarGroove || !bar) {
            painter->setBrush(colors.masked);
        } else {
            const double span = static_cast<double>(bar->maximum) - bar->minimum;
            // Of unknown length: a third of the bar, so that it does not pass for a share.
            const double share =
                span > 0 ? (static_cast<double>(bar->progress) - bar->minimum) / span : 1.0 / 3;
            rect.setWidth(rect.width() * std::clamp(share, 0.0, 1.0));
            painter->setBrush(colors.heavy);
        }
        painter->drawRoundedRect(rect, radius, radius);
        painter->restore();
        return;
    }
    QProxyStyle::drawControl(element, option, painter, widget);
}

void ThemeStyle::drawComplexControl(ComplexControl control, const QStyleOptionComplex* option,
                                    QPainter* painter, const QWidget* widget) const {
    if (const auto* box = qstyleoption_cast<const QStyleOptionSpinBox*>(option);
        box && control == CC_SpinBox) {
        drawSpinBox(*box, painter, *this, widget);
        return;
    }
    if (const auto* box = qstyleoption_cast<const QStyleOptionComboBox*>(option);
        box && control == CC_ComboBox) {
        drawField(painter, box->rect, box->state);
        const QRectF arrow = subControlRect(CC_ComboBox, option, SC_ComboBoxArrow, widget);
        const ThemeColors& colors = Theme::instance().colors();
        drawChevron(painter, arrow.center(), false, box->state & State_Enabled ? colors.dim : colors.masked);
        return;
    }
    if (const auto* slider = qstyleoption_cast<const QStyleOptionSlider*>(option);
        slider && control == CC_Slider) {
        drawSlider(*slider, painter, *this, widget);
        return;
    }
    QProxyStyle::drawComplexControl(control, option, painter, widget);
}

QRect ThemeStyle::subControlRect(ComplexControl control, const QStyleOptionComplex* option, SubControl part,
                                 const QWidget* widget) const {
    const QRect rect = option->rect;
    if (control == CC_SpinBox) {
        const auto* box = qstyleoption_cast<const QStyleOptionSpinBox*>(option);
        const bool buttons = box && box->buttonSymbols != QAbstractSpinBox::NoButtons;
        const int width = buttons ? kSpinButtonWidth : 0;
        const QRect column(rect.left() + 2, rect.top() + 2, width, rect.height() - 4);
        switch (part) {
        // On the left, so that figures stay flush right and in line with every other field's.
        case SC_SpinBoxUp:
            return column.adjusted(0, 0, 0, -column.height() / 2);
        case SC_SpinBoxDown:
            return column.adjusted(0, column.height() / 2, 0, 0);
        case SC_SpinBoxEditField:
            return rect.adjusted(width + 2, 2, -8, -2);
        default:
            return rect;
        }
    }
    if (control == CC_ComboBox) {
        switch (part) {
        case SC_ComboBoxArrow:
            return QRect(rect.right() - kComboArrowWidth + 1, rect.top(), kComboArrowWidth, rect.height());
        case SC_ComboBoxEditField:
            return rect.adjusted(8, 2, -kComboArrowWidth, -2);
        default:
            break;
        }
    }
    return QProxyStyle::subControlRect(control, option, part, widget);
}

QRect ThemeStyle::subElementRect(SubElement element, const QStyleOption* option,
                                 const QWidget* widget) const {
    if (element == SE_LineEditContents) {
        const auto* frame = qstyleoption_cast<const QStyleOptionFrame*>(option);
        if (frame && frame->lineWidth > 0) {
            return option->rect.adjusted(6, 1, -6, -1);
        }
    }
    return QProxyStyle::subElementRect(element, option, widget);
}

QSize ThemeStyle::sizeFromContents(ContentsType type, const QStyleOption* option, const QSize& size,
                                   const QWidget* widget) const {
    QSize result = QProxyStyle::sizeFromContents(type, option, size, widget);
    if (type == CT_SpinBox || type == CT_ComboBox) {
        result.setHeight(std::max(kFieldHeight, size.height() + 8));
        if (type == CT_ComboBox) { // the field's own room beside the text, as subControlRect gives it
            result.setWidth(std::max(result.width(), size.width() + 8 + kComboArrowWidth + 4));
        }
    } else if (type == CT_LineEdit) {
        const auto* frame = qstyleoption_cast<const QStyleOptionFrame*>(option);
        if (frame && frame->lineWidth > 0) {
            result.setHeight(std::max(kFieldHeight, size.height() + 8));
        }
    }
    return result;
}

int ThemeStyle::pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const {
    switch (metric) {
    case PM_IndicatorWidth:
    case PM_IndicatorHeight:
        return 16;
    case PM_SliderLength:
        return 22;
    case PM_SliderThickness:
    case PM_SliderControlThickness:
        return 22;
    case PM_MenuPanelWidth:
        return 1;
    case PM_ToolTipLabelFrameWidth:
        return 0;
    default:
        return QProxyStyle::pixelMetric(metric, option, widget);
    }
}

int ThemeStyle::styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget,
                          QStyleHintReturn* returnData) const {
    switch (hint) {
    case SH_ComboBox_Popup: // a list under the field, not a menu over it
        return 0;
    case SH_EtchDisabledText:
    case SH_DitherDisabledText:
        return 0;
    case SH_Slider_AbsoluteSetButtons:
        return Qt::LeftButton;
    case SH_ToolTip_WakeUpDelay:
        return 500;
    default:
        return QProxyStyle::styleHint(hint, option, widget, returnData);
    }
}

void ThemeStyle::polish(QWidget* widget) {
    QProxyStyle::polish(widget);
    if (auto* spin = qobject_cast<QAbstractSpinBox*>(widget)) {
        spin->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
        spin->setAttribute(Qt::WA_Hover);
        spin->setMinimumHeight(kFieldHeight); // its own size hint leaves the field's padding out
    } else if (qobject_cast<QComboBox*>(widget) || qobject_cast<QSlider*>(widget)) {
        widget->setAttribute(Qt::WA_Hover);
    }
}

} // namespace steploom
