// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/controls.h"

#include "app/widgets/theme.h"

#include <QButtonGroup>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QStyle>
#include <QStyleOptionButton>
#include <QStyleOptionToolButton>

#include <algorithm>

namespace steploom {

namespace {

constexpr int kChevronWidth = 18;

int textWidth(const QFont& font, const QString& text) { return QFontMetrics(font).horizontalAdvance(text); }

} // namespace

void setLook(QWidget* widget, const char* look) {
    widget->setProperty("look", QString::fromLatin1(look));
    // Style sheets look at properties when a widget is polished only.
    widget->style()->unpolish(widget);
    widget->style()->polish(widget);
    widget->update();
}

QLabel* makeLabel(const QString& text, const char* look, QWidget* parent) {
    auto* label = new QLabel(text, parent);
    if (*look != '\0') {
        setLook(label, look);
    }
    return label;
}

QFrame* makeHairline(QWidget* parent) {
    auto* line = new QFrame(parent);
    setLook(line, "hairline");
    line->setFixedHeight(1);
    return line;
}

Card::Card(QWidget* parent) : QFrame(parent) { setLook(this, "card"); }

PillButton::PillButton(const QString& text, QWidget* parent) : QToolButton(parent) {
    setText(text);
    setAccessibleName(text);
    setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    setIconSize(QSize(15, 15));
    setPopupMode(QToolButton::InstantPopup);
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setLook(this, "pill");
}

QSize PillButton::sizeHint() const {
    // Room for the bold of the checked state, so that neighbours stay where they are when it changes.
    int width = textWidth(Theme::instance().font(0, true), text()) + 24;
    if (!icon().isNull()) {
        width += iconSize().width() + (text().isEmpty() ? 0 : 6);
    }
    if (menu() != nullptr) {
        width += kChevronWidth - 4;
    }
    return {width, 30};
}

void PillButton::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    QStyleOptionToolButton option;
    initStyleOption(&option);
    style()->drawPrimitive(QStyle::PE_PanelButtonTool, &option, &painter, this);

    const ThemeColors& colors = Theme::instance().colors();
    QColor color = isChecked() ? colors.heavy : colors.ink;
    if (!isEnabled()) {
        color = palette().color(QPalette::Disabled, QPalette::ButtonText);
    }
    const QFont font = Theme::instance().font(0, isChecked());
    const int textSpan = textWidth(font, text());
    const int iconSpan = icon().isNull() ? 0 : iconSize().width() + (text().isEmpty() ? 0 : 6);
    const int menuSpan = menu() != nullptr ? kChevronWidth - 4 : 0;
    int x = (width() - textSpan - iconSpan - menuSpan) / 2;
    if (iconSpan > 0) {
        const QRect place(QPoint(x, (height() - iconSize().height()) / 2), iconSize());
        icon().paint(&painter, place, Qt::AlignCenter, isEnabled() ? QIcon::Normal : QIcon::Disabled,
                     isChecked() ? QIcon::On : QIcon::Off);
        x += iconSpan;
    }
    painter.setFont(font);
    painter.setPen(color);
    painter.drawText(QRect(x, 0, textSpan + 2, height()),
                     Qt::AlignVCenter | Qt::AlignLeft | Qt::TextSingleLine, text());
    if (menuSpan > 0) {
        drawGlyph(painter, Glyph::ChevronDown, QRectF(x + textSpan + 4, height() / 2.0 - 5.5, 12, 12),
                  colors.dim);
    }
}

FlatButton::FlatButton(Glyph glyph, const QString& label, QWidget* parent) : QToolButton(parent) {
    setIcon(glyphIcon(glyph));
    setIconSize(QSize(18, 18));
    setToolTip(label);
    setAccessibleName(label);
    setFocusPolicy(Qt::StrongFocus);
}

PrimaryButton::PrimaryButton(const QString& text, const QString& shortcutText, QWidget* parent)
    : QPushButton(text, parent), m_shortcutText(shortcutText) {
    setLook(this, "primary");
    setAccessibleName(text);
    setCursor(Qt::PointingHandCursor);
}

void PrimaryButton::setShortcutText(const QString& text) {
    m_shortcutText = text;
    updateGeometry();
    update();
}

QSize PrimaryButton::sizeHint() const {
    const int width = textWidth(Theme::instance().font(0, true), text()) +
                      textWidth(Theme::instance().font(), m_shortcutText) + 48;
    return {width, 36};
}

void PrimaryButton::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    QStyleOptionButton option;
    initStyleOption(&option);
    style()->drawControl(QStyle::CE_PushButtonBevel, &option, &painter, this);

    const ThemeColors& colors = Theme::instance().colors();
    QColor color = isEnabled() ? colors.onHeavy : colors.dim;
    const QFont bold = Theme::instance().font(0, true);
    const int first = textWidth(bold, text());
    const int second = m_shortcutText.isEmpty() ? 0 : textWidth(Theme::instance().font(), m_shortcutText) + 8;
    const int x = (width() - first - second) / 2;
    painter.setFont(bold);
    painter.setPen(color);
    painter.drawText(QRect(x, 0, first + 2, height()), Qt::AlignVCenter, text());
    if (second > 0) {
        color.setAlphaF(0.72f);
        painter.setFont(Theme::instance().font());
        painter.setPen(color);
        painter.drawText(QRect(x + first + 8, 0, second, height()), Qt::AlignVCenter, m_shortcutText);
    }
    if (hasFocus() && isEnabled()) {
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(colors.onHeavy, 1.5));
        painter.drawRoundedRect(QRectF(rect()).adjusted(3, 3, -3, -3), 5.5, 5.5);
    }
}

SegmentedSwitch::SegmentedSwitch(const QStringList& options, QWidget* parent)
    : QWidget(parent), m_group(new QButtonGroup(this)) {
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(6);
    m_group->setExclusive(true); // exclusive buttons move by arrow keys among themselves
    for (int i = 0; i < options.size(); ++i) {
        auto* pill = new PillButton(options[i], this);
        pill->setCheckable(true);
        pill->setAutoExclusive(true);
        m_group->addButton(pill, i);
        row->addWidget(pill);
    }
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setCurrentIndex(0);
    connect(m_group, &QButtonGroup::idToggled, this, [this](int id, bool on) {
        if (on) {
            emit currentChanged(id);
        }
    });
}

int SegmentedSwitch::currentIndex() const { return m_group->checkedId(); }

void SegmentedSwitch::setCurrentIndex(int index) {
    if (QAbstractButton* chosen = m_group->button(index)) {
        chosen->setChecked(true);
    }
}

QToolButton* SegmentedSwitch::button(int index) const {
    return qobject_cast<QToolButton*>(m_group->button(index));
}

LabeledRow::LabeledRow(const QString& label, QWidget* field, int fieldWidth, QWidget* parent)
    : QWidget(parent), m_label(makeLabel(label, "dim", this)), m_field(field) {
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(Theme::kGrid);
    row->addWidget(m_label);
    row->addStretch(1);
    if (auto* value = qobject_cast<QLabel*>(field)) {
        value->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    } else {
        field->setFixedWidth(fieldWidth);
    }
    row->addWidget(field);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    m_label->setBuddy(field);
    if (field->accessibleName().isEmpty()) {
        field->setAccessibleName(label);
    }
}

InlineMessage::InlineMessage(QWidget* parent)
    : QFrame(parent), m_icon(new QLabel(this)), m_text(new QLabel(this)) {
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(10, 8, 6, 8);
    row->setSpacing(Theme::kGrid);
    m_text->setWordWrap(true);
    m_text->setTextFormat(Qt::RichText);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_text->setObjectName(QStringLiteral("inlineMessageText"));
    row->addWidget(m_icon, 0, Qt::AlignTop);
    row->addWidget(m_text, 1);
    auto* close = new FlatButton(Glyph::Close, tr("Dismiss"), this);
    close->setObjectName(QStringLiteral("inlineMessageDismiss"));
    close->setIconSize(QSize(14, 14));
    row->addWidget(close, 0, Qt::AlignTop);
    connect(close, &QToolButton::clicked, this, &InlineMessage::dismiss);
    connect(&Theme::instance(), &Theme::changed, this, [this] { restyle(m_error); });
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
    restyle(true);
    hide();
}

void InlineMessage::restyle(bool error) {
    m_error = error;
    setLook(this, error ? "message" : "notice");
    m_icon->setPixmap(
        (error ? glyphIcon(Glyph::Warning, GlyphInk::Heat) : glyphIcon(Glyph::Info, GlyphInk::Accent))
            .pixmap(QSize(18, 18), devicePixelRatioF()));
}

void InlineMessage::showError(const Error::Parts& parts) {
    restyle(true);
    const auto escaped = [](const std::string& text) { return QString::fromStdString(text).toHtmlEscaped(); };
    QString html = QStringLiteral("<b>%1</b>").arg(escaped(parts.what));
    QStringList details;
    for (const std::string* part : {&parts.where, &parts.why}) {
        if (!part->empty()) {
            details << escaped(*part);
        }
    }
    if (!details.isEmpty()) {
        html += QStringLiteral("<br/>") + details.join(QStringLiteral(": "));
    }
    if (!parts.remedy.empty()) {
        QString remedy = escaped(parts.remedy);
        remedy[0] = remedy[0].toUpper();
        html += QStringLiteral("<br/>") + remedy + (remedy.endsWith(u'.') ? QString() : QStringLiteral("."));
    }
    m_text->setText(html);
    setAccessibleName(tr("Error"));
    setAccessibleDescription(text());
    show();
}

void InlineMessage::showNotice(const QString& message) {
    restyle(false);
    m_text->setText(message.toHtmlEscaped());
    setAccessibleName(tr("Notice"));
    setAccessibleDescription(message);
    show();
}

void InlineMessage::dismiss() {
    hide();
    m_text->clear();
    emit dismissed();
}

QString InlineMessage::text() const {
    QString plain = m_text->text();
    plain.replace(QStringLiteral("<br/>"), QStringLiteral("\n"));
    plain.remove(QStringLiteral("<b>")).remove(QStringLiteral("</b>"));
    return plain.replace(QStringLiteral("&lt;"), QStringLiteral("<"))
        .replace(QStringLiteral("&gt;"), QStringLiteral(">"))
        .replace(QStringLiteral("&quot;"), QStringLiteral("\""))
        .replace(QStringLiteral("&amp;"), QStringLiteral("&"));
}

void drawMemberSquare(QPainter& painter, const QRectF& rect, char letter, int index) {
    const Theme& theme = Theme::instance();
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme.memberColor(index));
    painter.drawRoundedRect(rect, 4, 4);
    painter.setPen(theme.onMemberColor(index));
    painter.setFont(theme.font(rect.height() < 18 ? -1 : 0, true));
    painter.drawText(rect, Qt::AlignCenter, QString(QLatin1Char(letter)));
    painter.restore();
}

MemberChip::MemberChip(QWidget* parent) : QAbstractButton(parent) {
    setFocusPolicy(Qt::StrongFocus);
    setAttribute(Qt::WA_Hover);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void MemberChip::setMember(char letter, int index, const QString& name, const QString& facts) {
    m_letter = letter;
    m_index = index;
    m_name = name;
    m_facts = facts;
    setText(name);
    setAccessibleName(tr("Pool member %1: %2").arg(QLatin1Char(letter)).arg(name));
    setAccessibleDescription(facts);
    setToolTip(QStringLiteral("%1 · %2").arg(name, facts));
    updateGeometry();
    update();
}

void MemberChip::setOpensMenu(bool opens) {
    m_opensMenu = opens;
    updateGeometry();
    update();
}

QSize MemberChip::sizeHint() const {
    const int text =
        textWidth(Theme::instance().font(0, true), m_name) + 8 + textWidth(Theme::instance().font(), m_facts);
    return {10 + 20 + 8 + text + 14 + (m_opensMenu ? kChevronWidth : 0), 34};
}

QSize MemberChip::minimumSizeHint() const {
    return {10 + 20 + 8 + std::min(120, textWidth(Theme::instance().font(0, true), m_name)) + 10 +
                (m_opensMenu ? kChevronWidth : 0),
            34};
}

void MemberChip::paintEvent(QPaintEvent*) {
    const ThemeColors& colors = Theme::instance().colors();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const bool focused = hasFocus();
    const qreal inset = focused ? 1 : 0.5;
    painter.setPen(QPen(focused        ? colors.heavy
                        : underMouse() ? colors.masked
                                       : colors.line,
                        focused ? 2 : 1));
    painter.setBrush(colors.card);
    painter.drawRoundedRect(QRectF(rect()).adjusted(inset, inset, -inset, -inset), 8, 8);
    drawMemberSquare(painter, QRectF(10, height() / 2.0 - 10, 20, 20), m_letter, m_index);

    int x = 38;
    const int end = width() - 10 - (m_opensMenu ? kChevronWidth : 0);
    const auto write = [&](const QString& text, bool bold, const QColor& color) {
        const QFont font = Theme::instance().font(0, bold);
        const QString shown = QFontMetrics(font).elidedText(text, Qt::ElideRight, std::max(0, end - x));
        painter.setFont(font);
        painter.setPen(isEnabled() ? color : colors.dim);
        painter.drawText(QRect(x, 0, end - x + 2, height()), Qt::AlignVCenter | Qt::TextSingleLine, shown);
        x += textWidth(font, shown) + 8;
    };
    write(m_name, true, colors.ink);
    if (end - x > 24) {
        write(m_facts, false, colors.dim);
    }
    if (m_opensMenu) {
        drawGlyph(painter, Glyph::ChevronDown, QRectF(width() - 8 - 14, height() / 2.0 - 5.5, 12, 12),
                  colors.dim);
    }
}

} // namespace steploom
