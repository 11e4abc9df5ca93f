// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/canvas_panel.h"

#include "app/widgets/branch_bar.h"
#include "app/widgets/canvas_legend.h"
#include "app/widgets/canvas_transport.h"
#include "app/widgets/sample_grid.h"
#include "app/widgets/theme.h"
#include "app/widgets/trace_events.h"

#include <QComboBox>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QStackedWidget>
#include <QStandardItemModel>
#include <QVBoxLayout>

#include <algorithm>

namespace steploom {
namespace {

enum Page { Empty, Text, All };

template <class Widget>
Widget* named(Widget* widget, const char* name) {
    widget->setObjectName(QLatin1String(name));
    return widget;
}

} // namespace

CanvasRun CanvasRun::of(const GenerationRequest& request, const PoolFacts& pool, qint64 id) {
    CanvasRun run;
    for (const PoolMemberSpec& member : request.pool)
        run.members.push_back({member.letter, QString::fromStdString(member.name)});
    run.tokenizer = pool.tokenizer;
    run.maskToken = pool.maskToken;
    run.words = {pool.kind(), pool.chunk()};
    run.schedule = request.schedule;
    run.seed = request.seed;
    run.samples = request.samples;
    run.id = id;
    run.request = request;
    return run;
}

CanvasPanel::CanvasPanel(QWidget* parent)
    : Card(parent), m_chooseFile([this](const QString& suggested, const QString& filter) {
          return QFileDialog::getSaveFileName(this, tr("Export"), suggested, filter);
      }) {
    setObjectName(QStringLiteral("canvasPanel"));
    setAccessibleName(tr("Generated text, step by step"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(2 * Theme::kGrid, Theme::kGrid, 2 * Theme::kGrid, Theme::kGrid);
    layout->setSpacing(Theme::kGrid);
    makeHeader();
    m_bar = new BranchBar;
    m_bar->hide();
    layout->addWidget(m_bar);

    m_invitation = named(makeLabel({}, "dim"), "canvasEmptyText");
    m_invitation->setAlignment(Qt::AlignCenter);
    m_invitation->setWordWrap(true);
    setInvitation({});
    m_canvas = new TokenCanvas;
    m_grid = new SampleGrid;
    m_stack = new QStackedWidget;
    m_stack->addWidget(m_invitation);
    m_stack->addWidget(m_canvas);
    m_stack->addWidget(m_grid);
    layout->addWidget(m_stack, 1);
    layout->addWidget(makeHairline());
    m_transport = new CanvasTransport;
    layout->addWidget(m_transport);

    connect(m_transport, &CanvasTransport::stepChosen, this, &CanvasPanel::showStep);
    connect(m_canvas, &TokenCanvas::markChanged, this, &CanvasPanel::stepMarked);
    connect(m_canvas, &TokenCanvas::selectionChanged, this, [this] {
        if (isBranching())
            refreshBranch();
    });
    connect(m_grid, &SampleGrid::sampleChosen, this, &CanvasPanel::choose);
    connect(m_grid, &SampleGrid::sampleOpened, this, [this](int index) {
        choose(index);
        showAllSamples(false);
    });
    connect(m_bar, &BranchBar::textEntered, this, &CanvasPanel::writeText);
    connect(m_bar, &BranchBar::textEdited, this, &CanvasPanel::tellText);
    connect(m_bar, &BranchBar::remaskRequested, this, [this] {
        changeDraft([this](BranchPoint& branch) {
            for (int at = m_canvas->selection().first; at <= m_canvas->selection().last; ++at)
                maskToken(branch, at);
        });
    });
    connect(m_bar, &BranchBar::fixRequested, this, [this] {
        changeDraft([this](BranchPoint& branch) {
            for (int at = m_canvas->selection().first; at <= m_canvas->selection().last; ++at)
                fixToken(branch, at);
        });
    });
    connect(m_bar, &BranchBar::undoRequested, this, [this] {
        if (m_drafts.size() > 1)
            m_drafts.pop_back();
        showDraft();
    });
    connect(m_bar, &BranchBar::cancelled, this, &CanvasPanel::endBranch);
    connect(m_bar, &BranchBar::generateRequested, this, &CanvasPanel::branchRequested);
    clear();
}

void CanvasPanel::makeHeader() {
    m_title = named(makeLabel({}, "title"), "canvasTitle");
    m_seed = named(makeLabel({}, "dim"), "canvasSeed");
    m_previous = named(new FlatButton(Glyph::Previous, tr("Previous sample")), "previousSample");
    m_next = named(new FlatButton(Glyph::Next, tr("Next sample")), "nextSample");
    m_all = named(new FlatButton(Glyph::Grid, tr("All samples side by side")), "allSamples");
    m_all->setCheckable(true);
    m_branch = named(new PillButton(tr("Branch")), "branchButton");
    m_branch->setIcon(glyphIcon(Glyph::Branch));
    m_branch->setToolTip(tr("Change the text as it stood after this step, and go on from there"));
    m_legend = new CanvasLegend;
    m_coloring = named(new QComboBox, "canvasColoring");
    m_coloring->setAccessibleName(tr("Colour of the tokens"));
    m_coloring->addItems(
        {tr("colour: model"), tr("colour: step"), tr("colour: confidence"), tr("colour: entropy")});
    m_order = named(new QComboBox, "sampleOrder");
    m_order->setAccessibleName(tr("Order of the samples"));
    m_order->addItems({tr("sort: sample"), tr("sort: perplexity")});
    m_export = named(new FlatButton(Glyph::Export, tr("Copy or save what is seen")), "exportButton");
    makeExportMenu();

    auto* header = new QHBoxLayout;
    header->setSpacing(Theme::kGrid / 2);
    header->addWidget(m_title);
    header->addSpacing(Theme::kGrid / 2);
    header->addWidget(m_seed);
    header->addWidget(m_previous);
    header->addWidget(m_next);
    header->addSpacing(Theme::kGrid / 2);
    header->addWidget(m_all);
    header->addStretch();
    header->addWidget(m_legend);
    header->addWidget(m_coloring);
    header->addWidget(m_order);
    header->addWidget(m_branch);
    header->addWidget(m_export);
    static_cast<QVBoxLayout*>(layout())->addLayout(header);

    connect(m_previous, &QToolButton::clicked, this, [this] { chooseNeighbour(-1); });
    connect(m_next, &QToolButton::clicked, this, [this] { chooseNeighbour(1); });
    connect(m_all, &QToolButton::toggled, this, &CanvasPanel::showAllSamples);
    connect(m_branch, &QToolButton::clicked, this, &CanvasPanel::beginBranch);
    connect(m_coloring, &QComboBox::currentIndexChanged, this, [this](int index) {
        m_canvas->setColoring(static_cast<TokenColoring>(index));
        refreshLegend();
        emit coloringChosen(static_cast<TokenColoring>(index));
    });
    connect(m_order, &QComboBox::currentIndexChanged, this, [this](int index) {
        m_grid->samples().setOrder(static_cast<SampleListModel::Order>(index));
        m_grid->showSample(m_sample);
    });
}

void CanvasPanel::clear() {
    pause();
    endBranch();
    m_run = {};
    m_samples.clear();
    m_state = {};
    m_live = m_chosen = m_forming = false;
    m_following = true;
    m_sample = m_step = -1;
    m_transport->setEvents({});
    m_canvas->clear();
    m_grid->samples().setSamples({});
    m_stack->setCurrentIndex(m_all->isChecked() ? All : Empty);
    refreshHeader();
    refreshStepText();
    refreshLegend();
}

/// What the run's steps are called, and which colours say something of it: CALM's draws have no entropy.
void CanvasPanel::showWords() {
    const StepWords& words = m_run.words;
    m_canvas->setWords(words);
    const int entropy = static_cast<int>(TokenColoring::Entropy),
              step = static_cast<int>(TokenColoring::Step);
    const bool hasEntropy = words.kind != GenerationKind::Calm;
    m_coloring->setItemText(step, tr("colour: %1").arg(words.one()));
    auto* items = static_cast<QStandardItemModel*>(m_coloring->model());
    items->item(entropy)->setEnabled(hasEntropy);
    items->item(entropy)->setToolTip(
        hasEntropy ? QString()
                   : tr("CALM says nothing of the chunks that it did not draw: it has no entropy"));
    if (!hasEntropy && m_coloring->currentIndex() == entropy)
        m_coloring->setCurrentIndex(static_cast<int>(TokenColoring::Model));
}

void CanvasPanel::setSamples(const std::vector<RunSample>& samples, const CanvasRun& run) {
    clear();
    m_run = run;
    for (const RunSample& sample : samples)
        m_samples.insert_or_assign(sample.trace.index, sample);
    m_canvas->setTokenizer(run.tokenizer);
    m_canvas->setMembers(run.members);
    showWords();
    m_grid->samples().setSamples(m_samples);
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
    showWords();
    refreshHeader();
    refreshStepText();
    refreshLegend();
}

void CanvasPanel::setLive(const LiveState& state) {
    m_state = state;
    const int index = state.watched.index;
    if (!m_live || isBranching() || state.watched.tokens.empty() || (m_chosen && index != m_sample) ||
        m_samples.contains(index))
        return;
    if (index != m_sample || !m_forming)
        m_following = true;
    m_sample = index;
    m_forming = true;
    if (m_following) {
        m_step = state.lastStep;
        m_canvas->setStep(TokenCanvas::kLastStep);
    }
    showTrace(state.watched);
    if (m_following)
        emit stepShown(m_step);
}

void CanvasPanel::addSample(const RunSample& sample) {
    m_samples.insert_or_assign(sample.trace.index, sample);
    m_grid->samples().add(sample);
    if (isBranching() || (sample.trace.index != m_sample && m_sample >= 0))
        return;
    const bool looksBack = m_forming && !m_following;
    const int step = m_step;
    if (looksBack) { // whoever scrubbed back in what had formed stays there
        m_forming = false;
        showTrace(sample.trace);
        showStep(step);
    } else {
        showSample(sample.trace.index);
    }
}

void CanvasPanel::setScores(const std::vector<TextScore>& scores) {
    if (scores.size() != m_samples.size())
        return;
    auto score = scores.begin();
    for (auto& [index, sample] : m_samples)
        sample.score = *score++;
    m_grid->samples().setSamples(m_samples);
    m_grid->showSample(m_sample);
}

void CanvasPanel::endLive() {
    m_live = m_chosen = m_forming = false;
    if (!isFinished() && !m_samples.empty() && !isBranching())
        showSample(m_samples.begin()->first);
    refreshHeader();
    refreshStepText();
}

void CanvasPanel::showAllSamples(bool all) {
    if (all)
        endBranch();
    m_all->setChecked(all);
    m_stack->setCurrentIndex(all ? All : m_canvas->sample().tokens.empty() ? Empty : Text);
    if (all) {
        m_grid->showSample(m_sample);
        m_grid->setFocus();
    }
    refreshHeader();
}

void CanvasPanel::showSample(int index) {
    pause();
    endBranch();
    if (index != m_sample)
        m_canvas->markStep(-1);
    m_sample = index;
    m_forming = false;
    m_grid->showSample(index);
    if (const auto found = m_samples.find(index); found != m_samples.end()) {
        showTrace(found->second.trace);
        showStep(m_run.schedule.steps());
    } else if (m_live && m_state.watched.index == index && !m_state.watched.tokens.empty()) {
        m_forming = m_following = true;
        m_step = m_state.lastStep;
        m_canvas->setStep(TokenCanvas::kLastStep);
        showTrace(m_state.watched);
    } else {
        refreshHeader();
        refreshStepText();
    }
}

void CanvasPanel::showTrace(const SampleTrace& trace) {
    m_transport->setEvents(eventsOf(trace, m_run.maskToken));
    m_canvas->setSample(trace, m_run.maskToken, m_run.schedule.steps());
    m_stack->setCurrentIndex(m_all->isChecked() ? All : Text);
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
    choose(index);
}

void CanvasPanel::choose(int index) {
    if (index == m_sample)
        return;
    m_chosen = true;
    const int step = m_step;
    const bool keepStep = isFinished() && m_samples.contains(index);
    showSample(index);
    if (keepStep)
        showStep(step); // samples of one run compare at one step
    emit sampleChosen(index);
}

int CanvasPanel::lastStep() const { return m_forming ? m_state.lastStep : m_run.schedule.steps(); }

void CanvasPanel::setStep(int step) {
    pause();
    showStep(step);
}

void CanvasPanel::showStep(int step) {
    if (!scrubbable())
        return;
    step = std::min(std::max(step, 0), lastStep());
    m_following = m_forming && step >= lastStep();
    const bool changed = step != m_step;
    m_step = step;
    m_canvas->setStep(m_following ? TokenCanvas::kLastStep : step);
    refreshStepText();
    if (changed)
        emit stepShown(step);
}

void CanvasPanel::setColoring(TokenColoring coloring) {
    m_coloring->setCurrentIndex(static_cast<int>(coloring));
}

void CanvasPanel::play() { m_transport->play(); }
void CanvasPanel::setInvitation(const QString& text) {
    m_invitation->setText(
        text.isEmpty() ? tr("Press Ctrl+Return to generate. The text forms here, step by step.") : text);
}

void CanvasPanel::pause() { m_transport->pause(); }
bool CanvasPanel::isPlaying() const { return m_transport->isPlaying(); }

void CanvasPanel::refreshHeader() {
    const bool any = m_sample >= 0;
    const bool all = m_all->isChecked();
    m_title->setText(all ? tr("%1 of %2 samples").arg(m_samples.size()).arg(m_run.samples)
                     : any
                         ? tr("Sample %1 of %2").arg(m_sample + 1).arg(std::max(m_run.samples, m_sample + 1))
                     : m_live ? tr("Starting…")
                              : tr("Samples"));
    QString origin = any || m_live ? tr("seed %1").arg(m_run.seed) : QString();
    if (const auto& branch = m_run.request.branch; branch && !origin.isEmpty())
        origin += tr(" · branch of run %1 %2").arg(branch->parent).arg(branchPlace(branch->step));
    m_seed->setText(origin);
    const int last = m_live ? m_run.samples - 1 : m_samples.empty() ? -1 : m_samples.rbegin()->first;
    const int first = m_live || m_samples.empty() ? 0 : m_samples.begin()->first;
    m_previous->setVisible(any && !all);
    m_next->setVisible(any && !all);
    m_previous->setEnabled(any && m_sample > first);
    m_next->setEnabled(any && m_sample < last);
    m_all->setEnabled(any);
    m_transport->setEnabled(scrubbable() && !all);
    m_legend->setVisible((any || m_live) && !all);
    m_coloring->setVisible(!all);
    m_coloring->setEnabled(any || m_live);
    m_order->setVisible(all);
    m_branch->setVisible(!all);
    m_branch->setEnabled(isFinished() && !isBranching());
    m_export->setEnabled(any && !m_canvas->sample().tokens.empty());
}

void CanvasPanel::refreshStepText() {
    const int steps = m_run.schedule.steps();
    m_transport->setRange(steps, lastStep());
    m_transport->setStep(m_step);
    if (m_sample < 0) {
        m_transport->setText(m_live ? tr("waiting for the first %1").arg(m_run.words.one()) : QString());
        return;
    }
    const SampleTrace& trace = m_canvas->sample();
    if (trace.index != m_sample || trace.tokens.empty()) {
        m_transport->setText(tr("waiting for this sample"));
        return;
    }
    int revealed = 0, member = -1;
    for (std::size_t i = 0; i < trace.revealStep.size(); ++i)
        if (trace.revealStep[i] == m_step && m_step >= 0 && trace.member[i] >= 0 &&
            trace.tokens[i] != m_run.maskToken) {
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
                      : m_step < 0    ? tr("before %1 0").arg(m_run.words.one())
                                      : QStringLiteral("%1 %2").arg(m_run.words.one()).arg(m_step)};
    if (!letter.isEmpty())
        parts += letter;
    const bool inOrder = m_run.words.inOrder();
    if (m_run.words.kind == GenerationKind::Calm && revealed > 0)
        parts << tr("%1 tokens").arg(revealed);
    else if (!inOrder || revealed == 0)
        parts << (revealed > 0 ? tr("%1 revealed").arg(revealed) : inOrder ? tr("given") : tr("no call"));
    if (remasked > 0)
        parts << tr("%1 remasked").arg(remasked);
    if (m_step >= steps && revealed == 0)
        parts = QStringList{tr("end")}; // nothing was left for a closing call
    const int left = m_canvas->maskedCount();
    parts << (inOrder ? tr("%1 to write").arg(left) : tr("%1 masked").arg(left));
    m_transport->setText(parts.join(QStringLiteral(" · ")));
}

void CanvasPanel::refreshLegend() {
    m_legend->describe(m_canvas->coloring(), m_run.members, m_canvas->scaleEnd(), m_run.words);
}

void CanvasPanel::keyPressEvent(QKeyEvent* event) {
    if (isBranching()) {
        const bool removes = event->key() == Qt::Key_Delete || event->key() == Qt::Key_Backspace;
        if (removes)
            emit m_bar->remaskRequested();
        else if (event->key() == Qt::Key_F && event->modifiers() == Qt::NoModifier)
            emit m_bar->fixRequested();
        else if (event->matches(QKeySequence::Undo))
            emit m_bar->undoRequested();
        else if (event->key() == Qt::Key_Escape)
            endBranch();
        else
            Card::keyPressEvent(event);
        return;
    }
    switch (event->key()) {
    case Qt::Key_Left:
    case Qt::Key_Right:
        m_transport->stepToEvent(event->key() == Qt::Key_Left ? -1 : 1);
        return;
    case Qt::Key_Home:
        setStep(0);
        return;
    case Qt::Key_End:
        setStep(lastStep());
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
