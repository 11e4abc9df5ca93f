// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/settings_group.h"

#include "app/widgets/controls.h"
#include "app/widgets/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QToolButton>
#include <QVBoxLayout>

namespace steploom {
namespace {

constexpr int kRowGap = 5;
constexpr int kHeadingHeight = 20;
constexpr int kChevron = 10;
constexpr int kChevronGap = 5;

/// Chevron and title, in line with the labels beneath.
class Heading : public QToolButton {
public:
    using QToolButton::QToolButton;
    void setOpen(bool open) {
        m_open = open;
        update();
    }
    QSize sizeHint() const override {
        const QFontMetrics metrics(Theme::instance().font(-1, true));
        return {kChevron + kChevronGap + metrics.horizontalAdvance(text()) + 4, kHeadingHeight};
    }
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent*) override {
        const ThemeColors& colors = Theme::instance().colors();
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        const QColor ink = underMouse() || isDown() ? colors.ink : colors.dim;
        drawGlyph(painter, m_open ? Glyph::ChevronDown : Glyph::ChevronRight,
                  QRectF(-1, (height() - kChevron) / 2.0, kChevron, kChevron), ink);
        painter.setFont(Theme::instance().font(-1, true));
        painter.setPen(ink);
        painter.drawText(rect().adjusted(kChevron + kChevronGap, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter,
                         text());
        if (hasFocus()) {
            painter.setPen(QPen(colors.heavy, 1.5));
            painter.setBrush(Qt::NoBrush);
            painter.drawLine(QPointF(kChevron + kChevronGap, height() - 2),
                             QPointF(width() - 4, height() - 2));
        }
    }

private:
    bool m_open = true;
};

} // namespace

SettingsGroup::SettingsGroup(const QString& key, const QString& title, QWidget* parent)
    : QWidget(parent), m_title(title), m_heading(new Heading(this)), m_summary(makeLabel({}, "hint", this)),
      m_reset(new FlatButton(Glyph::Reset, tr("Reset %1").arg(title), this)), m_body(new QWidget(this)) {
    setObjectName(key);
    m_heading->setObjectName(key + "Heading");
    m_heading->setText(title);
    m_heading->setFixedHeight(kHeadingHeight);
    m_heading->setFocusPolicy(Qt::StrongFocus);
    m_summary->setObjectName(key + "Summary");
    // A long summary is cut; it never widens the panel.
    QSizePolicy cut(QSizePolicy::Ignored, QSizePolicy::Preferred);
    cut.setRetainSizeWhenHidden(true); // it also keeps the buttons at the right
    m_summary->setSizePolicy(cut);
    m_reset->setObjectName(key + "Reset");
    m_reset->setIcon(glyphIcon(Glyph::Reset, GlyphInk::Dim));
    m_reset->setIconSize(QSize(13, 13));
    m_reset->setFixedSize(kHeadingHeight, kHeadingHeight);
    setLook(m_reset, "small");
    QSizePolicy kept = m_reset->sizePolicy();
    kept.setRetainSizeWhenHidden(true); // nothing moves when it comes and goes
    m_reset->setSizePolicy(kept);

    auto* column = new QVBoxLayout(this);
    column->setContentsMargins({});
    column->setSpacing(2);
    m_row = new QHBoxLayout;
    m_row->setSpacing(3);
    m_row->addWidget(m_heading);
    m_row->addWidget(m_summary, 1);
    m_row->addWidget(m_reset);
    column->addLayout(m_row);
    m_fields = new QVBoxLayout(m_body);
    m_fields->setContentsMargins({});
    m_fields->setSpacing(kRowGap);
    column->addWidget(m_body, 1);

    connect(m_heading, &QToolButton::clicked, this, [this] {
        setOpen(!isOpen());
        emit toggled(isOpen());
    });
    connect(m_reset, &QToolButton::clicked, this, &SettingsGroup::resetRequested);
    setDiffers(false, {});
    showState();
}

void SettingsGroup::addToHeading(QWidget* widget) {
    m_aside = widget;
    m_row->addWidget(widget);
    showState();
}

bool SettingsGroup::isOpen() const { return !m_body->isHidden(); }

void SettingsGroup::setOpen(bool open) {
    m_body->setVisible(open);
    showState();
}

void SettingsGroup::setSummary(const QString& summary) {
    m_summary->setText(summary);
    m_summary->setToolTip(summary);
    showState();
}

void SettingsGroup::setDiffers(bool differs, const QString& usual) {
    m_reset->setVisible(differs);
    m_reset->setToolTip(tr("Reset to %1").arg(usual));
    m_reset->setAccessibleDescription(m_reset->toolTip());
}

void SettingsGroup::showState() {
    const bool open = isOpen();
    m_summary->setVisible(!open);
    if (m_aside)
        m_aside->setVisible(open);
    static_cast<Heading*>(m_heading)->setOpen(open);
    m_heading->setToolTip(open ? tr("Fold %1").arg(m_title) : tr("Open %1").arg(m_title));
    m_heading->setAccessibleName(open ? tr("%1, open").arg(m_title)
                                      : tr("%1, folded: %2").arg(m_title, m_summary->text()));
}

} // namespace steploom
