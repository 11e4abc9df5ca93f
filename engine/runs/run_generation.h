// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/measures/generative_perplexity.h"
#include "engine/runs/run.h"
#include "engine/sampling/generator.h"

#include <memory>
#include <optional>
#include <stop_token>

namespace steploom {

class RunStore;
struct QueuedGeneration;

/// What a generation needs beside its request. Pointers are borrowed for the call.
struct GenerationMeans {
    ModelPool* pool = nullptr;            ///< loaded from the request's members
    const Evaluator* evaluator = nullptr; ///< none: no generative perplexity
    RunStore* store = nullptr;            ///< none: nothing is kept
    int threads = 0;                      ///< for provenance
    /// Run of the store to continue where its request, checkpoints, program version and processor are the
    /// same: only the samples that it lacks are made. Otherwise, and with 0, a run of its own is begun.
    std::int64_t unfinished = 0;
    /// Only the first so many samples are made; the run then counts as stopped, judged as far as it goes, and
    /// can be continued. 0: all.
    int samplesAtMost = 0;
    std::int64_t queued = 0; ///< item of the store's queue that the run belongs to; 0: none
};

/// Listens to a run: generation, then measuring.
class RunObserver : public GenerationObserver {
public:
    /// The run is in the store (id 0 without one).
    virtual void begun(std::int64_t /*run*/, const ScheduleCost&) {}
    /// A sample is finished and stored.
    virtual void stored(const RunSample&) {}
    /// Scoring by the evaluator advances.
    virtual void measuring(double /*share*/) {}
    /// Every sample is scored, in the order of the run's samples: once, and not when scoring was stopped.
    virtual void scored(std::span<const TextScore>) {}
};

/// The one path from a request to a run, used by window and command line: chooses the batch where the request
/// leaves it open (the observer learns it from PlannedWork), writes the run, generates, stores each sample as
/// it is finished with the work done so far, ends the run, then measures entropy, diversity (of a finished
/// run only) and generative perplexity. What is stored names the pool as it was loaded, with the SHA-256 of
/// each checkpoint.
///
/// A run that is continued comes to the same bytes as one that was never interrupted; the observer is told of
/// its stored samples first, as if they were just finished, and its plan holds what is left to do. Scores
/// that the same evaluator gave them stay.
///
/// A request that is refused leaves no run behind. A stop during generation ends the run as stopped, with the
/// entropy of its finished samples and no perplexity; a stop during measuring leaves it finished, with the
/// measures that were done: a perplexity of some of the samples only is never kept. A failing store ends the
/// generation (the samples stored so far stay, the run counts as cut off) and its Error is thrown.
Run runGeneration(const GenerationRequest& request, const GenerationMeans& means, RunObserver& observer,
                  std::stop_token stop);

/// Whether the scores that a stored run keeps of its samples are this evaluator's.
bool isJudgedBy(const RunSummary& run, const Evaluator& evaluator);

/// Runs an item of the queue that this process has claimed, in means.store and with its pool loaded, and goes
/// on with the run that it had begun. When all is done, measuring included, the item leaves the queue; after
/// a stop it waits again; after an Error, which is thrown, it is marked as failed.
Run runQueued(const QueuedGeneration& item, const GenerationMeans& means, RunObserver& observer,
              std::stop_token stop);

/// How a rerun compares with what is stored.
struct RerunResult {
    bool identical = false; ///< every stored sample was made again, to the same bits
    int compared = 0;       ///< samples of the stored run that were made again
    /// "sample 3, position 17: token 512 stored, 801 now", or why nothing could be said; empty when
    /// identical.
    std::string firstDifference;
};

/// Generates the samples that `stored` holds once more and compares tokens, reveal steps, members, and the
/// bits of the log-probabilities. Samples are independent of each other, so those of a run that was stopped
/// or cut off are compared just as well. Nothing is written. Throws Error(Pool) when the pool's checkpoints
/// are not those of the run.
RerunResult rerunAndCompare(const Run& stored, ModelPool& pool, GenerationObserver& observer,
                            std::stop_token stop);

} // namespace steploom
