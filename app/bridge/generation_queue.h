// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/bridge/analysis_work.h"
#include "app/bridge/call_times.h"
#include "app/bridge/engine_thread.h"
#include "app/bridge/run_library.h"
#include "app/bridge/session.h"

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

#include <map>
#include <optional>
#include <span>
#include <vector>

namespace steploom {

/// How far an analysis is.
struct AnalysisProgress {
    double share = 0; ///< 0…1
    QString doing;    ///< "schedule 3 of 46: (L26,H230)"
};

/// Runs the store's queue, generations and analyses, one item after the other, whenever the engine has
/// nothing else to do and the queue is not paused. What somebody generates by hand meanwhile goes before the
/// next item. An item whose models are not the loaded ones has them loaded when its turn comes. Several
/// windows and the command line may work at one queue: each item is run by one of them.
class GenerationQueue : public QObject {
    Q_OBJECT
public:
    /// Library and session must outlive the queue. The engine must be gone before it: what is cut off then
    /// waits again.
    GenerationQueue(RunLibrary& library, EngineThread& engine, Session& session, QObject* parent = nullptr);
    ~GenerationQueue() override;

    const std::vector<QueuedGeneration>& items() const noexcept { return m_library.queue(); }
    int waiting() const;
    /// The item that this window's engine is at; 0: none.
    qint64 running() const noexcept { return m_running; }
    /// No new item begins; the running one goes on.
    bool isPaused() const noexcept { return m_paused; }
    void setPaused(bool paused);
    /// Stops the running item within one network call and pauses. Its finished samples stay; it goes on from
    /// there when the queue is resumed.
    void stop();

    // Changes. They answer what went wrong, nothing when all went well; changed() has been emitted then.
    std::optional<Error::Parts> add(std::span<const WantedGeneration> wanted);
    /// Before the item `before`; 0: to the end.
    std::optional<Error::Parts> move(std::span<const std::int64_t> items, qint64 before);
    /// A running one is stopped; the queue goes on with the next.
    std::optional<Error::Parts> cancel(std::span<const std::int64_t> items);
    /// What the last cancel() took out; empty: nothing that could come back.
    const std::vector<QueuedGeneration>& cancelled() const noexcept { return m_cancelled; }
    std::optional<Error::Parts> undoCancel();
    /// Failed items wait again.
    std::optional<Error::Parts> retry(std::span<const std::int64_t> items);

    /// What is left of an item; nothing when that is not known, or it failed.
    std::optional<double> secondsLeft(const QueuedGeneration& item) const;
    /// Of all that waits or runs. `known` false: of some it is not known.
    struct Total {
        double seconds = 0;
        bool known = true;
    };
    Total secondsLeft() const;
    /// Of a generation that is not in the queue.
    std::optional<double> secondsOf(const GenerationRequest& request) const;
    /// Of an analysis that is not in the queue.
    AnalysisWork workOf(const GenerationRequest& request, const AnalysisOrder& order) const;
    /// Of an analysis that this window's engine is at; nothing for all others.
    std::optional<AnalysisProgress> progressOf(const QueuedGeneration& item) const;

signals:
    /// Items, their states, what is running, or whether it is paused.
    void changed();
    /// Remaining times, or how far the running analysis is; a few times a second at most.
    void timesChanged();
    void pausedChanged(bool paused);

private:
    void proceed();
    void begin(qint64 item);
    void end(qint64 item, QueuedEnding ending);
    void forgetTimes();
    std::optional<double> secondsOfItem(const QueuedGeneration& item) const;
    void follow(qint64 item, double share, const QString& doing);

    RunLibrary& m_library;
    EngineThread& m_engine;
    Session& m_session;
    CallTimes m_times;
    /// By item, whose request never changes: seconds of a sample, or of the whole analysis.
    mutable std::map<qint64, std::optional<double>> m_perSample;
    bool m_paused = false;
    bool m_asked = false; ///< the engine was told to take the next one and has not answered yet
    qint64 m_running = 0;
    double m_runningLeft = 0;                   ///< seconds; 0: not known
    std::optional<AnalysisProgress> m_progress; ///< of the running analysis
    ShareRate m_rate;                           ///< and how fast it goes
    QElapsedTimer m_begun;                      ///< when it began
    QTimer m_tellTimes;
    bool m_cancelling = false; ///< the running item was cancelled: its stop is no pause
    std::vector<QueuedGeneration> m_cancelled;
    QTimer m_lookAfterOthers; ///< other processes may be gone with the items they ran
};

} // namespace steploom
