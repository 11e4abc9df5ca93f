// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/bridge/engine_worker.h"
#include "app/bridge/live_run.h"
#include "app/bridge/session.h"
#include "engine/core/error.h"
#include "engine/runs/run_generation.h"

#include <QElapsedTimer>
#include <QObject>
#include <QThread>
#include <QTimer>

#include <memory>
#include <stop_token>

namespace steploom {

/// The window's side of the engine: owns the thread that owns pool, evaluator and generator. All calls return
/// at once; answers come as queued signals. Jobs run in the order of the calls.
class EngineThread : public QObject {
    Q_OBJECT
public:
    /// `threads` 0: one per processor.
    explicit EngineThread(const QString& storeFile, int threads = 0, QObject* parent = nullptr);
    explicit EngineThread(EngineOptions options, QObject* parent = nullptr);
    /// Stops what runs and waits for the thread.
    ~EngineThread() override;

    /// The old pool stays as it is when the new one is refused; it is freed once the new one is there.
    void loadPool(const std::vector<PoolMemberSpec>& members, const QString& tokenizer = {});
    /// Empty: none from now on.
    void loadEvaluator(const QString& folder);
    /// The request's pool must be the loaded one; more than one request waits in line.
    void generate(const GenerationRequest& request);
    /// Runs the next item of the store's queue (see EngineWorker); queuedEnded() tells what became of it. Its
    /// pool is loaded first where another one is. Otherwise it counts as a request of the line.
    void runNextQueued();
    /// Makes the samples of a stored run once more and compares; its pool must be the loaded one. Nothing is
    /// written.
    void rerun(qint64 run);
    /// Judges stored runs with the loaded evaluator: perplexity, entropy, diversity, kept with each run as
    /// soon as it is measured. Those that it has judged before stay as they are.
    void judge(const std::vector<qint64>& runs);
    /// What the store knows of the importance of the pool's steps on this text, by importanceKnown(); silent
    /// when that is nothing.
    void findImportance(const QString& text, const ImportanceSettings& settings);
    /// Measures it on the text in this file (see measureImportance() of the engine), unless it is known.
    void measureImportance(const QString& text, const ImportanceSettings& settings);
    /// Measures the anchors of generative perplexity under the loaded evaluator when there is nothing else to
    /// do, and keeps them: see EngineWorker.
    void measureAnchors(const QString& text, int length);
    /// Stops the running generation within one network call and drops waiting ones. Finished samples stay.
    void stop();
    /// Which sample LiveState carries, from now on; a running generation answers with a fresh advanced().
    void watch(int sample);
    /// Times the pool at the request's length and batch; answered by calibrated(). Skipped while requests
    /// wait or when a newer one is asked for.
    void calibrate(const GenerationRequest& request);
    bool busy() const noexcept { return m_jobs > 0; } ///< loading, generating or measuring
    int waiting() const noexcept { return m_worker->waitingRequests.load(); } ///< requests not begun yet

signals:
    void poolLoaded(const steploom::PoolFacts& pool);
    /// An empty path: there is none any more.
    void evaluatorLoaded(const steploom::EvaluatorFacts& evaluator);
    void calibrated(int length, const std::vector<CallSeconds>& seconds);
    void runBegun(qint64 run, const steploom::GenerationRequest& request, const steploom::PlannedWork& work);
    /// At most 30 a second; newer ones replace older ones that were not delivered. The last state of a run
    /// always comes, before the run's ending.
    void advanced(const steploom::LiveState& state);
    void sampleFinished(qint64 run, const steploom::RunSample& sample);
    void measuring(qint64 run, double share);
    /// Of the run's finished samples, by index.
    void samplesScored(qint64 run, const std::vector<steploom::TextScore>& scores);
    /// Exactly one ending for each request: ended (finished or stopped; id 0 when it was dropped in the line)
    /// or failed.
    void runEnded(const steploom::RunSummary& summary);
    /// An item of the queue is this thread's now; its runBegun() or analysisBegun() follows, unless it fails
    /// before.
    void queuedBegun(qint64 item);
    /// Item 0: there was none. After runEnded(), before failed().
    void queuedEnded(qint64 item, steploom::QueuedEnding ending);
    void analysisBegun(qint64 item);
    /// How much of it is done, 0…1, and what is being done: "schedule 3 of 46: (L26,H230)". At most 30 a
    /// second of each thing that is done.
    void analysisAdvanced(qint64 item, double share, const QString& what);
    /// The store has a newer result of it: of all that is measured so far.
    void analysisKept(qint64 item, const steploom::StoredAnalysis& analysis);
    void rerunEnded(qint64 run, const steploom::RerunResult& result, bool stopped);
    /// `done` of the wanted runs, and `share` of the next one.
    void judging(int done, int wanted, double share);
    /// Runs without samples are not judged. A failure comes as failed() instead.
    void judgingEnded(int judged, int wanted, bool stopped);
    void importanceKnown(const steploom::ImportanceProfile& profile);
    void importanceAdvanced(const steploom::ImportanceProfile& profile, double share);
    /// `complete`: not stopped, and kept; else what the complete windows say. A failure comes as failed()
    /// instead.
    void importanceEnded(const steploom::ImportanceProfile& profile, bool complete);
    void anchorsKept();
    void failed(const steploom::Error::Parts& error, steploom::EngineJob job);
    void busyChanged(bool busy);

private:
    template <class Job>
    void post(Job job, bool counts = true);
    void scheduleAdvance();
    void emitAdvance();
    void flushAdvance();

    static constexpr int kAdvanceInterval = 34; ///< ms: at most 30 a second

    QThread m_thread;
    EngineWorker* m_worker = nullptr; ///< lives in m_thread
    int m_jobs = 0;                   ///< posted and not done, as far as this thread has heard
    std::stop_source m_stop;          ///< of every request posted since the last stop()
    int m_watched = 0;
    QElapsedTimer m_sinceAdvance;
    QTimer m_advanceTimer;
    bool m_live = false; ///< a generation has begun and not ended
};

} // namespace steploom

Q_DECLARE_METATYPE(steploom::PoolFacts)
Q_DECLARE_METATYPE(steploom::EvaluatorFacts)
Q_DECLARE_METATYPE(steploom::GenerationRequest)
Q_DECLARE_METATYPE(steploom::PlannedWork)
Q_DECLARE_METATYPE(steploom::LiveState)
Q_DECLARE_METATYPE(steploom::RunSample)
Q_DECLARE_METATYPE(steploom::RunSummary)
Q_DECLARE_METATYPE(steploom::RerunResult)
Q_DECLARE_METATYPE(steploom::EngineJob)
Q_DECLARE_METATYPE(steploom::ImportanceProfile)
Q_DECLARE_METATYPE(steploom::QueuedEnding)
Q_DECLARE_METATYPE(steploom::StoredAnalysis)
Q_DECLARE_METATYPE(steploom::Error::Parts)
