// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/bridge/call_times.h"
#include "app/bridge/engine_thread.h"
#include "app/bridge/run_library.h"
#include "app/bridge/session.h"

#include <QObject>
#include <QTimer>

#include <map>
#include <optional>
#include <span>
#include <vector>

namespace steploom {

/// Runs the store's queue, one item after the other, whenever the engine has nothing else to do and the queue
/// is not paused. What somebody generates by hand meanwhile goes before the next item. An item whose models
/// are not the loaded ones has them loaded when its turn comes. Several windows and the command line may work
/// at one queue: each item is run by one of them.
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

signals:
    /// Items, their states, what is running, or whether it is paused.
    void changed();
    /// Remaining times.
    void timesChanged();
    void pausedChanged(bool paused);

private:
    void proceed();
    void begin(qint64 item);
    void end(qint64 item, QueuedEnding ending);
    void forgetTimes();

    RunLibrary& m_library;
    EngineThread& m_engine;
    Session& m_session;
    CallTimes m_times;
    mutable std::map<qint64, std::optional<double>> m_perSample; ///< by item: its request never changes
    bool m_paused = false;
    bool m_asked = false; ///< the engine was told to take the next one and has not answered yet
    qint64 m_running = 0;
    double m_runningLeft = 0;  ///< seconds; 0: not known
    bool m_cancelling = false; ///< the running item was cancelled: its stop is no pause
    std::vector<QueuedGeneration> m_cancelled;
    QTimer m_lookAfterOthers; ///< other processes may be gone with the items they ran
};

} // namespace steploom
