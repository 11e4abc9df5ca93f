// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/bridge/engine_thread.h"
#include "app/bridge/generation_queue.h"
#include "app/bridge/run_library.h"
#include "app/bridge/session.h"
#include "app/pages/demo_pools.h"
#include "app/widgets/icons.h"
#include "app/widgets/theme.h"

#include <QMainWindow>

#include <memory>
#include <optional>

class QDockWidget;
class QStackedWidget;
class QToolButton;
class QVBoxLayout;

namespace steploom {

class AnalysePage;
class AnalysisActions;
class CommandPalette;
class Commands;
class ComparePage;
class DesignPage;
class InlineMessage;
class PaletteEntries;
class QueuePanel;
class ReportPage;
class RunsPage;

/// What the window opens with.
struct WindowOptions {
    EngineOptions engine;
    std::vector<PoolMemberSpec> pool; ///< loaded at once; may be empty
    QString tokenizer;                ///< of the pool; empty: the members' own
    QString evaluator;                ///< folder; empty: none
    std::vector<DemoPool> demoPools;  ///< to choose from
    QString text;                     ///< that step importance is measured on; empty: none
    std::optional<Theme::Mode> theme; ///< nothing: as remembered
};

/// "light", "dark", "system"
std::optional<Theme::Mode> themeModeOf(const QString& name);
QString themeModeName(Theme::Mode mode);

/// The one window: a rail of pages at the left. It owns session, engine thread and run library and joins
/// their signals to the pages, which do not know each other.
class MainWindow : public QMainWindow {
    Q_OBJECT
public:
    explicit MainWindow(WindowOptions options, QWidget* parent = nullptr);
    /// Stops what runs and waits for it.
    ~MainWindow() override;

    Commands& commands() noexcept { return *m_commands; }
    Session& session() noexcept { return m_session; }
    EngineThread& engine() noexcept { return *m_engine; }
    RunLibrary& library() noexcept { return *m_library; }
    GenerationQueue& queue() noexcept { return *m_queue; }
    AnalysisActions& analyses() noexcept { return *m_analyses; }

protected:
    void closeEvent(QCloseEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    void makeRail(QVBoxLayout& rail);
    void addPage(QVBoxLayout& rail, Glyph glyph, const QString& name, QWidget* page,
                 const QKeySequence& keys);
    void makeActions();
    void makeThemeActions();
    void addCommands(const QString& group, const QList<QAction*>& actions);
    void openShortcuts();
    void openCalculator();
    void resetLayoutAndView();
    void makeQueue();
    void makeAnalyses();
    void rememberQueue(bool closing);
    void compareSchedules();
    void joinEngine();
    void joinPages();
    void loadPool(const std::vector<PoolMemberSpec>& members, const QString& tokenizer);
    void openRun(qint64 run);
    void rerun(qint64 run);
    void showRerun(qint64 run, const RerunResult& result, bool stopped);
    void showPage(QWidget* page);
    void showError(const Error::Parts& error);
    void showNotice(const QString& text);
    void applyTheme(Theme::Mode mode);
    void showTheme();
    void cycleTheme();
    void restore();
    void restorePage();

    Session m_session;
    std::unique_ptr<RunLibrary> m_library;
    std::unique_ptr<GenerationQueue> m_queue; ///< outlives the engine
    std::unique_ptr<EngineThread> m_engine;
    std::unique_ptr<Commands> m_commands;
    std::unique_ptr<PaletteEntries> m_paletteEntries;
    QByteArray m_firstState; ///< of docks, as they are made
    QString m_tokenizer;
    QStackedWidget* m_stack = nullptr;
    std::vector<QToolButton*> m_railButtons; ///< in the order of the stack
    QList<QAction*> m_pageActions;
    QToolButton* m_themeButton = nullptr;
    DesignPage* m_design = nullptr;
    ComparePage* m_compare = nullptr;
    AnalysePage* m_analyse = nullptr;
    RunsPage* m_runs = nullptr;
    ReportPage* m_report = nullptr;
    QDockWidget* m_queueDock = nullptr;
    AnalysisActions* m_analyses = nullptr;
    CommandPalette* m_palette = nullptr;
    QWidget* m_messageRow = nullptr;
    InlineMessage* m_message = nullptr; ///< of no page in particular
    qint64 m_runToOpen = 0;             ///< when its models are loaded
};

} // namespace steploom
