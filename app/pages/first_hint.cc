// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/first_hint.h"

#include "app/pages/window_settings.h"
#include "app/widgets/controls.h"
#include "app/widgets/shortcut_tip.h"
#include "app/widgets/theme.h"

#include <QAction>
#include <QHBoxLayout>
#include <QLabel>
#include <QSettings>

namespace steploom {
namespace {

constexpr const char* kOpen = "open";
constexpr const char* kDone = "done";

bool isFirstStart() {
    QSettings stored;
    stored.setFallbacksEnabled(false); // what other programs share says nothing
    return stored.allKeys().isEmpty();
}

} // namespace

FirstHint::FirstHint(QAction* generate, QWidget* parent) : QFrame(parent), m_generate(generate) {
    setObjectName("firstHint");
    setAccessibleName(tr("First steps"));
    setLook(this, "notice");
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(12, 3, 4, 3);
    row->setSpacing(Theme::kGrid);
    const auto addStep = [&](int number) {
        QLabel* step = makeLabel({});
        step->setObjectName(QStringLiteral("hintStep%1").arg(number));
        step->setTextFormat(Qt::RichText);
        row->addWidget(step);
        row->addSpacing(2 * Theme::kGrid);
        return step;
    };
    addStep(1)->setText(tr("<b>1</b>&nbsp; Draw a schedule: which model does which step"));
    m_second = addStep(2);
    addStep(3)->setText(tr("<b>3</b>&nbsp; Watch the text form, scrub its steps, compare runs"));
    row->addStretch(1);
    auto* close = new FlatButton(Glyph::Close, tr("Put the hint away"));
    close->setObjectName("hintDismiss");
    close->setIconSize(QSize(14, 14));
    row->addWidget(close);
    setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed); // never widens the window
    connect(close, &QToolButton::clicked, this, &FirstHint::finish);
    connect(m_generate, &QAction::changed, this, &FirstHint::refresh);
    refresh();

    QSettings stored;
    if (isFirstStart())
        stored.setValue(settings::kHint, kOpen);
    setVisible(stored.value(settings::kHint).toString() == QLatin1String(kOpen));
}

void FirstHint::refresh() {
    const QString keys = shortcutText(*m_generate);
    m_second->setText(keys.isEmpty()
                          ? tr("<b>2</b>&nbsp; Press Generate")
                          : tr("<b>2</b>&nbsp; Press <b>%1</b> to generate").arg(keys.toHtmlEscaped()));
}

void FirstHint::showAgain() {
    QSettings().setValue(settings::kHint, kOpen);
    show();
}

void FirstHint::finish() {
    if (isHidden())
        return;
    QSettings().setValue(settings::kHint, kDone);
    hide();
}

} // namespace steploom
