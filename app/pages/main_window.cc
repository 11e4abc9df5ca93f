// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/main_window.h"

#include "app/bridge/run_list_model.h"
#include "app/pages/analyse_page.h"
#include "app/pages/analysis_actions.h"
#include "app/pages/checkpoint_folders.h"
#include "app/pages/command_palette.h"
#include "app/pages/commands.h"
#include "app/pages/compare_dialog.h"
#include "app/pages/compare_page.h"
#include "app/pages/compute_dialog.h"
#include "app/pages/design_page.h"
#include "app/pages/first_hint.h"
#include "app/pages/importance_control.h"
#include "app/pages/palette_entries.h"
#include "app/pages/pool_bar.h"
#include "app/pages/queue_panel.h"
#include "app/pages/report_page.h"
#include "app/pages/runs_page.h"
#include "app/pages/settings_panel.h"
#include "app/pages/shortcuts_dialog.h"
#include "app/pages/window_layout.h"
#include "app/pages/window_settings.h"
#include "app/widgets/controls.h"
#include "app/widgets/schedule_editor.h"
#include "app/widgets/shortcut_tip.h"

#include <nlohmann/json.hpp>

#include <QApplication>
#include <QCloseEvent>
#include <QDockWidget>
#include <QDragEnterEvent>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QMimeData>
#include <QSettings>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace steploom {
namespace {

constexpr int kRailWidth = 72;

/// Whether a folder that was dropped is to judge: it holds a causal model, and the pool is of another kind.
bool isEvaluator(const QString& folder, const PoolFacts& pool) {
    const std::optional<ModelFacts> facts = generatorFacts(folder);
    return facts && facts->kind == GenerationKind::Autoregressive && !pool.members.empty() &&
           pool.kind() != GenerationKind::Autoregressive;
}

} // namespace

MainWindow::MainWindow(WindowOptions options, QWidget* parent)
    : QMainWindow(parent), m_library(std::make_unique<RunLibrary>(options.engine.storeFile)),
      m_commands(std::make_unique<Commands>()), m_tokenizer(options.tokenizer) {
    m_engine = std::make_unique<EngineThread>(std::move(options.engine));
    m_queue = std::make_unique<GenerationQueue>(*m_library, *m_engine, m_session);
    m_queue->setPaused(QSettings().value(settings::kQueuePaused).toBool());
    setObjectName("mainWindow");
    setAcceptDrops(true);
    // Before the pages: what they measure when they are made is in the right font.
    const Theme::Mode remembered =
        themeModeOf(QSettings().value(settings::kTheme).toString()).value_or(Theme::Mode::FollowSystem);
    Theme::instance().apply(*qApp, options.theme.value_or(remembered));

    auto* centre = new QWidget;
    auto* row = new QHBoxLayout(centre);
    row->setContentsMargins({});
    row->setSpacing(0);
    auto* rail = new QFrame;
    setLook(rail, "rail");
    rail->setFixedWidth(kRailWidth);
    auto* railColumn = new QVBoxLayout(rail);
    row->addWidget(rail);
    auto* column = new QVBoxLayout;
    column->setSpacing(0);
    row->addLayout(column, 1);
    m_message = new InlineMessage;
    m_message->setObjectName("windowMessage");
    // Hidden with its margins: an empty row would push the pages down.
    m_messageRow = new QWidget;
    auto* messageRow = new QHBoxLayout(m_messageRow);
    messageRow->setContentsMargins(14, 12, 14, 0);
    messageRow->addWidget(m_message);
    m_messageRow->hide();
    connect(m_message, &InlineMessage::dismissed, m_messageRow, &QWidget::hide);
    column->addWidget(m_messageRow);
    m_stack = new QStackedWidget;
    column->addWidget(m_stack, 1);
    setCentralWidget(centre);

    makeRail(*railColumn);
    m_design->poolBar().setDemoPools(options.demoPools);
    m_palette = new CommandPalette(this);
    makeQueue();
    makeAnalyses();
    makeActions();
    joinEngine();
    joinPages();
    restore();
    restorePage();

    m_design->importance().setUsualText(options.text);
    if (!options.pool.empty())
        m_engine->loadPool(options.pool, m_tokenizer);
    if (!options.evaluator.isEmpty())
        m_engine->loadEvaluator(options.evaluator);
    m_library->refresh();
}

MainWindow::~MainWindow() {
    // What the library and the queue still have to tell is for no page any more.
    disconnect(m_library.get(), nullptr, this, nullptr);
    disconnect(m_queue.get(), nullptr, this, nullptr);
    // The pages refer to session, engine and library, and carry out what waits (a deletion) when they go.
    delete takeCentralWidget();
    delete m_queueDock;
}

void MainWindow::makeRail(QVBoxLayout& rail) {
    rail.setContentsMargins(6, 12, 6, 12);
    rail.setSpacing(6);
    auto* logo = new QLabel;
    logo->setPixmap(glyphIcon(Glyph::Logo).pixmap(QSize(34, 34), devicePixelRatioF()));
    logo->setAccessibleName("Steploom");
    rail.addWidget(logo, 0, Qt::AlignHCenter);
    rail.addSpacing(12);
    connect(&Theme::instance(), &Theme::changed, logo, [logo] {
        logo->setPixmap(glyphIcon(Glyph::Logo).pixmap(QSize(34, 34), logo->devicePixelRatioF()));
    });

    m_design = new DesignPage(m_session, *m_engine);
    m_compare = new ComparePage(m_session, *m_library);
    m_analyse = new AnalysePage(&m_session);
    m_analyse->setObjectName("analysePage");
    m_runs = new RunsPage(&m_session, *m_library);
    m_runs->setObjectName("runsPage");
    addPage(rail, Glyph::Design, tr("Design"), m_design, QKeySequence(Qt::CTRL | Qt::Key_1));
    addPage(rail, Glyph::Compare, tr("Compare"), m_compare, QKeySequence(Qt::CTRL | Qt::Key_2));
    addPage(rail, Glyph::Analyse, tr("Analyse"), m_analyse, QKeySequence(Qt::CTRL | Qt::Key_3));
    addPage(rail, Glyph::Runs, tr("Runs"), m_runs, QKeySequence(Qt::CTRL | Qt::Key_4));
    m_report = new ReportPage(&m_session, m_library->file());
    addPage(rail, Glyph::Report, tr("Report"), m_report, QKeySequence(Qt::CTRL | Qt::Key_5));
    rail.addStretch(1);

    m_themeButton = new FlatButton(Glyph::Contrast, tr("Colours"));
    m_themeButton->setObjectName("themeButton");
    m_themeButton->setIconSize(QSize(20, 20));
    connect(m_themeButton, &QToolButton::clicked, this, &MainWindow::cycleTheme);
    rail.addWidget(m_themeButton, 0, Qt::AlignHCenter);
    showTheme();
}

void MainWindow::addPage(QVBoxLayout& rail, Glyph glyph, const QString& name, QWidget* page,
                         const QKeySequence& keys) {
    m_stack->addWidget(page);
    page->setFocusPolicy(Qt::ClickFocus);
    auto* button = new QToolButton;
    button->setObjectName("rail" + name);
    button->setText(name);
    button->setIcon(glyphIcon(glyph, GlyphInk::Dim));
    button->setIconSize(QSize(20, 20));
    button->setToolButtonStyle(Qt::ToolButtonTextUnderIcon);
    button->setCheckable(true);
    button->setFixedSize(60, 60);
    setLook(button, "rail");
    rail.addWidget(button, 0, Qt::AlignHCenter);
    m_railButtons.push_back(button);
    connect(button, &QToolButton::clicked, this, [this, page] { showPage(page); });

    auto* action = new QAction(tr("Go to %1").arg(name), this);
    action->setObjectName("goTo" + name);
    action->setShortcut(keys);
    setTipWithShortcut(button, action, name);
    connect(action, &QAction::triggered, this, [this, page] { showPage(page); });
    m_pageActions << action;
}

void MainWindow::showPage(QWidget* page) {
    m_stack->setCurrentWidget(page);
    page->setFocus(); // and not its first button
    for (std::size_t i = 0; i < m_railButtons.size(); ++i)
        m_railButtons[i]->setChecked(static_cast<int>(i) == m_stack->currentIndex());
    setWindowTitle(m_railButtons.empty()
                       ? QString()
                       : m_railButtons[static_cast<std::size_t>(m_stack->currentIndex())]->text());
}

/// Makes them the window's and lists them, those that are listed already left out.
void MainWindow::addCommands(const QString& group, const QList<QAction*>& actions) {
    for (QAction* action : actions) {
        if (action->text().isEmpty())
            continue;
        if (action->objectName().isEmpty())
            action->setObjectName("command:" + action->text());
        addAction(action);
        if (!m_commands->find(action->objectName()))
            m_commands->add(group, action);
    }
}

void MainWindow::makeActions() {
    SettingsPanel& settings = m_design->settings();
    QList<QAction*> generation = m_design->commands();
    for (QAction* action : m_design->editor().commands())
        generation.removeOne(action); // a group of their own
    addCommands(tr("Generation"), generation);
    addCommands(tr("Pages"), m_pageActions);
    addCommands(tr("Pool"), m_design->poolBar().commands());
    addCommands(tr("Schedule"), m_design->editor().commands());
    addCommands(tr("Text"), m_design->textCommands());
    addCommands(tr("Compare"), m_compare->commands());
    addCommands(tr("Settings"), settings.commands());
    addCommands(tr("Profiles"), settings.profileBar().commands());
    addCommands(tr("Runs"), m_runs->commands());
    addCommands(tr("Report"), m_report->commands());
    makeThemeActions();

    const auto make = [this](const char* name, const QString& text, const QKeySequence& keys, auto does) {
        auto* action = new QAction(text, this);
        action->setObjectName(QLatin1String(name));
        action->setShortcut(keys);
        connect(action, &QAction::triggered, this, does);
        addCommands(tr("Window"), {action});
    };
    make("paletteAction", tr("Command palette"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_P),
         [this] { m_palette->open(); });
    make("shortcutsAction", tr("Keyboard shortcuts…"), QKeySequence(Qt::CTRL | Qt::Key_K),
         &MainWindow::openShortcuts);
    make("computeAction", tr("Compute calculator…"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_K),
         &MainWindow::openCalculator);
    m_design->setCalculatorAction(findChild<QAction*>("computeAction"));
    m_analyse->setCalculatorAction(findChild<QAction*>("computeAction"));
    make("resetLayoutAction", tr("Reset layout"), {}, &MainWindow::resetLayoutAndView);
    make("showHintsAction", tr("Show hints again"), {}, [this] {
        showPage(m_design);
        m_design->hint().showAgain();
    });
    make("quitAction", tr("Quit"), QKeySequence::Quit, &QWidget::close);
    addCommands(tr("Window"), actions()); // of whoever added some to the window
    m_commands->restore();
    if (!m_commands->problems().empty())
        showError(m_commands->problems().front());

    m_paletteEntries = std::make_unique<PaletteEntries>(PaletteEntries::Sources{
        .commands = *m_commands,
        .editor = m_design->editor(),
        .profiles = settings.profiles(),
        .profileBar = settings.profileBar(),
        .library = *m_library,
        .session = m_session,
        .showDesign = [this] { showPage(m_design); },
    });
    m_palette->setSources([this] { return m_paletteEntries->all(); },
                          [this](const QString& text) { return m_paletteEntries->typed(text); });
}

void MainWindow::openShortcuts() {
    auto* dialog = findChild<ShortcutsDialog*>("shortcutsDialog");
    if (!dialog) {
        dialog = new ShortcutsDialog(*m_commands, this);
        dialog->setAttribute(Qt::WA_DeleteOnClose);
    }
    dialog->show();
    dialog->activateWindow();
}

void MainWindow::openCalculator() {
    auto* dialog = findChild<ComputeDialog*>("computeDialog");
    if (!dialog) {
        dialog = new ComputeDialog(this);
        dialog->setAttribute(Qt::WA_DeleteOnClose);
    }
    dialog->show();
    dialog->activateWindow();
}

void MainWindow::resetLayoutAndView() {
    resetLayout(*this, m_firstState);
    m_runs->setColumns({});
    m_design->resetView();
    showPage(m_design);
}

void MainWindow::makeQueue() {
    auto* panel = new QueuePanel(*m_queue, m_session);
    m_queueDock = new QDockWidget(tr("Queue"), this);
    m_queueDock->setObjectName("queueDock");
    m_queueDock->setAllowedAreas(Qt::BottomDockWidgetArea | Qt::TopDockWidgetArea);
    m_queueDock->setTitleBarWidget(panel->header());
    m_queueDock->setWidget(panel);
    addDockWidget(Qt::BottomDockWidgetArea, m_queueDock);
    m_queueDock->hide();
    connect(panel, &QueuePanel::closeRequested, m_queueDock, &QWidget::hide);
    connect(panel, &QueuePanel::compareRequested, this, &MainWindow::compareSchedules);

    auto* toggle = new QAction(tr("Queue of generations and analyses"), this);
    toggle->setObjectName("queueAction");
    toggle->setShortcut(QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_U));
    connect(toggle, &QAction::triggered, this,
            [this] { m_queueDock->setVisible(!m_queueDock->isVisible()); });
    setTipWithShortcut(panel->header()->findChild<QWidget*>("queueClose"), toggle,
                       tr("Hide the queue; it goes on"));
    auto* compare = new QAction(tr("Compare schedules…"), this);
    compare->setObjectName("compareAction");
    compare->setShortcut(QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_C));
    connect(compare, &QAction::triggered, this, &MainWindow::compareSchedules);
    addCommands(tr("Queue"), {toggle, compare, panel->pauseAction()});

    connect(m_design, &DesignPage::queueRequested, this, [this](const GenerationRequest& request) {
        const std::array wanted{WantedGeneration{scheduleLabel(request).toStdString(), request}};
        if (const auto error = m_queue->add(wanted))
            showError(*error);
        else
            m_queueDock->show();
    });
    connect(m_queue.get(), &GenerationQueue::changed, this, [this] {
        rememberQueue(false);
        m_design->setQueueRuns(m_queue->running() != 0);
    });
}

void MainWindow::makeAnalyses() {
    m_analyses = new AnalysisActions({.session = m_session,
                                      .library = *m_library,
                                      .queue = *m_queue,
                                      .present = [this] { return m_design->request(); },
                                      .text = [this] { return m_design->importance().text(); },
                                      .window = this},
                                     this);
    const struct {
        AnalyseChart chart;
        QList<AnalysisKind> begin; ///< what the chart is made of
    } charts[] = {{AnalyseChart::Importance, {AnalysisKind::Importance}},
                  {AnalyseChart::Search, {AnalysisKind::Search}},
                  {AnalyseChart::Prediction, {AnalysisKind::Importance, AnalysisKind::Search}},
                  {AnalyseChart::Frontier, {AnalysisKind::Frontier}},
                  {AnalyseChart::Correlation, {AnalysisKind::Correlation}},
                  {AnalyseChart::Brier, {AnalysisKind::Brier}},
                  {AnalyseChart::Ablation, {AnalysisKind::Brier}},
                  {AnalyseChart::Autoencoder, {AnalysisKind::Autoencoder}}};
    for (const auto& each : charts) {
        QList<QAction*> actions;
        for (const AnalysisKind kind : each.begin)
            actions += m_analyses->action(kind);
        m_analyse->card(each.chart)->setActions(actions);
    }
    // The ends of the scale that a run's perplexity is read on, once there is a run to be read.
    connect(m_engine.get(), &EngineThread::runEnded, this, [this](const RunSummary& run) {
        if (run.measure("generative_perplexity") != nullptr)
            m_engine->measureAnchors(m_design->importance().text(), run.request.length);
    });
    connect(m_engine.get(), &EngineThread::anchorsKept, m_library.get(), &RunLibrary::refresh);
    connect(m_analyses, &AnalysisActions::queued, m_queueDock, &QWidget::show);
    connect(m_analyses, &AnalysisActions::failed, this, &MainWindow::showError);
    addCommands(tr("Analyses"), m_analyses->all());
}

/// Closing in peace leaves the queue as it was: running or paused.
void MainWindow::rememberQueue(bool closing) {
    const bool paused = m_queue->isPaused() || (!closing && m_queue->running() != 0);
    QSettings().setValue(settings::kQueuePaused, paused);
}

void MainWindow::compareSchedules() {
    if (m_session.pool().members.empty()) {
        showNotice(tr("Add a checkpoint folder to the pool first: a schedule names its models."));
        return;
    }
    CompareDialog dialog(
        m_design->request(), m_library->schedules(),
        [this](const GenerationRequest& request) { return m_queue->secondsOf(request); }, this);
    if (dialog.exec() != QDialog::Accepted)
        return;
    if (const auto error = m_queue->add(dialog.wanted()))
        showError(*error);
    else
        m_queueDock->show();
}

void MainWindow::joinEngine() {
    connect(m_engine.get(), &EngineThread::poolLoaded, this, [this](const PoolFacts& pool) {
        m_session.setPool(pool);
        if (const qint64 run = std::exchange(m_runToOpen, 0))
            openRun(run);
    });
    connect(m_engine.get(), &EngineThread::failed, this, [this](const Error::Parts& error, EngineJob job) {
        if (job == EngineJob::LoadPool)
            m_runToOpen = 0;
        if (job == EngineJob::Judge)
            m_runs->endJudging();
        if (m_stack->currentWidget() != m_design)
            showError(error); // the Design page shows it too, but nobody is looking there
    });
    connect(m_engine.get(), &EngineThread::evaluatorLoaded, &m_session, &Session::setEvaluator);
    connect(m_engine.get(), &EngineThread::runEnded, m_library.get(), &RunLibrary::refresh);
    connect(m_engine.get(), &EngineThread::rerunEnded, this, &MainWindow::showRerun);
    connect(m_library.get(), &RunLibrary::failed, this, &MainWindow::showError);
    connect(m_library.get(), &RunLibrary::runsChanged, this, [this] {
        m_design->setRuns(m_library->runs());
        m_analyse->setRuns(m_library->runs(), m_library->runCount());
        m_report->setRuns(m_library->runs());
    });
    connect(m_library.get(), &RunLibrary::trainingsChanged, this, [this] {
        m_analyse->setTrainings(m_library->trainings(),
                                [this](qint64 training) { return m_library->loadTraining(training); });
    });
    connect(m_library.get(), &RunLibrary::analysesChanged, this,
            [this] { m_analyse->setAnalyses(m_library->analyses()); });
}

void MainWindow::joinPages() {
    m_design->editor().setLibrary(m_library.get());
    PoolBar& bar = m_design->poolBar();
    connect(&bar, &PoolBar::poolRequested, this, [this](const std::vector<PoolMemberSpec>& members) {
        const PoolFacts& pool = m_session.pool();
        loadPool(members, pool.members.empty() ? m_tokenizer : QString::fromStdString(pool.tokenizerPath));
    });
    connect(&bar, &PoolBar::newPoolRequested, this,
            [this](const std::vector<PoolMemberSpec>& members) { loadPool(members, {}); });
    connect(&bar, &PoolBar::evaluatorRequested, m_engine.get(), &EngineThread::loadEvaluator);
    connect(&m_session, &Session::openRunRequested, this, &MainWindow::openRun);
    connect(m_compare, &ComparePage::shown, this, [this] { showPage(m_compare); });
    connect(&m_session, &Session::reportRunsRequested, this, [this] { showPage(m_report); });
    connect(m_analyse, &AnalysePage::scheduleChosen, this, [this](const QString& notation) {
        showPage(m_design);
        m_design->editor().take(notation, tr("a chart"));
    });
    connect(m_runs, &RunsPage::rerunRequested, this, &MainWindow::rerun);
    connect(m_runs, &RunsPage::judgeRequested, m_engine.get(), &EngineThread::judge);
    connect(m_runs, &RunsPage::stopRequested, m_engine.get(), &EngineThread::stop);
    connect(m_engine.get(), &EngineThread::judging, m_runs, &RunsPage::showJudging);
    connect(m_engine.get(), &EngineThread::judgingEnded, m_runs, &RunsPage::tellJudged);
    connect(m_engine.get(), &EngineThread::judgingEnded, m_library.get(), &RunLibrary::refresh);
}

/// Somebody wants to work with these models now: a queue that needs others must not take them away again.
void MainWindow::loadPool(const std::vector<PoolMemberSpec>& members, const QString& tokenizer) {
    const auto same = [](const PoolMemberSpec& a, const PoolMemberSpec& b) {
        return a.letter == b.letter && a.path == b.path && a.precision == b.precision;
    };
    const auto needsOthers = [&](const QueuedGeneration& item) {
        return item.state == QueueState::Waiting && !item.request.pool.empty() &&
               !std::ranges::equal(item.request.pool, members, same);
    };
    if (!m_queue->isPaused() && std::ranges::any_of(m_queue->items(), needsOthers)) {
        m_queue->setPaused(true);
        showNotice(tr("The queue is paused, since it needs other models. Resume it, and they are loaded."));
    }
    m_engine->loadPool(members, tokenizer);
}

/// Shows a run on the Design page, with its own models: they are loaded first when others are in the pool.
void MainWindow::openRun(qint64 id) {
    const std::optional<Run> run = m_library->load(id);
    if (!run)
        return;
    const GenerationRequest& request = run->summary.request;
    if (m_session.pool().serves(request.pool)) {
        showPage(m_design);
        m_design->showRun(*run);
        return;
    }
    m_runToOpen = id;
    loadPool(request.pool, QString::fromStdString(request.tokenizer));
}

void MainWindow::rerun(qint64 id) {
    const std::optional<Run> run = m_library->load(id);
    if (!run)
        return;
    const GenerationRequest& request = run->summary.request;
    if (!m_session.pool().serves(request.pool))
        loadPool(request.pool, QString::fromStdString(request.tokenizer));
    showNotice(tr("Making run %1 again…").arg(id));
    m_engine->rerun(id);
}

void MainWindow::showRerun(qint64 run, const RerunResult& result, bool stopped) {
    if (result.identical && result.compared > 0)
        showNotice(tr("Run %1 made again: %2 of its samples compared, identical bit for bit.")
                       .arg(run)
                       .arg(result.compared));
    else if (!result.firstDifference.empty())
        showError({tr("run %1 came out differently").arg(run).toStdString(), "", result.firstDifference,
                   tr("compare processor, program version and precision in its provenance").toStdString()});
    else
        showNotice(stopped ? tr("The rerun of run %1 was stopped.").arg(run)
                           : tr("Run %1 holds no finished sample to compare with.").arg(run));
}

void MainWindow::showError(const Error::Parts& error) {
    m_message->showError(error);
    m_messageRow->show();
}

void MainWindow::showNotice(const QString& text) {
    m_message->showNotice(text);
    m_messageRow->show();
}

void MainWindow::restore() {
    const QSettings stored;
    m_firstState = saveState(settings::kStateVersion);
    restoreLayout(*this);
    m_runs->setColumns(stored.value(settings::kRunColumns));
    const std::string text = stored.value(settings::kRequest).toString().toStdString();
    try {
        if (!text.empty())
            m_design->setRequest(nlohmann::json::parse(text).get<GenerationRequest>());
    } catch (const Error& error) { // of another version, or changed by hand
        Error::Parts told = error.parts();
        told.what = tr("The settings of last time cannot be read").toStdString();
        told.remedy = tr("the defaults serve").toStdString();
        showError(told);
    } catch (const std::exception&) {
        showError({tr("The settings of last time cannot be read").toStdString(), "",
                   tr("they are no JSON").toStdString(), tr("the defaults serve").toStdString()});
    }
    m_design->settings().profileBar().setCurrent(stored.value(settings::kProfile).toString());
}

void MainWindow::restorePage() {
    const QString name = QSettings().value(settings::kPage).toString();
    auto* page = name.isEmpty() ? nullptr : m_stack->findChild<QWidget*>(name, Qt::FindDirectChildrenOnly);
    showPage(page ? page : m_design);
}

void MainWindow::closeEvent(QCloseEvent* event) {
    saveLayout(*this);
    QSettings stored;
    stored.setValue(settings::kPage, m_stack->currentWidget()->objectName());
    stored.setValue(settings::kRunColumns, m_runs->columns());
    rememberQueue(true);
    disconnect(m_queue.get(), nullptr, this, nullptr); // what it does until the engine has stopped is no news
    stored.setValue(settings::kRequest, QString::fromStdString(nlohmann::json(m_design->request()).dump()));
    QMainWindow::closeEvent(event);
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
    if (!foldersOf(*event->mimeData()).isEmpty() || !runFilesOf(*event->mimeData()).isEmpty())
        event->acceptProposedAction();
}

/// A checkpoint folder joins the pool, or becomes the evaluator when its model is a causal one and the pool's
/// are not; a bundle's
/// runs join the others.
void MainWindow::dropEvent(QDropEvent* event) {
    if (const QStringList files = runFilesOf(*event->mimeData()); !files.isEmpty()) {
        showPage(m_runs);
        m_runs->importFiles(files);
    }
    for (const QString& folder : foldersOf(*event->mimeData())) {
        if (isEvaluator(folder, m_session.pool()))
            m_engine->loadEvaluator(folder);
        else
            m_design->poolBar().addFolder(folder);
    }
    event->acceptProposedAction();
}

} // namespace steploom
