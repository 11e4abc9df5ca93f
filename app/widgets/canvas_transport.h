// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/widgets/controls.h"

#include <QElapsedTimer>
#include <QTimer>

class QComboBox;
class QSlider;

namespace steploom {

/// Scrubs and plays the steps of a sample: first, play, last, the scrubber, speed, loop, and what the step
/// did. It knows numbers only; whoever shows the text answers stepChosen with setStep.
class CanvasTransport : public QWidget {
    Q_OBJECT
public:
    /// `owner` begins the names of its parts where there is more than one: "compareStepScrubber".
    explicit CanvasTransport(const QString& owner = {}, QWidget* parent = nullptr);

    /// T, and the last step there is so far (T once the sample is finished).
    void setRange(int steps, int lastStep);
    /// Shows it without telling.
    void setStep(int step);
    void setText(const QString& text);
    QString text() const;
    /// Steps in which something happened, ascending: where the arrow keys stop.
    void setEvents(std::vector<int> events) { m_events = std::move(events); }
    void stepToEvent(int direction);

    void play();
    void pause();
    bool isPlaying() const { return m_timer.isActive(); }
    /// Times the usual pace, at which all steps take four seconds.
    double speed() const;
    bool loops() const { return m_loop->isChecked(); }

signals:
    void stepChosen(int step);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void advance();

    FlatButton* m_first = nullptr;
    FlatButton* m_playPause = nullptr;
    FlatButton* m_last = nullptr;
    FlatButton* m_loop = nullptr;
    QSlider* m_scrubber = nullptr;
    QComboBox* m_speed = nullptr;
    QLabel* m_text = nullptr;
    std::vector<int> m_events;
    int m_steps = 0;
    int m_lastStep = 0;
    int m_step = -1;
    QTimer m_timer;
    QElapsedTimer m_clock;
    double m_playedFrom = 0; ///< step at which the clock started
};

} // namespace steploom
