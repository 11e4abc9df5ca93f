// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/bridge/session.h"
#include "engine/core/error.h"
#include "engine/runs/run_generation.h"

#include <QObject>
#include <QThread>

#include <atomic>
#include <memory>
#include <stop_token>

namespace steploom {

class EngineWorker;

/// State of a running generation for the window: what the canvas draws and the progress bar shows.
struct LiveState {
    qint64 run = 0;
    SampleTrace watched;  ///< the watched sample so far; the mask token where nothing is revealed yet
    int lastStep = -1;    ///< of the watched sample
    int lastMember = -1;
    int lastRevealed = 0; ///< positions its last call revealed
    std::int64_t callsDone = 0;
    std::int64_t callsTotal = 0;
    double flops = 0;
    double seconds = 0;   ///< since the start
    double secondsLeft = 0; ///< from FLOPs done, left, and their rate; 0 when not known yet
    int samplesFinished = 0;
};

/// The window's side of the engine: owns the thread that owns pool, evaluator and generator. All calls return at once;
/// answers come as queued signals. Jobs run in the order of the calls.
class EngineThread : public QObject {
    Q_OBJECT
  public:
    /// `threads` 0: one per processor.
    explicit EngineThread(const QString& storeFile, int threads = 0, QObject* parent = nullptr);
    /// Stops what runs and waits for the thread.
    ~EngineThread() override;

    void loadPool(const std::vector<PoolMemberSpec>& members, const QString& tokenizer = {});
    void loadEvaluator(const QString& folder);
    /// The request's pool must be the loaded one; more than one request waits in line.
    void generate(const GenerationRequest& request);
    /// Stops the running generation within one network call and drops waiting ones. Finished samples stay.
    void stop();
    /// Which sample LiveState carries.
    void watch(int sample);
    /// Times the pool at this length and batch; answered by calibrated(). Skipped while requests wait.
    void calibrate(int length, int batch);
    bool busy() const noexcept { return m_jobs.load() > 0; } ///< loading, generating or measuring

  signals:
    void poolLoaded(const steploom::PoolFacts& pool);
    void evaluatorLoaded(const steploom::EvaluatorFacts& evaluator);
    void calibrated(int length, const std::vector<double>& secondsPerCall);
    void runBegun(qint64 run, const steploom::GenerationRequest& request, const steploom::PlannedWork& work);
    /// At most 30 a second; newer ones replace older ones that were not delivered.
    void advanced(const steploom::LiveState& state);
    void sampleFinished(qint64 run, const steploom::RunSample& sample);
    void measuring(qint64 run, double share);
    /// Exactly one ending for each request: ended (finished or stopped) or failed.
    void runEnded(const steploom::RunSummary& summary);
    void failed(const steploom::Error::Parts& error);
    void busyChanged(bool busy);

  private:
    QThread m_thread;
    EngineWorker* m_worker = nullptr; ///< lives in m_thread
    std::atomic<int> m_jobs{0};
};

} // namespace steploom

Q_DECLARE_METATYPE(steploom::PoolFacts)
Q_DECLARE_METATYPE(steploom::EvaluatorFacts)
Q_DECLARE_METATYPE(steploom::GenerationRequest)
Q_DECLARE_METATYPE(steploom::PlannedWork)
Q_DECLARE_METATYPE(steploom::LiveState)
Q_DECLARE_METATYPE(steploom::RunSample)
Q_DECLARE_METATYPE(steploom::RunSummary)
Q_DECLARE_METATYPE(steploom::Error::Parts)
