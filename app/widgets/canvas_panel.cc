// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/canvas_panel.h"

#include "app/widgets/canvas_legend.h"
#include "app/widgets/theme.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QSignalBlocker>
#include <QSlider>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace steploom {
namespace {

constexpr double kPlaySeconds = 4; ///< for all steps, however many
constexpr int kFrame = 33;         ///< ms

} // namespace

CanvasRun CanvasRun::of(const GenerationRequest& request, const PoolFacts& pool) {
    CanvasRun run;
    for (const PoolMemberSpec& member : request.pool)
        run.members.push_back({member.letter, QString::fromStdString(member.name)});
    run.tokenizer = pool.tokenizer;
    run.maskToken = pool.maskToken;
    run.schedule = request.schedule;
    run.seed = request.seed;
    run.samples = request.samples;
    return run;
}

CanvasPanel::CanvasPanel(QWidget* parent) : Card(parent) {
    setObjectName(QStringLiteral("canvasPanel"));
    setAccessibleName(tr("Generated text, step by step"));
    const auto named = [](auto* widget, const char* name) {
        widget->setObjectName(QLatin1String(name));
        return widget;
    };
    m_title = named(makeLabel({}, "title"), "canvasTitle");
    m_seed = named(makeLabel({}, "dim"), "canvasSeed");
    m_previous = named(new FlatButton(Glyph::Previous, tr("Previous sample")), "previousSample");
    m_next = named(new FlatButton(Glyph::Next, tr("Next sample")), "nextSample");
    m_legend = new CanvasLegend;
    m_coloring = named(new QComboBox, "canvasColoring");
    m_coloring->setAccessibleName(tr("Colour of the tokens"));
    m_coloring->addItems(
        {tr("colour: model"), tr("colour: step"), tr("colour: confidence"), tr("colour: entropy")});

    auto* header = new QHBoxLayout;
    header->setSpacing(Theme::kGrid / 2);
    header->addWidget(m_title);
    header->addSpacing(Theme::kGrid / 2);
    header->addWidget(m_seed);
    header->addWidget(m_previous);
    header->addWidget(m_next);
    header->addStretch();
    header->addWidget(m_legend);
    header->addWidget(m_coloring);

    auto* empty =
        named(makeLabel(tr("Press Ctrl+Return to generate. The text forms here, step by step."), "dim"),
              "canvasEmptyText");
    empty->setAlignment(Qt::AlignCenter);
    empty->setWordWrap(true);
    m_canvas = new TokenCanvas;
    m_stack = new QStackedWidget;
    m_stack->addWidget(empty);
    m_stack->addWidget(m_canvas);

    m_first = named(new FlatButton(Glyph::First, tr("First step")), "firstStep");
    m_playPause = named(new FlatButton(Glyph::Play, tr("Play")), "playPause");
    m_last = named(new FlatButton(Glyph::Last, tr("Last step")), "lastStep");
    m_scrubber = named(new QSlider(Qt::Horizontal), "stepScrubber");
    m_scrubber->setAccessibleName(tr("Step"));
    m_stepText = named(makeLabel({}, "dim"), "stepText");
    m_stepText->setAlignment(Qt::AlignRight | Qt::AlignVCenter);

    m_transport = named(new QWidget, "transport");
    auto* transport = new QHBoxLayout(m_transport);
    transport->setContentsMargins(0, 0, 0, 0);
    transport->setSpacing(Theme::kGrid / 2);
    for (QWidget* widget : std::initializer_list<QWidget*>{m_first, m_playPause, m_last})
        transport->addWidget(widget);
    transport->addWidget(m_scrubber, 1);
    transport->addSpacing(Theme::kGrid);
    transport->addWidget(m_stepText);

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(2 * Theme::kGrid, Theme::kGrid, 2 * Theme::kGrid, Theme::kGrid);
    layout->setSpacing(Theme::kGrid);
    layout->addLayout(header);
    layout->addWidget(m_stack, 1);
    layout->addWidget(makeHairline());
    layout->addWidget(m_transport);

    connect(m_previous, &QToolButton::clicked, this, [this] { chooseNeighbour(-1); });
    connect(m_next, &QToolButton::clicked, this, [this] { chooseNeighbour(1); });
    connect(m_coloring, &QComboBox::currentIndexChanged, this, [this](int index) {
        m_canvas->setColoring(static_cast<TokenColoring>(index));
        refreshLegend();
    });
    connect(m_first, &QToolButton::clicked, this, [this] { setStep(0); });
    connect(m_last, &QToolButton::clicked, this, [this] { setStep(m_run.schedule.steps()); });
    connect(m_playPause, &QToolButton::clicked, this, [this] { isPlaying() ? pause() : play(); });
    connect(m_scrubber, &QSlider::valueChanged, this, &CanvasPanel::setStep);
    // A clicked token shows where its step lies; the text stays as it is.
    connect(m_canvas, &TokenCanvas::stepPicked, this, &CanvasPanel::stepShown);
    m_scrubber->installEventFilter(this);
    m_timer.setInterval(kFrame);
    connect(&m_timer, &QTimer::timeout, this, &CanvasPanel::advancePlaying);
    clear();
}

void CanvasPanel::clear() {
    pause();
    m_run = {};
    m_samples.clear();
    m_state = {};
    m_events.clear();
    m_live = m_chosen = false;
    m_sample = m_step = -1;
    m_canvas->clear();
    m_stack->setCurrentIndex(0);
    refreshHeader();
    refreshStepText();
    refreshLegend();
}

void CanvasPanel::setSamples(const std::vector<RunSample>& samples, const CanvasRun& run) {
    clear();
    m_run = run;
    for (const RunSample& sample : samples)
        m_samples.insert_or_assign(sample.trace.index, sample);
    m_canvas->setTokenizer(run.tokenizer);
    m_canvas->setMembers(run.members);
    if (!m_samples.empty())
        showSample(m_samples.begin()->first);
    refreshLegend();
}

void CanvasPanel::beginLive(const CanvasRun& run) {
    clear();
    m_run = run;
    m_live = true;
    m_canvas->setTokenizer(run.tokenizer);
    m_canvas->setMembers(run.members);
    refreshHeader();
    refreshStepText();
    refreshLegend();
}

void CanvasPanel::setLive(const LiveState& state) {
    m_state = state;
    const int index = state.watched.index;
    if (!m_live || state.watched.tokens.empty() || (m_chosen && index != m_sample) ||
        m_samples.contains(index))
        return;
    pause();
    m_sample = index;
    m_step = state.lastStep;
    m_canvas->setStep(TokenCanvas::kLastStep);
    showTrace(state.watched);
    emit stepShown(m_step);
}

void CanvasPanel::addSample(const RunSample& sample) {
    m_samples.insert_or_assign(sample.trace.index, sample);
    if (sample.trace.index == m_sample || m_sample < 0)
        showSample(sample.trace.index);
}

void CanvasPanel::endLive() {
    m_live = m_chosen = false;
    if (!scrubbable() && !m_samples.empty())
        showSample(m_samples.begin()->first);
    refreshHeader();
    refreshStepText();
}

void CanvasPanel::showSample(int index) {
    pause();
    if (index != m_sample)
        m_canvas->markStep(-1);
    m_sample = index;
    if (const auto found = m_samples.find(index); found != m_samples.end()) {
        showTrace(found->second.trace);
        showStep(m_run.schedule.steps());
    } else if (m_live && m_state.watched.index == index && !m_state.watched.tokens.empty()) {
        m_step = m_state.lastStep;
        m_canvas->setStep(TokenCanvas::kLastStep);
        showTrace(m_state.watched);
    } else {
        refreshHeader();
        refreshStepText();
    }
}

void CanvasPanel::showTrace(const SampleTrace& trace) {
    m_events.clear();
    for (std::size_t i = 0; i < trace.revealStep.size(); ++i)
        if (trace.revealStep[i] >= 0 && trace.tokens[i] != m_run.maskToken)
            m_events.push_back(trace.revealStep[i]);
    for (const RemaskedToken& remasked : trace.remasked)
        m_events.insert(m_events.end(), {remasked.revealStep, remasked.remaskStep});
    std::sort(m_events.begin(), m_events.end());
    m_events.erase(std::unique(m_events.begin(), m_events.end()), m_events.end());
    m_canvas->setSample(trace, m_run.maskToken, m_run.schedule.steps());
    m_stack->setCurrentIndex(1);
    refreshHeader();
    refreshStepText();
    if (m_canvas->coloring() == TokenColoring::Entropy)
        refreshLegend();
}

void CanvasPanel::chooseNeighbour(int direction) {
    int index = m_sample + direction;
    if (!m_live) { // only what was finished, gaps skipped
        const auto here = m_samples.find(m_sample);
        if (here == m_samples.end() || (direction < 0 && here == m_samples.begin()))
            return;
        const auto next = direction > 0 ? std::next(here) : std::prev(here);
        if (next == m_samples.end())
            return;
        index = next->first;
    } else if (index < 0 || index >= m_run.samples) {
        return;
    }
    m_chosen = true;
    const int step = m_step;
    const bool keepStep = scrubbable() && m_samples.contains(index);
    showSample(index);
    if (keepStep)
        showStep(step); // samples of one run compare at one step
    emit sampleChosen(index);
}

void CanvasPanel::setStep(int step) {
    pause();
    showStep(step);
}

void CanvasPanel::showStep(int step) {
    if (!scrubbable())
        return;
    step = std::clamp(step, 0, m_run.schedule.steps());
    const bool changed = step != m_step;
    m_step = step;
    m_canvas->setStep(step);
    refreshStepText();
    if (changed)
        emit stepShown(step);
}

void CanvasPanel::setColoring(TokenColoring coloring) {
    m_coloring->setCurrentIndex(static_cast<int>(coloring));
}

void CanvasPanel::stepToEvent(int direction) {
    if (!scrubbable() || m_events.empty())
        return;
    if (direction > 0) {
        const auto next = std::upper_bound(m_events.begin(), m_events.end(), m_step);
        setStep(next == m_events.end() ? m_run.schedule.steps() : *next);
    } else {
        const auto here = std::lower_bound(m_events.begin(), m_events.end(), m_step);
        setStep(here == m_events.begin() ? 0 : *std::prev(here));
    }
}

void CanvasPanel::play() {
    if (!scrubbable())
        return;
    m_playedFrom = m_step >= m_run.schedule.steps() ? 0 : m_step;
    m_clock.start();
    m_timer.start();
    m_playPause->setIcon(glyphIcon(Glyph::Pause));
    m_playPause->setToolTip(tr("Pause"));
    m_playPause->setAccessibleName(tr("Pause"));
    showStep(static_cast<int>(m_playedFrom));
}

void CanvasPanel::pause() {
    m_timer.stop();
    m_playPause->setIcon(glyphIcon(Glyph::Play));
    m_playPause->setToolTip(tr("Play"));
    m_playPause->setAccessibleName(tr("Play"));
}

void CanvasPanel::advancePlaying() {
    const int steps = m_run.schedule.steps();
    const double position =
        m_playedFrom + static_cast<double>(m_clock.elapsed()) / 1000 * steps / kPlaySeconds;
    showStep(static_cast<int>(std::min<double>(position, steps)));
    if (position >= steps)
        pause();
}

void CanvasPanel::refreshHeader() {
    const bool any = m_sample >= 0;
    m_title->setText(any ? tr("Sample %1 of %2").arg(m_sample + 1).arg(std::max(m_run.samples, m_sample + 1))
                     : m_live ? tr("Starting…")
                              : tr("Samples"));
    m_seed->setText(any || m_live ? tr("seed %1").arg(m_run.seed) : QString());
    const int last = m_live ? m_run.samples - 1 : m_samples.empty() ? -1 : m_samples.rbegin()->first;
    const int first = m_live || m_samples.empty() ? 0 : m_samples.begin()->first;
    m_previous->setVisible(any);
    m_next->setVisible(any);
    m_previous->setEnabled(any && m_sample > first);
    m_next->setEnabled(any && m_sample < last);
    m_transport->setEnabled(scrubbable());
    m_legend->setVisible(any || m_live);
    m_coloring->setEnabled(any || m_live);
}

void CanvasPanel::refreshStepText() {
    const int steps = m_run.schedule.steps();
    {
        const QSignalBlocker quiet(m_scrubber);
        m_scrubber->setRange(0, std::max(0, steps));
        m_scrubber->setPageStep(std::max(1, steps / 16));
        m_scrubber->setValue(std::max(0, m_step));
    }
    if (m_sample < 0) {
        m_stepText->setText(m_live ? tr("waiting for the first step") : QString());
        return;
    }
    const SampleTrace& trace = m_canvas->sample();
    if (trace.index != m_sample || trace.tokens.empty()) {
        m_stepText->setText(tr("waiting for this sample"));
        return;
    }
    int revealed = 0, member = -1;
    for (std::size_t i = 0; i < trace.revealStep.size(); ++i)
        if (trace.revealStep[i] == m_step && m_step >= 0 && trace.tokens[i] != m_run.maskToken) {
            ++revealed;
            member = trace.member[i];
        }
    int remasked = 0;
    for (const RemaskedToken& token : trace.remasked) {
        remasked += token.remaskStep == m_step;
        if (token.revealStep == m_step) {
            ++revealed;
            member = token.member;
        }
    }
    QString letter;
    if (member >= 0 && member < static_cast<int>(m_run.members.size()))
        letter = QLatin1Char(m_run.members[static_cast<std::size_t>(member)].letter);
    else if (m_step >= 0 && m_step < steps)
        letter = QLatin1Char(m_run.schedule.at(m_step));
    QStringList parts{m_step >= steps ? tr("closing call")
                      : m_step < 0    ? tr("before step 0")
                                      : tr("step %1").arg(m_step)};
    if (!letter.isEmpty())
        parts += letter;
    parts << (revealed > 0 ? tr("%1 revealed").arg(revealed) : tr("no call"));
    if (remasked > 0)
        parts << tr("%1 remasked").arg(remasked);
    if (m_step >= steps && revealed == 0)
        parts = QStringList{tr("end")}; // nothing was left for a closing call
    parts << tr("%1 masked").arg(m_canvas->maskedCount());
    m_stepText->setText(parts.join(QStringLiteral(" · ")));
    m_scrubber->setToolTip(m_stepText->text());
}

void CanvasPanel::refreshLegend() {
    m_legend->describe(m_canvas->coloring(), m_run.members, m_canvas->scaleEnd());
}

bool CanvasPanel::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_scrubber && event->type() == QEvent::KeyPress) {
        // The slider alone would step through steps in which nothing happened.
        const int key = static_cast<QKeyEvent*>(event)->key();
        if (key == Qt::Key_Left || key == Qt::Key_Right) {
            stepToEvent(key == Qt::Key_Left ? -1 : 1);
            return true;
        }
    }
    return Card::eventFilter(watched, event);
}

void CanvasPanel::keyPressEvent(QKeyEvent* event) {
    switch (event->key()) {
    case Qt::Key_Left:
        stepToEvent(-1);
        return;
    case Qt::Key_Right:
        stepToEvent(1);
        return;
    case Qt::Key_Home:
        setStep(0);
        return;
    case Qt::Key_End:
        setStep(m_run.schedule.steps());
        return;
    case Qt::Key_Space:
        isPlaying() ? pause() : play();
        return;
    default:
        Card::keyPressEvent(event);
    }
}

void CanvasPanel::hideEvent(QHideEvent* event) {
    pause();
    Card::hideEvent(event);
}

} // namespace steploom
