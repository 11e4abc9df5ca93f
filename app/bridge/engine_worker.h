// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/bridge/live_run.h"
#include "app/bridge/session.h"
#include "engine/analyses/run_analysis.h"
#include "engine/core/error.h"
#include "engine/measures/generative_perplexity.h"
#include "engine/measures/step_importance.h"
#include "engine/runs/run_generation.h"
#include "engine/runs/run_store.h"
#include "engine/tensor/compute_context.h"

#include <QObject>

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>

namespace steploom {

/// How an EngineThread is set up. Loaders and analyses are what tests replace to run without checkpoints.
struct EngineOptions {
    std::filesystem::path storeFile;
    int threads = 0; ///< 0: one per processor
    std::function<ModelPool(std::vector<PoolMemberSpec>, const std::filesystem::path& tokenizer,
                            ComputeContext&)>
        loadPool = &ModelPool::load;
    std::function<Evaluator(const std::filesystem::path& folder, ComputeContext&)> loadEvaluator =
        [](const std::filesystem::path& folder, ComputeContext& context) {
            return Evaluator::load(folder, Precision::F32, context);
        };
    std::function<bool(const QueuedGeneration&, const GenerationMeans&, ComputeContext&, AnalysisObserver&,
                       const std::stop_token&)>
        runAnalysis = &runQueuedAnalysis;
};

/// What a job of the engine thread was about; says where the window shows its error.
enum class EngineJob { LoadPool, LoadEvaluator, Generate, Rerun, Queue, Importance, Judge };

/// What became of an item of the queue.
enum class QueuedEnding {
    Nothing, ///< none waited
    Done,
    Stopped, ///< it waits again
    Failed,
};

/// Lives in the engine thread and owns everything that computes: context, pool, evaluator, store. Every
/// function runs there, one job at a time, and reports by signals; what is shared with the window's thread is
/// `live` (locked) and two counters.
class EngineWorker : public QObject {
    Q_OBJECT
public:
    explicit EngineWorker(EngineOptions options);
    ~EngineWorker() override;

    void loadPool(std::vector<PoolMemberSpec> members, const std::filesystem::path& tokenizer);
    void loadEvaluator(const std::filesystem::path& folder);
    void generate(GenerationRequest request, const std::stop_token& stop);
    /// Claims the first item of the store's queue that waits, generation or analysis, loads its pool unless
    /// that is loaded, and runs it.
    void runNextQueued(const std::stop_token& stop);
    void rerun(qint64 run, const std::stop_token& stop);
    /// Measures perplexity under the loaded evaluator, entropy and diversity of stored runs that hold
    /// samples; what is known stays.
    void judge(const std::vector<qint64>& runs, const std::stop_token& stop);
    /// Says what the store knows of the pool's steps on this text; silent when that is nothing.
    void findImportance(const std::filesystem::path& text, const ImportanceSettings& settings);
    void measureImportance(const std::filesystem::path& text, const ImportanceSettings& settings,
                           const std::stop_token& stop);
    /// What the evaluator says of this text and of its words in random order, in pieces of so many of its
    /// tokens: kept in the store, unless it is there already. Gives way to requests that wait; silent when it
    /// cannot be done.
    void measureAnchors(const std::filesystem::path& text, int length);
    /// Does nothing when `ticket` is no longer the newest or requests wait.
    void calibrate(const GenerationRequest& request, int ticket);

    LiveRun live;
    std::atomic<int> waitingRequests{0};   ///< posted, not begun
    std::atomic<int> calibrationTicket{0}; ///< of the newest calibration asked for

signals:
    void poolLoaded(const steploom::PoolFacts& pool);
    void evaluatorLoaded(const steploom::EvaluatorFacts& evaluator);
    void calibrated(int length, const std::vector<CallSeconds>& seconds);
    void runBegun(qint64 run, const steploom::GenerationRequest& request, const steploom::PlannedWork& work);
    void liveChanged(); ///< once until live.acknowledge()
    void sampleFinished(qint64 run, const steploom::RunSample& sample);
    void measuring(qint64 run, double share);
    void samplesScored(qint64 run, const std::vector<steploom::TextScore>& scores);
    void runEnded(const steploom::RunSummary& summary);
    void queuedBegun(qint64 item);
    void queuedEnded(qint64 item, steploom::QueuedEnding ending);
    void analysisBegun(qint64 item);
    void analysisAdvanced(qint64 item, double share, const QString& what);
    void analysisKept(qint64 item, const steploom::StoredAnalysis& analysis);
    void rerunEnded(qint64 run, const steploom::RerunResult& result, bool stopped);
    void judging(int done, int wanted, double share);
    void judgingEnded(int judged, int wanted, bool stopped);
    void importanceKnown(const steploom::ImportanceProfile& profile);
    void importanceAdvanced(const steploom::ImportanceProfile& profile, double share);
    void importanceEnded(const steploom::ImportanceProfile& profile, bool complete);
    /// The store has anchors that it had not before.
    void anchorsKept();
    void failed(const steploom::Error::Parts& error, steploom::EngineJob job);
    /// A job that counts as busy is over; everything it had to say was said.
    void jobDone();

private:
    class Observer;
    class AnalysisWitness;
    void perform(EngineJob job, const char* what, const std::function<void()>& work);
    ComputeContext& context();
    RunStore& store();
    ModelPool poolFor(std::vector<PoolMemberSpec> members, const std::filesystem::path& tokenizer);
    bool holdsPool(const std::vector<PoolMemberSpec>& wanted) const;
    GenerationMeans means();
    void tellTimes(int length);
    QueuedEnding runClaimed(const QueuedGeneration& item, const std::stop_token& stop);
    void loadPoolOf(const QueuedGeneration& item);
    QueuedEnding runClaimedAnalysis(const QueuedGeneration& item, const std::stop_token& stop);
    void requirePool(const std::vector<PoolMemberSpec>& wanted) const;
    PoolFacts factsOf(const ModelPool& pool) const;

    EngineOptions m_options;
    // The context must outlive the models that borrow it.
    std::unique_ptr<ComputeContext> m_context;
    std::optional<ModelPool> m_pool;
    std::filesystem::path m_tokenizer; ///< the pool's, as asked for
    std::optional<Evaluator> m_evaluator;
    std::optional<RunStore> m_store;
};

} // namespace steploom
