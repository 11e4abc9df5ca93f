// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/generate_strip.h"

#include "app/widgets/controls.h"
#include "app/widgets/shortcut_tip.h"
#include "app/widgets/theme.h"

#include <QAction>
#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QVBoxLayout>

#include <algorithm>

namespace steploom {
namespace {

constexpr int kBarRange = 1000;
constexpr int kBarHeight = 6;

} // namespace

GenerateStrip::GenerateStrip(QWidget* parent) : QWidget(parent) {
    m_generate = new QAction(tr("Generate"), this);
    m_generate->setObjectName("generateAction");
    m_generate->setShortcuts(
        {QKeySequence(Qt::CTRL | Qt::Key_Return), QKeySequence(Qt::CTRL | Qt::Key_Enter)});
    connect(m_generate, &QAction::triggered, this, &GenerateStrip::generateRequested);
    m_queue = new QAction(tr("Add to the queue"), this);
    m_queue->setObjectName("addToQueueAction");
    m_queue->setShortcuts({QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_Return),
                           QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_Enter)});
    connect(m_queue, &QAction::triggered, this, &GenerateStrip::queueRequested);
    m_stop = new QAction(tr("Stop"), this);
    m_stop->setObjectName("stopAction");
    m_stop->setShortcuts({QKeySequence(Qt::Key_Escape), QKeySequence(Qt::CTRL | Qt::Key_Period)});
    m_stop->setProperty("whyNot", tr("nothing is being generated"));
    connect(m_stop, &QAction::triggered, this, &GenerateStrip::stopRequested);

    m_button = new PrimaryButton(tr("Generate"));
    m_button->setObjectName("generateButton");
    const auto showKeys = [this] {
        m_button->setShortcutText(
            shortcutText(*m_generate).replace(QStringLiteral("Return"), QStringLiteral("↵")));
    };
    connect(m_generate, &QAction::changed, m_button, showKeys);
    showKeys();
    connect(m_button, &QPushButton::clicked, m_generate, &QAction::trigger);
    m_queueButton = new PillButton(tr("Queue"));
    m_queueButton->setObjectName("addToQueueButton");
    m_queueButton->setAccessibleName(tr("Add to the queue"));
    m_queueButton->setIcon(glyphIcon(Glyph::Plus));
    m_queueButton->setFixedHeight(m_button->sizeHint().height());
    connect(m_queueButton, &QToolButton::clicked, m_queue, &QAction::trigger);
    connect(m_queue, &QAction::changed, m_queueButton, [this] { showQueueTip(); });
    m_bar = new QProgressBar;
    m_bar->setObjectName("generateProgress");
    m_bar->setTextVisible(false);
    m_bar->setFixedHeight(kBarHeight);
    m_bar->setRange(0, kBarRange);
    m_bar->setValue(0);
    m_text = makeLabel({}, "dim");
    m_text->setObjectName("generateStatus");
    m_text->setWordWrap(true);
    m_text->setMinimumHeight(20);
    m_stopButton = new QToolButton;
    m_stopButton->setObjectName("stopButton");
    m_stopButton->setText(tr("Stop"));
    setTipWithShortcut(m_stopButton, m_stop, tr("Stop within one network call; finished samples stay"));
    setLook(m_stopButton, "link");
    connect(m_stopButton, &QToolButton::clicked, m_stop, &QAction::trigger);

    auto* column = new QVBoxLayout(this);
    column->setContentsMargins({});
    column->setSpacing(7);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(6);
    buttons->addWidget(m_button, 1);
    buttons->addWidget(m_queueButton);
    column->addLayout(buttons);
    column->addWidget(m_bar);
    auto* line = new QHBoxLayout;
    line->setSpacing(4);
    line->addWidget(m_text, 1);
    line->addWidget(m_stopButton, 0, Qt::AlignTop);
    column->addLayout(line);
    column->addStretch(1);
    refresh();
}

void GenerateStrip::setProblem(const QString& problem) {
    m_problem = problem;
    refresh();
}

void GenerateStrip::setHint(const QString& hint) {
    m_hint = hint;
    refresh();
}

void GenerateStrip::showProgress(double share, const QString& text) {
    m_working = true;
    m_status = text;
    if (share < 0) {
        m_bar->setRange(0, 0);
    } else {
        m_bar->setRange(0, kBarRange);
        m_bar->setValue(static_cast<int>(std::clamp(share, 0.0, 1.0) * kBarRange));
    }
    refresh();
}

void GenerateStrip::showIdle(const QString& text) {
    m_working = false;
    m_status = text;
    m_bar->setRange(0, kBarRange);
    m_bar->setValue(0);
    refresh();
}

void GenerateStrip::showQueueTip() {
    const QString keys = shortcutText(*m_queue);
    const bool names = m_queue->isEnabled() && !keys.isEmpty();
    m_queueButton->setToolTip(names ? QStringLiteral("%1 (%2)").arg(m_queueTip, keys) : m_queueTip);
}

void GenerateStrip::refresh() {
    const bool able = m_problem.isEmpty();
    m_generate->setProperty("whyNot", m_problem);
    m_generate->setEnabled(able);
    m_button->setEnabled(able);
    m_button->setToolTip(able ? m_hint : m_problem);
    m_queue->setProperty("whyNot", m_problem);
    m_queue->setEnabled(able);
    m_queueButton->setEnabled(able);
    m_queueTip = able ? tr("Add the present design to the queue of generations") : m_problem;
    showQueueTip();
    m_stop->setEnabled(m_working);
    m_stopButton->setVisible(m_working);
    // What is under way matters more than why the next one cannot start.
    const bool complain = !able && !m_working;
    m_text->setText(complain ? m_problem : m_status);
    const char* look = complain ? "error" : "dim";
    if (m_text->property("look").toString() != QLatin1String(look))
        setLook(m_text, look);
}

} // namespace steploom
