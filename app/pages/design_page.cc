// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/design_page.h"

#include "app/pages/catch_up.h"
#include "app/pages/first_hint.h"
#include "app/pages/generate_strip.h"
#include "app/pages/importance_control.h"
#include "app/pages/pool_bar.h"
#include "app/pages/recent_runs.h"
#include "app/pages/settings_panel.h"
#include "app/pages/window_settings.h"
#include "app/widgets/canvas_panel.h"
#include "app/widgets/cost_panel.h"
#include "app/widgets/number_format.h"
#include "app/widgets/schedule_editor.h"
#include "app/widgets/theme.h"
#include "engine/runs/idle_steps.h"
#include "engine/sampling/masked_diffusion.h"
#include "engine/sampling/sequential_sampling.h"
#include "engine/schedule/presets.h"
#include "engine/schedule/reveal_counts.h"

#include <QAction>
#include <QHBoxLayout>
#include <QSettings>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include <algorithm>

namespace steploom {
namespace {

constexpr int kSideWidth = 288; ///< cost, settings and Generate stand in one column
constexpr int kFootHeight = 82;
constexpr int kStripHeight = 16; ///< of the importance of the steps
constexpr int kGap = 10;
constexpr int kCalibrationDelay = 700; ///< ms without a change before the pool is timed
constexpr double kFirstLightShare = 0.25;

QString lineOf(const Error::Parts& parts) {
    QString text = QString::fromStdString(parts.why.empty() ? parts.what : parts.why);
    if (!text.isEmpty())
        text[0] = text[0].toUpper();
    return text;
}

/// In the order of StepUnit.
const QStringList& unitNames() {
    static const QStringList names{"step", "fraction", "masked"};
    return names;
}

/// In the order of TokenColoring.
const QStringList& coloringNames() {
    static const QStringList names{"model", "step", "confidence", "entropy"};
    return names;
}

QHBoxLayout* rowOf(QWidget* wide, QWidget* side) {
    auto* row = new QHBoxLayout;
    row->setSpacing(kGap);
    side->setFixedWidth(kSideWidth);
    row->addWidget(wide, 1);
    row->addWidget(side);
    return row;
}

} // namespace

DesignPage::DesignPage(Session& session, EngineThread& engine, QWidget* parent)
    : QWidget(parent), m_session(session), m_engine(engine) {
    setObjectName("designPage");
    layOut();
    m_calibration.setSingleShot(true);
    m_calibration.setInterval(kCalibrationDelay);
    makeTextCommands();
    joinControls();
    joinEngine();
    joinAnalyses();
    joinImportance();
    m_strip->showIdle({});
    review();
}

void DesignPage::layOut() {
    m_pool = new PoolBar(m_session);
    m_editor = new ScheduleEditor;
    m_editor->setObjectName("scheduleEditor");
    m_editor->setFixedHeight(ScheduleEditor::heightFor(2));
    m_cost = new CostPanel;
    m_cost->setObjectName("costPanel");
    m_canvas = new CanvasPanel;
    m_canvas->setObjectName("canvasPanel");
    m_settings = new SettingsPanel(m_session);
    m_recent = new RecentRuns(&m_session);
    m_recent->setFixedHeight(kFootHeight);
    m_strip = new GenerateStrip;
    m_strip->setFixedHeight(kFootHeight);
    m_message = new InlineMessage;
    m_message->setObjectName("runMessage");
    m_hint = new FirstHint(m_strip->generateAction());

    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(14, 12, 14, 12);
    column->setSpacing(kGap);
    column->addWidget(m_hint);
    column->addWidget(m_pool);
    column->addLayout(rowOf(m_editor, m_cost));
    column->addLayout(rowOf(m_canvas, m_settings), 1);
    column->addWidget(m_message);
    column->addLayout(rowOf(m_recent, m_strip));
}

void DesignPage::makeTextCommands() {
    const auto add = [this](const QString& name, const QString& text, auto does) {
        auto* action = new QAction(text, this);
        action->setObjectName(name);
        connect(action, &QAction::triggered, this, does);
        m_textCommands << action;
    };
    add("playText", tr("Play or pause the text"),
        [this] { m_canvas->isPlaying() ? m_canvas->pause() : m_canvas->play(); });
    add("branchText", tr("Branch from the shown step"), [this] { m_canvas->beginBranch(); });
    m_branch = m_textCommands.back();
    add("showAllSamples", tr("All samples side by side"), [this] { m_canvas->showAllSamples(true); });
    add("showOneSample", tr("One sample at a time"), [this] { m_canvas->showAllSamples(false); });
    for (int i = 0; i < coloringNames().size(); ++i)
        add("coloring:" + coloringNames()[i], tr("Colour the tokens by %1").arg(coloringNames()[i]),
            [this, i] { m_canvas->setColoring(static_cast<TokenColoring>(i)); });
}

void DesignPage::setCalculatorAction(QAction* calculator) { m_cost->setCalculatorAction(calculator); }

void DesignPage::resetView() {
    m_editor->setUnit(StepUnit::Step);
    m_canvas->setColoring(TokenColoring::Model);
    m_settings->resetFolding();
}

void DesignPage::joinControls() {
    connect(m_editor, &ScheduleEditor::scheduleChanged, this, [this](const StepSchedule& schedule) {
        m_drawn = true;
        m_settings->showSteps(schedule.steps());
        showIdleSteps();
        review();
    });
    const auto unit = unitNames().indexOf(QSettings().value(settings::kUnit).toString());
    m_editor->setUnit(static_cast<StepUnit>(std::max<qsizetype>(0, unit)));
    connect(m_editor, &ScheduleEditor::unitChosen, this, [](StepUnit chosen) {
        QSettings().setValue(settings::kUnit, unitNames()[static_cast<int>(chosen)]);
    });
    const auto coloring = coloringNames().indexOf(QSettings().value(settings::kColoring).toString());
    m_canvas->setColoring(static_cast<TokenColoring>(std::max<qsizetype>(0, coloring)));
    connect(m_canvas, &CanvasPanel::coloringChosen, this, [](TokenColoring chosen) {
        QSettings().setValue(settings::kColoring, coloringNames()[static_cast<int>(chosen)]);
    });
    connect(m_editor, &ScheduleEditor::schedulePreviewed, this, &DesignPage::showCost);
    connect(m_settings, &SettingsPanel::stepsEdited, m_editor, &ScheduleEditor::setSteps);
    connect(m_settings, &SettingsPanel::changed, this, [this] {
        if (words().inOrder())
            showIdleSteps();
        review();
    });
    m_editor->setSavingFigure([this](const StepSchedule& schedule) {
        const auto costs = m_session.pool().callCosts(m_settings->length());
        return costOf(schedule,
                      {.members = costs, .length = m_settings->length(), .masked = m_settings->masked()})
            .blocksOnlySaving;
    });

    connect(m_canvas, &CanvasPanel::stepShown, this, [this](int step) {
        m_editor->timeline()->setPlayhead(step);
        m_session.selectStep(step);
    });
    connect(m_canvas, &CanvasPanel::stepMarked, m_editor->timeline(), &TimelineWidget::markStep);
    connect(m_canvas, &CanvasPanel::branchChanged, this, &DesignPage::review);
    connect(m_canvas, &CanvasPanel::branchRequested, this, &DesignPage::generate);
    connect(m_canvas, &CanvasPanel::failed, m_message, &InlineMessage::showError);
    connect(m_canvas, &CanvasPanel::sampleChosen, this, [this](int sample) {
        m_watched = sample;
        m_choseSample = true;
        m_engine.watch(sample);
    });
    connect(m_editor->timeline(), &TimelineWidget::stepPicked, m_canvas, &CanvasPanel::setStep);

    connect(m_strip, &GenerateStrip::generateRequested, this, &DesignPage::generate);
    connect(m_strip, &GenerateStrip::queueRequested, this, [this] {
        if (problem().isEmpty())
            emit queueRequested(wantedRequest());
    });
    connect(m_strip, &GenerateStrip::stopRequested, this, [this] {
        m_stopping = true;
        m_strip->showProgress(-1, tr("Stopping…"));
        m_engine.stop();
    });
    connect(&m_session, &Session::poolChanged, this, &DesignPage::adoptPool);
    connect(&m_calibration, &QTimer::timeout, this, &DesignPage::calibrateNow);
}

void DesignPage::joinEngine() {
    connect(&m_engine, &EngineThread::runBegun, this, &DesignPage::begin);
    connect(&m_engine, &EngineThread::queuedBegun, this, [this] { m_ofQueue = true; });
    connect(&m_engine, &EngineThread::queuedEnded, this, [this] { m_ofQueue = m_unseen = false; });
    connect(&m_engine, &EngineThread::advanced, this, &DesignPage::follow);
    connect(&m_engine, &EngineThread::sampleFinished, this,
            [this](qint64, const RunSample& sample) { keep(sample); });
    connect(&m_engine, &EngineThread::measuring, this, [this](qint64, double share) {
        m_strip->showProgress(share, tr("Measuring with %1").arg(m_session.evaluator().name));
    });
    connect(&m_engine, &EngineThread::samplesScored, this,
            [this](qint64 run, const std::vector<TextScore>& scores) {
                if (run == m_session.selectedRun())
                    m_canvas->setScores(scores);
            });
    connect(&m_engine, &EngineThread::runEnded, this, &DesignPage::end);
    connect(&m_engine, &EngineThread::rerunEnded, this, [this] { m_strip->showIdle({}); });
    connect(&m_engine, &EngineThread::failed, this, &DesignPage::showFailure);
    connect(&m_engine, &EngineThread::calibrated, this,
            [this](int length, const std::vector<CallSeconds>& seconds) {
                m_calibratedLength = length;
                m_calibratedSize = calibrationSize();
                m_callSeconds = seconds;
                showCost(m_editor->schedule());
            });
    connect(&m_engine, &EngineThread::busyChanged, this, [this](bool busy) {
        if (!busy) {
            m_pool->setWaiting(0);
            m_stopping = false;
        }
        review();
    });
}

/// An analysis of the queue is shown where a generation would be, and stopped there too.
void DesignPage::joinAnalyses() {
    connect(&m_engine, &EngineThread::analysisBegun, this, [this] {
        m_stopping = false;
        m_analysing = true;
        m_strip->showProgress(-1, tr("An analysis of the queue begins"));
    });
    connect(&m_engine, &EngineThread::analysisAdvanced, this,
            [this](qint64, double share, const QString& doing) {
                if (!m_stopping) // what follows the colon is for the queue, which has room for it
                    m_strip->showProgress(share, tr("Analysis: %1").arg(doing.section(u':', 0, 0)));
            });
    connect(&m_engine, &EngineThread::queuedEnded, this, [this](qint64, QueuedEnding ending) {
        if (std::exchange(m_analysing, false))
            m_strip->showIdle(ending == QueuedEnding::Done      ? tr("The analysis is finished")
                              : ending == QueuedEnding::Stopped ? tr("The analysis waits in the queue")
                                                                : QString());
    });
}

/// A new pool: lanes, savings and problem follow; the first one also gets a first schedule.
void DesignPage::adoptPool() {
    const PoolFacts& pool = m_session.pool();
    m_calibratedLength = 0;
    {
        // The old schedule in the new pool's letters is nobody's drawing, and its steps are the old pool's.
        const QSignalBlocker quiet(m_editor);
        m_editor->setPool(pool);
    }
    m_cost->setWords(words());
    // Models that write in order have as many steps as the length has chunks.
    if (m_drawn && !pool.members.empty() && m_editor->schedule().steps() != m_settings->steps())
        m_editor->setSchedule(m_editor->schedule().rescaled(m_settings->steps()));
    showIdleSteps();
    if (!m_drawn && !pool.members.empty()) {
        PresetOptions options{.steps = m_settings->steps(), .lightShare = kFirstLightShare};
        options.heavy = pool.members.front().spec.letter;
        if (pool.members.size() > 1)
            options.light = pool.members[1].spec.letter;
        m_editor->setSchedule(
            makePreset(pool.members.size() > 1 ? Preset::Sandwich : Preset::AllHeavy, options));
    }
    review();
}

StepWords DesignPage::words() const { return {m_session.pool().kind(), m_session.pool().chunk()}; }

GenerationRequest DesignPage::request() const {
    GenerationRequest request = m_settings->request();
    request.pool = m_session.pool().specs();
    request.tokenizer = m_session.pool().tokenizerPath;
    request.schedule = m_editor->schedule();
    return request;
}

void DesignPage::setRequest(const GenerationRequest& request) {
    if (!request.schedule.empty()) {
        // What was drawn before comes back with one undo.
        if (m_drawn)
            m_editor->applySchedule(request.schedule, tr("Open a run's schedule"));
        else
            m_editor->setSchedule(request.schedule);
        m_drawn = true;
    }
    m_settings->setRequest(request);
    review();
}

void DesignPage::showRun(const Run& run) {
    m_message->dismiss();
    setRequest(run.summary.request);
    m_canvas->setSamples(run.samples, CanvasRun::of(run.summary.request, m_session.pool(), run.summary.id));
    m_session.selectRun(run.summary.id);
    m_called.assign(static_cast<std::size_t>(run.summary.request.schedule.steps()), false);
    m_calledSamples = static_cast<int>(run.samples.size());
    for (const RunSample& sample : run.samples)
        markCalls(sample.trace, m_called);
    showIdleSteps();
}

void DesignPage::setQueueRuns(bool runs) {
    m_strip->setHint(runs ? tr("Runs as the next one, before what waits in the queue") : QString());
}

void DesignPage::setRuns(const std::vector<RunSummary>& runs) { m_recent->setRuns(runs); }

QList<QAction*> DesignPage::commands() const {
    return QList<QAction*>{m_strip->generateAction(), m_strip->queueAction(), m_strip->stopAction()} +
           m_importance->commands() + m_editor->commands();
}

/// Why Generate cannot run; empty when it can.
QString DesignPage::problem() const {
    if (m_session.pool().members.empty())
        return m_engine.busy() ? tr("Loading the pool…") : tr("Add a checkpoint folder to the pool first");
    if (!m_settings->problem().isEmpty() && !m_canvas->isBranching())
        return m_settings->problem();
    try {
        const GenerationRequest wanted = wantedRequest();
        requireRunnable(wanted);
        if (words().inOrder())
            requireSequential(wanted, m_session.pool().members.front().facts);
        else if (!wanted.branch)
            (void)revealBlocks(m_settings->masked(), wanted.schedule.steps(), wanted.blockLength);
    } catch (const Error& error) {
        return lineOf(error.parts());
    }
    return {};
}

void DesignPage::review() {
    const bool branches = m_canvas->isFinished() && !m_canvas->isBranching();
    m_branch->setEnabled(branches);
    m_branch->setProperty("whyNot", branches ? QString() : tr("no finished sample is shown"));
    m_canvas->setInvitation(
        m_session.pool().members.empty() && !m_engine.busy()
            ? tr("Add a checkpoint folder or a demo pool with + above, or drop a folder here.")
            : QString());
    m_strip->setProblem(problem());
    showCost(m_editor->schedule());
    if (m_calibratedLength != m_settings->length() || m_calibratedSize != calibrationSize())
        m_calibration.start();
}

void DesignPage::joinImportance() {
    m_importance = new ImportanceControl(m_session, m_engine, this);
    m_cost->setMeasureAction(m_importance->measureAction());
    connect(m_importance, &ImportanceControl::changed, this, &DesignPage::showImportance);
    connect(m_importance, &ImportanceControl::advanced, m_strip, &GenerateStrip::showProgress);
    connect(m_importance, &ImportanceControl::ended, m_strip, &GenerateStrip::showIdle);
    showImportance();
}

void DesignPage::showImportance() {
    const ImportanceProfile& profile = m_importance->profile();
    StepImportance shown;
    if (profile.members.size() > 1)
        shown = {profile.importanceOf(profile.members[1].letter), m_importance->measureText()};
    m_editor->setImportance(shown);
    // Lanes keep their height beside the strip.
    const int lanes = std::max(2, static_cast<int>(m_session.pool().members.size()));
    m_editor->setFixedHeight(ScheduleEditor::heightFor(lanes) + (shown.values.empty() ? 0 : kStripHeight));
    showPredictedCost(m_editor->schedule());
}

void DesignPage::showPredictedCost(const StepSchedule& schedule) {
    m_cost->setPredictedCost(m_importance->predictedCost(schedule),
                             m_importance->isMeasuring() ? tr("measuring…") : tr("measure"));
}

void DesignPage::showCost(const StepSchedule& schedule) {
    const PoolFacts& pool = m_session.pool();
    if (pool.members.empty() || schedule.empty())
        return;
    showPredictedCost(schedule);
    GenerationRequest wanted = m_settings->request();
    if (m_canvas->isBranching()) {
        wanted.schedule = schedule;
        wanted = m_canvas->branched(wanted);
    }
    const int length = wanted.length;
    const auto costs =
        pool.callCosts(length, m_calibratedLength == length ? m_callSeconds : std::vector<CallSeconds>());
    const int masked =
        wanted.branch ? length - static_cast<int>(wanted.branch->tokens.size()) : m_settings->masked();
    try {
        m_cost->setCost(costOf(schedule, {.members = costs,
                                          .length = length,
                                          .masked = masked,
                                          .sampler = wanted.sampler,
                                          .blockLength = wanted.blockLength,
                                          .remasking = wanted.remasking,
                                          .firstStep = firstStepOf(wanted),
                                          .written = writtenIn(wanted),
                                          .draws = plannedDraws(wanted, pool.kind())}),
                        m_settings->samples());
        if (words().inOrder())
            showCatchUp(schedule, firstWritingStep(schedule.steps(), masked, pool.chunk()));
    } catch (const Error&) {
        // A letter that is not in the pool, fewer steps than blocks: the strip says so.
    }
}

/// Who reads how much when its turn comes back.
void DesignPage::showCatchUp(const StepSchedule& schedule, int first) {
    const PoolFacts& pool = m_session.pool();
    const StepWords words = this->words();
    QStringList parts, sentences;
    for (const CatchUp& each : catchUpsOf(schedule, first)) {
        const int member = pool.indexOf(each.letter);
        if (member < 0)
            continue;
        parts << QStringLiteral("%1 %2").arg(QLatin1Char(each.letter)).arg(each.steps);
        sentences << tr("%1 catches up on %2 in %3")
                         .arg(
                             QString::fromStdString(pool.members[static_cast<std::size_t>(member)].spec.name),
                             words.counted(each.steps),
                             each.returns == 1 ? tr("1 call") : tr("%1 calls").arg(each.returns));
    }
    QString text = parts.join(QStringLiteral(" · "));
    if (parts.size() == 1)
        text += u' ' + words.many();
    if (sentences.isEmpty())
        sentences << tr("no model sits out and comes back");
    if (first > 0)
        sentences << tr("each reads the %1 that are given once").arg(words.counted(first));
    m_cost->setCatchUp(text, sentences.join(QStringLiteral("; ")) + u'.');
}

/// What decides the number of samples in one call of a run with these settings: the batch asked for, and the
/// most there can be.
std::pair<int, int> DesignPage::calibrationSize() const {
    const int batch = m_settings->batch(), samples = m_settings->samples();
    return {batch, batch == kAutomaticBatch ? samples : std::min(batch, samples)};
}

void DesignPage::calibrateNow() {
    if (m_session.pool().members.empty() || !problem().isEmpty() || m_engine.busy())
        return; // asked for again when the engine is idle or the request is in order
    m_engine.calibrate(request());
}

/// A branch while one is being made, else a run from the beginning.
GenerationRequest DesignPage::wantedRequest() const {
    return m_canvas->isBranching() ? m_canvas->branched(request()) : request();
}

void DesignPage::generate() {
    if (!problem().isEmpty())
        return; // the button of a branch asks too
    m_message->dismiss();
    if (!m_engine.busy())
        m_strip->showProgress(-1, tr("Starting…"));
    m_engine.generate(wantedRequest());
    m_pool->setWaiting(m_wantedSamples > 0 ? m_engine.waiting() : 0);
}

void DesignPage::begin(qint64 run, const GenerationRequest& request, const PlannedWork& work) {
    m_stopping = false;
    m_wantedSamples = request.samples;
    m_batch = work.batch;
    m_formed.clear();
    m_called.assign(static_cast<std::size_t>(request.schedule.steps()), false);
    m_calledSamples = 0;
    showIdleSteps();
    m_watched = 0;
    m_choseSample = false;
    m_pool->setWaiting(m_engine.waiting());
    // The queue comes to its next item by itself: it must not take a branch away that is being made.
    m_unseen = m_ofQueue && m_canvas->isBranching();
    if (m_unseen)
        return;
    m_session.selectRun(run);
    m_canvas->beginLive(CanvasRun::of(request, m_session.pool(), run));
    m_engine.watch(0);
}

/// When the watched sample is done and nobody chose it, the eye moves on to the one that took its place in
/// the batch.
void DesignPage::keep(const RunSample& sample) {
    if (m_unseen)
        return;
    m_canvas->addSample(sample);
    m_formed.insert(sample.trace.index);
    markCalls(sample.trace, m_called);
    ++m_calledSamples;
    showIdleSteps();
    if (m_choseSample || sample.trace.index != m_watched ||
        static_cast<int>(m_formed.size()) >= m_wantedSamples)
        return;
    int next = m_watched + m_batch;
    if (next >= m_wantedSamples || m_formed.contains(next))
        for (next = 0; m_formed.contains(next);)
            ++next;
    m_watched = next;
    m_engine.watch(next);
}

/// Which steps of the last run made no call, while the schedule has as many steps as that run had.
void DesignPage::showIdleSteps() {
    std::vector<bool> idle;
    if (words().inOrder()) { // known before anything runs: the chunks of the prompt
        const int steps = m_editor->schedule().steps();
        idle.assign(static_cast<std::size_t>(steps), false);
        std::fill_n(idle.begin(),
                    std::clamp(firstWritingStep(steps, m_settings->masked(), words().chunk), 0, steps), true);
        if (!idle.empty() && !idle.front())
            idle.clear();
    } else if (m_calledSamples > 0 && static_cast<int>(m_called.size()) == m_editor->schedule().steps()) {
        idle = m_called;
        idle.flip();
    }
    m_editor->timeline()->setIdleSteps(idle);
}

void DesignPage::follow(const LiveState& state) {
    if (m_canvas->isLive())
        m_canvas->setLive(state);
    if (m_stopping)
        return;
    const int samples = m_canvas->isLive() || m_unseen ? m_wantedSamples : 0;
    QString text = samples > 0 ? tr("%1 of %2 samples").arg(state.samplesFinished).arg(samples)
                               : tr("Making run %1 again").arg(state.run);
    if (state.secondsLeft > 0)
        text += (state.figures == Figures::AtMost ? tr(" · at most %1 left") : tr(" · %1 left"))
                    .arg(formatDuration(state.secondsLeft));
    const double share = state.secondsLeft > 0 ? state.seconds / (state.seconds + state.secondsLeft)
                                               : state.callsDone > 0 && state.callsDone == state.callsTotal;
    m_strip->showProgress(share, text);
}

void DesignPage::end(const RunSummary& summary) {
    if (!m_unseen)
        m_canvas->endLive();
    m_wantedSamples = 0;
    m_pool->setWaiting(m_engine.waiting());
    if (summary.id == 0) { // dropped in the line: what the last run came to stays
        m_strip->showIdle(m_lastEnding);
        return;
    }
    if (summary.finishedSamples > 0)
        m_hint->finish();
    QString text =
        summary.state == RunState::Stopped
            ? tr("Stopped: %1 of %2 samples kept").arg(summary.finishedSamples).arg(summary.request.samples)
            : tr("%1 samples in %2").arg(summary.finishedSamples).arg(formatDuration(summary.seconds));
    if (const Measure* perplexity = summary.measure("generative_perplexity"))
        text += tr(" · ppl %1").arg(formatEstimate(perplexity->estimate));
    m_lastEnding = text;
    m_strip->showIdle(text);
}

void DesignPage::showFailure(const Error::Parts& error, EngineJob job) {
    switch (job) {
    case EngineJob::LoadPool:
        m_pool->showRefusal(error);
        break;
    case EngineJob::LoadEvaluator:
        m_pool->message().showError(error);
        break;
    case EngineJob::Queue: // the queue says why, beside the item
        m_canvas->endLive();
        m_wantedSamples = 0;
        m_strip->showIdle(tr("An item of the queue failed: see there"));
        break;
    case EngineJob::Importance:
    case EngineJob::Judge:
        m_message->showError(error);
        m_strip->showIdle({});
        break;
    case EngineJob::Generate:
    case EngineJob::Rerun:
        m_canvas->endLive();
        m_wantedSamples = 0;
        m_message->showError(error);
        m_strip->showIdle({});
        break;
    }
    review();
}

} // namespace steploom
