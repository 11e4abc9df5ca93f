// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/bridge/engine_thread.h"
#include "app/widgets/controls.h"
#include "app/widgets/token_canvas.h"

#include <QElapsedTimer>
#include <QTimer>

#include <map>

class QComboBox;
class QSlider;
class QStackedWidget;

namespace steploom {

class CanvasLegend;

/// What the canvas must know of a run beside its samples.
struct CanvasRun {
    std::vector<CanvasMember> members; ///< in pool order
    std::shared_ptr<const Tokenizer> tokenizer;
    std::int32_t maskToken = 0;
    StepSchedule schedule;
    std::uint64_t seed = 1;
    int samples = 0; ///< asked for

    /// Of a request that runs (or ran) on this pool.
    static CanvasRun of(const GenerationRequest& request, const PoolFacts& pool);
};

/// The card of the text: which sample, what the colours mean, the text, and the transport that scrubs and
/// plays its steps. Shows a stored run, or a running one sample by sample; finished samples of a running one
/// can be scrubbed already.
class CanvasPanel : public Card {
    Q_OBJECT
public:
    explicit CanvasPanel(QWidget* parent = nullptr);

    /// A stored run, at its end. Samples by index, gaps allowed (a run that was cut off).
    void setSamples(const std::vector<RunSample>& samples, const CanvasRun& run);
    /// A run that has begun; setLive and addSample follow until endLive.
    void beginLive(const CanvasRun& run);
    void setLive(const LiveState& state);
    void addSample(const RunSample& sample);
    void endLive();
    void clear();

    bool isLive() const noexcept { return m_live; }
    int sample() const noexcept { return m_sample; } ///< index shown, −1: none
    int step() const noexcept { return m_step; }     ///< shown; −1 before the first
    /// Scrubs, 0…T (T: the closing call). Stops playing. In a sample that still forms it does nothing.
    void setStep(int step);
    void setColoring(TokenColoring coloring);
    void play();
    void pause();
    bool isPlaying() const { return m_timer.isActive(); }
    TokenCanvas* canvas() const noexcept { return m_canvas; }

public slots:
    void showSample(int index);

signals:
    /// The text of this step is shown, or a token of this step was clicked: where the timeline's playhead
    /// belongs.
    void stepShown(int step);
    /// Somebody chose another sample; while live it is the one to watch.
    void sampleChosen(int index);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    bool scrubbable() const { return m_samples.contains(m_sample); }
    void chooseNeighbour(int direction);
    void showTrace(const SampleTrace& trace);
    void showStep(int step);
    void stepToEvent(int direction);
    void advancePlaying();
    void refreshHeader();
    void refreshStepText();
    void refreshLegend();

    CanvasRun m_run;
    std::map<int, RunSample> m_samples; ///< finished ones, by index
    LiveState m_state;
    std::vector<int> m_events; ///< steps that changed the shown sample, ascending
    bool m_live = false;
    bool m_chosen = false; ///< by hand: live states of other samples are ignored
    int m_sample = -1;
    int m_step = -1;
    QTimer m_timer;
    QElapsedTimer m_clock;
    double m_playedFrom = 0; ///< step at which the clock started

    QLabel* m_title = nullptr;
    QLabel* m_seed = nullptr;
    FlatButton* m_previous = nullptr;
    FlatButton* m_next = nullptr;
    CanvasLegend* m_legend = nullptr;
    QComboBox* m_coloring = nullptr;
    QStackedWidget* m_stack = nullptr;
    TokenCanvas* m_canvas = nullptr;
    QWidget* m_transport = nullptr;
    FlatButton* m_first = nullptr;
    FlatButton* m_playPause = nullptr;
    FlatButton* m_last = nullptr;
    QSlider* m_scrubber = nullptr;
    QLabel* m_stepText = nullptr;
};

} // namespace steploom
