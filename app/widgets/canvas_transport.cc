// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/canvas_transport.h"

#include "app/widgets/theme.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QSignalBlocker>
#include <QSlider>

#include <algorithm>

namespace steploom {
namespace {

constexpr double kPlaySeconds = 4; ///< for all steps, however many
constexpr int kFrame = 16;         ///< ms: 60 a second
constexpr double kSpeeds[] = {0.25, 0.5, 1, 2, 4};
constexpr int kUsualSpeed = 2;

} // namespace

CanvasTransport::CanvasTransport(const QString& owner, QWidget* parent) : QWidget(parent) {
    const auto nameOf = [&owner](const char* name) {
        QString full = QLatin1String(name);
        if (!owner.isEmpty())
            full[0] = full[0].toUpper();
        return owner + full;
    };
    setObjectName(nameOf("transport"));
    const auto named = [&nameOf](auto* widget, const char* name) {
        widget->setObjectName(nameOf(name));
        return widget;
    };
    m_first = named(new FlatButton(Glyph::First, tr("First step")), "firstStep");
    m_playPause = named(new FlatButton(Glyph::Play, tr("Play")), "playPause");
    m_last = named(new FlatButton(Glyph::Last, tr("Last step")), "lastStep");
    m_loop = named(new FlatButton(Glyph::Loop, tr("Play again and again")), "loopButton");
    m_loop->setCheckable(true);
    m_scrubber = named(new QSlider(Qt::Horizontal), "stepScrubber");
    m_scrubber->setAccessibleName(tr("Step"));
    m_scrubber->installEventFilter(this);
    m_speed = named(new QComboBox, "playSpeed");
    m_speed->setAccessibleName(tr("Speed"));
    m_speed->setToolTip(tr("Speed: at 1× all steps take four seconds"));
    m_speed->addItems({QStringLiteral("¼×"), QStringLiteral("½×"), QStringLiteral("1×"), QStringLiteral("2×"),
                       QStringLiteral("4×")});
    m_speed->setCurrentIndex(kUsualSpeed);
    m_text = named(makeLabel({}, "dim"), "stepText");
    m_text->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    // The scrubber keeps its length while the text beside it changes.
    m_text->setMinimumWidth(
        m_text->fontMetrics().horizontalAdvance(tr("step 1000 · H · 10 revealed · 1000 masked")));

    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(Theme::kGrid / 2);
    for (QWidget* widget : std::initializer_list<QWidget*>{m_first, m_playPause, m_last, m_loop, m_speed})
        row->addWidget(widget);
    row->addSpacing(Theme::kGrid / 2);
    row->addWidget(m_scrubber, 1);
    row->addSpacing(Theme::kGrid);
    row->addWidget(m_text);

    const auto choose = [this](int step) {
        pause();
        emit stepChosen(step);
    };
    connect(m_first, &QToolButton::clicked, this, [choose] { choose(0); });
    connect(m_last, &QToolButton::clicked, this, [this, choose] { choose(m_lastStep); });
    connect(m_playPause, &QToolButton::clicked, this, [this] { isPlaying() ? pause() : play(); });
    connect(m_scrubber, &QSlider::valueChanged, this, choose);
    connect(m_speed, &QComboBox::currentIndexChanged, this, [this] {
        m_playedFrom = m_step; // from here on at the new pace
        m_clock.start();
    });
    m_timer.setTimerType(Qt::PreciseTimer);
    m_timer.setInterval(kFrame);
    connect(&m_timer, &QTimer::timeout, this, &CanvasTransport::advance);
}

void CanvasTransport::setRange(int steps, int lastStep) {
    m_steps = std::max(0, steps);
    m_lastStep = std::clamp(lastStep, 0, m_steps);
    const QSignalBlocker quiet(m_scrubber);
    m_scrubber->setRange(0, m_steps);
    m_scrubber->setPageStep(std::max(1, m_steps / 16));
}

void CanvasTransport::setStep(int step) {
    m_step = step;
    const QSignalBlocker quiet(m_scrubber);
    m_scrubber->setValue(std::max(0, step));
}

void CanvasTransport::setText(const QString& text) {
    m_text->setText(text);
    m_scrubber->setToolTip(text);
}

QString CanvasTransport::text() const { return m_text->text(); }

double CanvasTransport::speed() const { return kSpeeds[std::clamp(m_speed->currentIndex(), 0, 4)]; }

void CanvasTransport::stepToEvent(int direction) {
    if (!isEnabled() || m_events.empty())
        return;
    pause();
    if (direction > 0) {
        const auto next = std::upper_bound(m_events.begin(), m_events.end(), m_step);
        emit stepChosen(next == m_events.end() ? m_lastStep : *next);
    } else {
        const auto here = std::lower_bound(m_events.begin(), m_events.end(), m_step);
        emit stepChosen(here == m_events.begin() ? 0 : *std::prev(here));
    }
}

void CanvasTransport::play() {
    if (!isEnabled())
        return;
    m_playedFrom = m_step >= m_lastStep ? 0 : m_step;
    m_clock.start();
    m_timer.start();
    m_playPause->setIcon(glyphIcon(Glyph::Pause));
    m_playPause->setToolTip(tr("Pause"));
    m_playPause->setAccessibleName(tr("Pause"));
    emit stepChosen(static_cast<int>(m_playedFrom));
}

void CanvasTransport::pause() {
    m_timer.stop();
    m_playPause->setIcon(glyphIcon(Glyph::Play));
    m_playPause->setToolTip(tr("Play"));
    m_playPause->setAccessibleName(tr("Play"));
}

void CanvasTransport::advance() {
    const double position =
        m_playedFrom + static_cast<double>(m_clock.elapsed()) / 1000 * m_steps * speed() / kPlaySeconds;
    const bool over = position >= m_lastStep;
    if (over && loops()) {
        m_playedFrom = 0;
        m_clock.start();
    } else if (over) {
        pause();
    }
    emit stepChosen(static_cast<int>(std::min<double>(position, m_lastStep)));
}

bool CanvasTransport::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_scrubber && event->type() == QEvent::KeyPress) {
        // The slider alone would step through steps in which nothing happened.
        const int key = static_cast<QKeyEvent*>(event)->key();
        if (key == Qt::Key_Left || key == Qt::Key_Right) {
            stepToEvent(key == Qt::Key_Left ? -1 : 1);
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace steploom
