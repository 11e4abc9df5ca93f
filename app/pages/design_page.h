// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/bridge/engine_thread.h"
#include "app/bridge/session.h"
#include "app/widgets/step_words.h"

#include <QTimer>
#include <QWidget>

#include <set>
#include <utility>

namespace steploom {

class CanvasPanel;
class CostPanel;
class FirstHint;
class GenerateStrip;
class ImportanceControl;
class InlineMessage;
class PoolBar;
class RecentRuns;
class ScheduleEditor;
class SettingsPanel;

/// Where a schedule is drawn, run and watched.
class DesignPage : public QWidget {
    Q_OBJECT
public:
    /// Session and engine must outlive the page.
    DesignPage(Session& session, EngineThread& engine, QWidget* parent = nullptr);

    /// What Generate would run now.
    GenerationRequest request() const;
    /// Shows a request's schedule and settings. Nothing to undo afterwards.
    void setRequest(const GenerationRequest& request);
    /// A stored run: schedule, settings, samples. Its pool must be the session's.
    void showRun(const Run& run);
    /// All runs, newest first.
    void setRuns(const std::vector<RunSummary>& runs);

    /// Whether Generate would go before queued generations that are being run.
    void setQueueRuns(bool runs);

    ImportanceControl& importance() noexcept { return *m_importance; }
    PoolBar& poolBar() noexcept { return *m_pool; }
    ScheduleEditor& editor() noexcept { return *m_editor; }
    SettingsPanel& settings() noexcept { return *m_settings; }
    FirstHint& hint() noexcept { return *m_hint; }
    /// What is looked at, as at the first start: ruler, colours of the text, open groups of settings.
    void resetView();
    void setCalculatorAction(QAction* calculator);
    QList<QAction*> commands() const;
    /// Of the text: play, colours, all samples.
    QList<QAction*> textCommands() const { return m_textCommands; }

signals:
    /// What Generate would run now is to be queued.
    void queueRequested(const steploom::GenerationRequest& request);

private:
    void layOut();
    void makeTextCommands();
    void joinControls();
    void joinEngine();
    void adoptPool();
    void generate();
    GenerationRequest wantedRequest() const;
    void review();
    void showCost(const StepSchedule& schedule);
    void joinImportance();
    void showImportance();
    void showPredictedCost(const StepSchedule& schedule);
    std::pair<int, int> calibrationSize() const;
    void calibrateNow();
    void follow(const LiveState& state);
    void joinAnalyses();
    void begin(qint64 run, const GenerationRequest& request, const PlannedWork& work);
    void keep(const RunSample& sample);
    void showIdleSteps();
    void showCatchUp(const StepSchedule& schedule, int first);
    StepWords words() const;
    void end(const RunSummary& summary);
    void showFailure(const Error::Parts& error, EngineJob job);
    QString problem() const;

    Session& m_session;
    EngineThread& m_engine;
    QList<QAction*> m_textCommands;
    QAction* m_branch = nullptr; ///< one of them
    FirstHint* m_hint = nullptr;
    PoolBar* m_pool = nullptr;
    ScheduleEditor* m_editor = nullptr;
    CostPanel* m_cost = nullptr;
    CanvasPanel* m_canvas = nullptr;
    SettingsPanel* m_settings = nullptr;
    RecentRuns* m_recent = nullptr;
    GenerateStrip* m_strip = nullptr;
    InlineMessage* m_message = nullptr;
    ImportanceControl* m_importance = nullptr;

    QTimer m_calibration;                   ///< runs out when nothing has changed for a moment
    int m_calibratedLength = 0;             ///< that m_callSeconds was timed at; 0: never
    std::vector<CallSeconds> m_callSeconds; ///< in pool order
    std::pair<int, int> m_calibratedSize;   ///< see calibrationSize()
    int m_wantedSamples = 0;                ///< of the running request
    int m_batch = 1;                        ///< samples in a call of the running request
    std::set<int> m_formed;                 ///< its finished samples
    std::vector<bool> m_called;             ///< steps of the last run in which a finished sample had a call
    int m_calledSamples = 0;                ///< samples counted there
    int m_watched = 0;                      ///< the sample whose forming is shown
    bool m_choseSample = false;             ///< somebody asked for that one
    QString m_lastEnding;                   ///< what the last run came to, in a line
    bool m_ofQueue = false;                 ///< what is begun now is an item of the queue
    bool m_analysing = false;               ///< that item is an analysis
    bool m_unseen = false;                  ///< the running one is not shown: the canvas is being edited
    bool m_stopping = false;                ///< Stop was pressed, the ending has not come yet
    bool m_drawn = false;                   ///< a schedule was chosen: a new pool does not replace it
};

} // namespace steploom
