// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/refused_member.h"

#include "app/widgets/controls.h"
#include "app/widgets/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>

namespace steploom {
namespace {

constexpr int kHeight = 34; ///< as the members beside it
constexpr int kLeastReason = 120;

} // namespace

RefusedMember::RefusedMember(QWidget* parent) : QFrame(parent), m_icon(new QLabel(this)) {
    setObjectName(QStringLiteral("refusedMember"));
    setLook(this, "message");
    setFixedHeight(kHeight);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(10, 0, 4, 0);
    row->setSpacing(Theme::kGrid);
    m_icon->setPixmap(glyphIcon(Glyph::Warning, GlyphInk::Heat).pixmap(QSize(16, 16), devicePixelRatioF()));
    m_name = makeLabel({}, "title", this);
    m_reason = makeLabel({}, "error", this);
    m_reason->setObjectName(QStringLiteral("refusedReason"));
    m_reason->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    m_reason->setMinimumWidth(kLeastReason);
    m_newPool = new QToolButton(this);
    m_newPool->setObjectName(QStringLiteral("refusedNewPool"));
    m_newPool->setText(tr("Start a new pool with it"));
    m_newPool->setToolTip(tr("The models at hand make room for this one"));
    setLook(m_newPool, "link");
    m_newPool->hide();
    connect(m_newPool, &QToolButton::clicked, this, &RefusedMember::newPoolRequested);
    auto* close = new FlatButton(Glyph::Close, tr("Dismiss"), this);
    close->setObjectName(QStringLiteral("refusedDismiss"));
    close->setIconSize(QSize(12, 12));
    row->addWidget(m_icon);
    row->addWidget(m_name);
    row->addWidget(m_reason, 1);
    row->addWidget(m_newPool);
    row->addWidget(close);
    connect(close, &QToolButton::clicked, this, &RefusedMember::dismissed);
    connect(&Theme::instance(), &Theme::changed, this, [this] {
        m_icon->setPixmap(
            glyphIcon(Glyph::Warning, GlyphInk::Heat).pixmap(QSize(16, 16), devicePixelRatioF()));
    });
}

void RefusedMember::setRefusal(char letter, const QString& name, const Error::Parts& error) {
    m_name->setText(QStringLiteral("%1 · %2").arg(QLatin1Char(letter)).arg(name));
    m_text = QString::fromStdString(error.why.empty() ? error.what : error.why);
    const auto line = [](const std::string& text) { return QString::fromStdString(text).toHtmlEscaped(); };
    setToolTip(QStringLiteral("<b>%1</b><br/>%2<br/>%3<br/>%4")
                   .arg(line(error.what), line(error.where), line(error.why), line(error.remedy)));
    setAccessibleName(tr("%1 was refused").arg(name));
    setAccessibleDescription(QStringLiteral("%1. %2").arg(m_text, QString::fromStdString(error.remedy)));
    fit();
}

void RefusedMember::offerNewPool(bool offered) {
    m_newPool->setVisible(offered);
    fit();
}

QString RefusedMember::reason() const { return m_text; }

void RefusedMember::resizeEvent(QResizeEvent* event) {
    QFrame::resizeEvent(event);
    fit();
}

void RefusedMember::fit() {
    m_reason->setText(m_reason->fontMetrics().elidedText(m_text, Qt::ElideRight, m_reason->width()));
}

} // namespace steploom
