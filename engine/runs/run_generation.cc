// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/run_generation.h"

#include "engine/core/error.h"
#include "engine/core/memory.h"
#include "engine/core/version.h"
#include "engine/measures/diversity.h"
#include "engine/runs/run_store.h"
#include "engine/runs/utc_now.h"
#include "engine/sampling/masked_diffusion.h"
#include "engine/sampling/sequential_sampling.h"
#include "engine/tensor/compute_context.h"

#include <algorithm>
#include <chrono>
#include <exception>

namespace steploom {

namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

Provenance provenanceOf(const GenerationMeans& means) {
    Provenance provenance;
    provenance.version = kVersion;
    provenance.processor = processorName() + ", " + instructionSet();
    provenance.threads = means.threads;
    provenance.onednn = oneDnnVersion();
    for (const PoolMember& member : means.pool->members())
        provenance.members.push_back(member.model->facts());
    return provenance;
}

/// Stands between generator and observer and keeps what comes by. An observer must not throw, so the first
/// failure is held, the generation is asked to stop, and the failure is thrown when the generator has
/// returned.
class Recorder : public GenerationObserver {
public:
    Recorder(Run& run, const GenerationMeans& means, RunObserver& observer, std::stop_source& stop)
        : m_run(run), m_means(means), m_observer(observer), m_stop(stop) {}

    void started(const PlannedWork& work) override {
        holding([&] {
            m_padding = work.padding;
            RunSummary& summary = m_run.summary;
            const std::vector<CallCost> costs = m_means.pool->callCosts(summary.request.length);
            const auto masked = std::ranges::count(work.initialTokens, work.maskToken);
            summary.cost = costOf(summary.request.schedule,
                                  {.members = costs,
                                   .length = summary.request.length,
                                   .masked = static_cast<int>(masked),
                                   .sampler = summary.request.sampler,
                                   .blockLength = summary.request.blockLength,
                                   .remasking = summary.request.remasking,
                                   .firstStep = firstStepOf(summary.request),
                                   .written = writtenIn(summary.request),
                                   .draws = plannedDraws(summary.request, m_means.pool->kind())});
            if (m_means.pool->kind() != GenerationKind::MaskedDiffusion)
                summary.cost.figures = work.figures;
            summary.work.batch = work.batch;
            for (const CallCost& cost : costs)
                summary.work.members.try_emplace(cost.letter);
            if (summary.id != 0) {
                m_means.store->resume(summary.id);
            } else {
                summary.started = utcNow();
                if (m_means.store != nullptr)
                    summary.id =
                        m_means.store->begin(summary.request, m_run.provenance, summary.cost, m_means.queued);
            }
            m_observer.begun(summary.id, summary.cost);
            m_observer.started(work);
            for (const RunSample& sample : m_run.samples) { // of a run that is continued
                m_observer.finished(sample.trace);
                m_observer.stored(sample);
            }
        });
    }

    void stepped(const StepEvent& event) override {
        const PoolMember& member = m_means.pool->members()[static_cast<std::size_t>(event.member)];
        m_run.summary.work.members[member.spec.letter].count(event);
        if (!m_failure)
            m_observer.stepped(event);
    }

    void finished(const SampleTrace& trace) override {
        // Whatever becomes of the store, a finished sample reaches the observer: nothing computed is lost.
        m_observer.finished(trace);
        m_run.samples.push_back({trace, textOf(trace, m_padding, *m_means.pool->tokenizer()), {}});
        holding([&] {
            if (m_means.store != nullptr)
                m_means.store->addSample(m_run.summary.id, m_run.samples.back(), workSoFar());
            m_observer.stored(m_run.samples.back());
        });
    }

    /// What is counted in the run's summary, with the memory held by now.
    const RunWork& workSoFar() {
        m_run.summary.work.peakMemory = peakMemory();
        return m_run.summary.work;
    }

    void rethrow() const {
        if (m_failure)
            std::rethrow_exception(m_failure);
    }

private:
    template <class Work>
    void holding(const Work& work) {
        if (m_failure)
            return;
        try {
            work();
        } catch (...) {
            m_failure = std::current_exception();
            m_stop.request_stop();
        }
    }

    Run& m_run;
    const GenerationMeans& m_means;
    RunObserver& m_observer;
    std::stop_source& m_stop;
    std::vector<std::int32_t> m_padding; ///< no part of the text
    std::exception_ptr m_failure;
};

void generate(Run& run, int batch, const GenerationMeans& means, RunObserver& observer,
              std::stop_token stop) {
    std::stop_source either; // the caller's stop, or a failing store
    const std::stop_callback forward(stop, [&] { either.request_stop(); });
    Recorder recorder(run, means, observer, either);
    RunSummary& summary = run.summary;
    GenerationRequest request = summary.request; // what is stored says what was asked for
    request.batch = batch;
    if (means.samplesAtMost > 0)
        request.samples = std::min(request.samples, means.samplesAtMost);
    std::vector<int> finished;
    for (const RunSample& sample : run.samples)
        if (sample.trace.index < request.samples)
            finished.push_back(sample.trace.index);
    const double secondsBefore = summary.seconds;
    const auto start = Clock::now();
    try {
        const Trace trace =
            makeGenerator(*means.pool, std::move(finished))->run(request, recorder, either.get_token());
        recorder.rethrow();
        const bool whole =
            !trace.stopped && run.samples.size() == static_cast<std::size_t>(summary.request.samples);
        summary.state = whole ? RunState::Finished : RunState::Stopped;
        summary.seconds = secondsBefore + trace.seconds;
    } catch (...) {
        if (means.store != nullptr && summary.id != 0) {
            try {
                means.store->finish(summary.id, RunState::CutOff, secondsBefore + secondsSince(start),
                                    recorder.workSoFar());
            } catch (const Error&) {
                // The store that just failed fails again: the next one to open it marks the run.
            }
        }
        throw;
    }
    std::ranges::sort(run.samples, {}, [](const RunSample& sample) { return sample.trace.index; });
    summary.finishedSamples = static_cast<int>(run.samples.size());
    for (const RunSample& sample : run.samples) {
        summary.executedFlops += sample.trace.flops;
        for (const auto& [letter, calls] : sample.trace.calls)
            summary.calls[letter] += calls;
    }
    recorder.workSoFar();
    summary.measures.clear(); // those of fewer samples, where it was continued
    // Before measuring: whatever happens there, the text is made.
    if (means.store != nullptr)
        means.store->finish(summary.id, summary.state, summary.seconds, summary.work);
}

void keep(Run& run, const GenerationMeans& means, Measure measure, Clock::time_point start) {
    measure.seconds = secondsSince(start);
    run.summary.measures.push_back(std::move(measure));
    if (means.store != nullptr)
        means.store->addMeasure(run.summary.id, run.summary.measures.back());
}

void measure(Run& run, const GenerationMeans& means, RunObserver& observer, std::stop_token stop) {
    if (run.samples.empty())
        return;
    auto start = Clock::now();
    std::vector<std::vector<std::int32_t>> tokens;
    std::vector<std::string> texts;
    for (const RunSample& sample : run.samples) {
        tokens.push_back(sample.trace.tokens);
        if (!sample.score)
            texts.push_back(sample.text);
    }
    keep(run, means, unigramEntropy(tokens), start);
    if (run.summary.state == RunState::Finished && !stop.stop_requested()) {
        start = Clock::now();
        for (Measure& diversity : diversityMeasures(tokens))
            keep(run, means, std::move(diversity), start);
    }
    if (means.evaluator == nullptr)
        return;
    start = Clock::now();
    const auto made = means.evaluator->score(
        texts, [&](double share) { observer.measuring(share); }, stop);
    if (made.size() != texts.size())
        return;
    std::vector<TextScore> scores;
    std::size_t next = 0;
    for (RunSample& sample : run.samples) {
        if (!sample.score)
            sample.score = made[next++];
        scores.push_back(*sample.score);
    }
    if (means.store != nullptr)
        means.store->setScores(run.summary.id, run.samples);
    Measure perplexity = generativePerplexity(scores, *means.evaluator);
    perplexity.settings["retokenised"] =
        means.evaluator->tokenizer().fingerprint() != means.pool->tokenizer()->fingerprint();
    keep(run, means, std::move(perplexity), start);
    observer.scored(scores);
}

/// Whether what is missing of a stored run would come out as if the run had never been interrupted.
bool canContinue(const Run& stored, const Run& wanted) {
    const auto precisions = [](const Provenance& provenance) {
        std::vector<Precision> effective;
        for (const ModelFacts& facts : provenance.members)
            effective.push_back(facts.effective);
        return effective;
    };
    return stored.summary.request == wanted.summary.request &&
           stored.provenance.version == wanted.provenance.version &&
           stored.provenance.processor == wanted.provenance.processor &&
           stored.provenance.onednn == wanted.provenance.onednn &&
           precisions(stored.provenance) == precisions(wanted.provenance);
}

/// The stored run's part of what is to be done, if it can be continued.
void takeUp(Run& run, const GenerationMeans& means) {
    if (means.store == nullptr || means.unfinished == 0)
        return;
    Run stored = means.store->load(means.unfinished);
    if (!canContinue(stored, run))
        return;
    run.summary.id = stored.summary.id;
    run.summary.started = stored.summary.started;
    run.summary.seconds = stored.summary.seconds;
    run.summary.work = stored.summary.work;
    run.samples = std::move(stored.samples);
    if (means.evaluator != nullptr && !isJudgedBy(stored.summary, *means.evaluator))
        for (RunSample& sample : run.samples)
            sample.score.reset();
}

} // namespace

bool isJudgedBy(const RunSummary& run, const Evaluator& evaluator) {
    const Measure* perplexity = run.measure("generative_perplexity");
    return perplexity != nullptr &&
           perplexity->settings.value("evaluator_sha256", std::string()) == evaluator.sha256() &&
           perplexity->settings.value("evaluator_precision", std::string()) ==
               precisionName(evaluator.facts().effective);
}

Run runGeneration(const GenerationRequest& request, const GenerationMeans& means, RunObserver& observer,
                  std::stop_token stop) {
    if (means.pool == nullptr)
        throw Error(ErrorKind::Pool, {"cannot generate", "", "there is no model", "Load a pool first"});
    Run run;
    run.summary.request = request;
    run.summary.request.pool.clear();
    for (const PoolMember& member : means.pool->members())
        run.summary.request.pool.push_back(member.spec);
    run.summary.kind = means.pool->kind();
    run.provenance = provenanceOf(means);
    requireRunnable(run.summary.request);
    takeUp(run, means);
    const int batch = requestedBatch(run.summary.request, *means.pool, stop);
    generate(run, batch, means, observer, stop);
    measure(run, means, observer, stop);
    return run;
}

Run runQueued(const QueuedGeneration& item, const GenerationMeans& means, RunObserver& observer,
              std::stop_token stop) {
    GenerationMeans all = means;
    all.unfinished = item.run;
    all.queued = item.id;
    const auto failed = [&](const Error::Parts& error) {
        try {
            means.store->failQueued(item.id, error);
        } catch (const Error&) {
            // The store that just failed fails again: the item waits when its process is gone.
        }
    };
    try {
        Run run = runGeneration(item.request, all, observer, stop);
        const bool measured =
            means.evaluator == nullptr || run.summary.measure("generative_perplexity") != nullptr;
        if (run.summary.state == RunState::Finished && (measured || !stop.stop_requested()))
            means.store->finishQueued(item.id);
        else
            means.store->releaseQueued(item.id);
        return run;
    } catch (const Error& error) {
        failed(error.parts());
        throw;
    } catch (const std::exception& error) {
        failed({"cannot generate", "the engine", error.what(), "Try it again"});
        throw;
    }
}

} // namespace steploom
