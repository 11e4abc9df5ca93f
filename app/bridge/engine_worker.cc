// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/bridge/engine_worker.h"

#include "engine/analyses/kinds.h"
#include "engine/analyses/measure_anchors.h"
#include "engine/analyses/run_measures.h"
#include "engine/core/read_file.h"
#include "engine/core/thread_pool.h"
#include "engine/runs/known_importance.h"
#include "engine/sampling/masked_diffusion.h"

#ifdef Q_OS_LINUX
#include <sys/resource.h>
#include <unistd.h>
#endif

#include <algorithm>
#include <chrono>
#include <utility>

namespace steploom {
namespace {

bool sameModel(const PoolMemberSpec& a, const PoolMemberSpec& b) {
    return a.path == b.path && a.precision == b.precision && (a.sha256.empty() || a.sha256 == b.sha256);
}

} // namespace

/// Carries what the engine reports into the live state and on as signals.
class EngineWorker::Observer final : public RunObserver {
public:
    Observer(EngineWorker& worker, const GenerationRequest& request, qint64 run = 0)
        : m_worker(worker), m_request(request), m_run(run), m_rerun(run != 0) {}

    void begun(std::int64_t run, const ScheduleCost&) override { m_run = run; }

    void started(const PlannedWork& work) override {
        m_worker.live.begin(m_run, work, m_request, m_worker.m_pool->callCosts(m_request.length));
        if (!m_rerun)
            emit m_worker.runBegun(m_run, m_request, work);
        announce();
    }

    void stepped(const StepEvent& event) override {
        m_worker.live.step(event);
        announce();
    }

    void finished(const SampleTrace& sample) override {
        m_worker.live.finishSample(sample);
        announce();
    }

    void stored(const RunSample& sample) override { emit m_worker.sampleFinished(m_run, sample); }
    void measuring(double share) override { emit m_worker.measuring(m_run, share); }
    void scored(std::span<const TextScore> scores) override {
        emit m_worker.samplesScored(m_run, {scores.begin(), scores.end()});
    }

private:
    void announce() {
        if (m_worker.live.takeAnnouncement())
            emit m_worker.liveChanged();
    }

    EngineWorker& m_worker;
    const GenerationRequest& m_request;
    qint64 m_run;
    bool m_rerun;
};

/// Carries an analysis' progress on as signals, at most 30 a second: a call of a small model is over sooner.
class EngineWorker::AnalysisWitness final : public AnalysisObserver {
public:
    AnalysisWitness(EngineWorker& worker, qint64 item) : m_worker(worker), m_item(item) {}

    void advanced(double share, const std::string& what) override {
        const auto now = std::chrono::steady_clock::now();
        if (what == m_what && now - m_told < std::chrono::milliseconds(34))
            return;
        m_told = now;
        m_what = what;
        emit m_worker.analysisAdvanced(m_item, share, QString::fromStdString(what));
    }
    void kept(const StoredAnalysis& analysis) override { emit m_worker.analysisKept(m_item, analysis); }

private:
    EngineWorker& m_worker;
    qint64 m_item;
    std::string m_what;
    std::chrono::steady_clock::time_point m_told{};
};

EngineWorker::EngineWorker(EngineOptions options) : m_options(std::move(options)) {}

EngineWorker::~EngineWorker() = default;

namespace {

/// Computing takes every processor for as long as it lasts; a window that is drawn meanwhile must come first.
/// The threads that the compute context starts inherit this one's place.
void letTheWindowGoFirst() {
#ifdef Q_OS_LINUX
    constexpr int kNice = 10;
    setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kNice); // of this thread, on Linux
#endif
}

} // namespace

ComputeContext& EngineWorker::context() {
    if (!m_context) {
        letTheWindowGoFirst();
        m_context = std::make_unique<ComputeContext>(m_options.threads);
    }
    return *m_context;
}

RunStore& EngineWorker::store() {
    if (!m_store)
        m_store.emplace(m_options.storeFile);
    return *m_store;
}

/// Runs a job so that whatever it throws becomes one failed(): nothing leaves the thread as an exception.
void EngineWorker::perform(EngineJob job, const char* what, const std::function<void()>& work) {
    try {
        work();
    } catch (const Error& error) {
        emit failed(error.parts(), job);
    } catch (const std::bad_alloc&) {
        emit failed(
            {what, "the engine", "there is not enough memory", "close other programs or use a smaller batch"},
            job);
    } catch (const std::exception& error) {
        emit failed({what, "the engine", error.what(), "please report this"}, job);
    }
    emit jobDone();
}

PoolFacts EngineWorker::factsOf(const ModelPool& pool) const {
    PoolFacts facts;
    for (const PoolMember& member : pool.members())
        facts.members.push_back({member.spec, member.model->facts()});
    facts.tokenizer = pool.tokenizer();
    facts.tokenizerPath = m_tokenizer.string();
    facts.maskToken = pool.maskToken();
    return facts;
}

/// Renaming or removing members needs no loading: the models are there. Anything else is read from disk,
/// beside the old pool, so that a refusal leaves the old one as it was.
ModelPool EngineWorker::poolFor(std::vector<PoolMemberSpec> members, const std::filesystem::path& tokenizer) {
    if (!m_pool || tokenizer != m_tokenizer)
        return m_options.loadPool(std::move(members), tokenizer, context());
    std::vector<PoolMember> parts;
    for (const PoolMemberSpec& spec : members) {
        const auto same = std::ranges::find_if(
            m_pool->members(), [&](const PoolMember& member) { return sameModel(spec, member.spec); });
        if (same == m_pool->members().end())
            return m_options.loadPool(std::move(members), tokenizer, context());
        parts.push_back({spec, same->model});
        parts.back().spec.sha256 = same->spec.sha256;
    }
    return ModelPool(std::move(parts), m_pool->tokenizer());
}

void EngineWorker::loadPool(std::vector<PoolMemberSpec> members, const std::filesystem::path& tokenizer) {
    perform(EngineJob::LoadPool, "cannot load the pool", [&] {
        ModelPool loaded = poolFor(std::move(members), tokenizer);
        m_pool = std::move(loaded);
        m_tokenizer = tokenizer;
        emit poolLoaded(factsOf(*m_pool));
    });
}

void EngineWorker::loadEvaluator(const std::filesystem::path& folder) {
    perform(EngineJob::LoadEvaluator, "cannot load the evaluator", [&] {
        if (folder.empty()) {
            m_evaluator.reset();
            emit evaluatorLoaded({});
            return;
        }
        Evaluator loaded = m_options.loadEvaluator(folder, context());
        m_evaluator.emplace(std::move(loaded));
        emit evaluatorLoaded({.name = QString::fromStdString(m_evaluator->name()),
                              .path = QString::fromStdString(folder.string()),
                              .facts = m_evaluator->facts(),
                              .tokenizer = m_evaluator->tokenizer().fingerprint()});
    });
}

bool EngineWorker::holdsPool(const std::vector<PoolMemberSpec>& wanted) const {
    const auto same = [](const PoolMemberSpec& a, const PoolMember& b) {
        return a.letter == b.spec.letter && sameModel(a, b.spec);
    };
    return m_pool && std::ranges::equal(wanted, m_pool->members(), same);
}

GenerationMeans EngineWorker::means() {
    return {.pool = m_pool ? &*m_pool : nullptr,
            .evaluator = m_evaluator ? &*m_evaluator : nullptr,
            .store = &store(),
            .threads = context().threads().workers()};
}

void EngineWorker::requirePool(const std::vector<PoolMemberSpec>& wanted) const {
    if (holdsPool(wanted))
        return;
    throw Error(ErrorKind::Pool,
                {"cannot generate", m_pool ? "pool " + m_pool->letters() : "the pool",
                 m_pool ? "the request names other models than the loaded ones" : "no models are loaded",
                 "load the request's models first"});
}

void EngineWorker::generate(GenerationRequest request, const std::stop_token& stop) {
    --waitingRequests;
    perform(EngineJob::Generate, "cannot generate", [&] {
        if (stop.stop_requested()) { // dropped while it waited: an ending all the same, nothing in the store
            RunSummary dropped;
            dropped.state = RunState::Stopped;
            dropped.request = std::move(request);
            emit runEnded(dropped);
            return;
        }
        requirePool(request.pool);
        request.pool.clear();
        for (const PoolMember& member : m_pool->members())
            request.pool.push_back(member.spec);
        Observer observer(*this, request);
        const Run run = runGeneration(request, means(), observer, stop);
        emit runEnded(run.summary);
    });
}

void EngineWorker::runNextQueued(const std::stop_token& stop) {
    --waitingRequests;
    perform(EngineJob::Queue, "cannot run the queue", [&] {
        qint64 id = 0;
        QueuedEnding ending = stop.stop_requested() ? QueuedEnding::Stopped : QueuedEnding::Nothing;
        try {
            std::optional<QueuedGeneration> item;
            if (!stop.stop_requested())
                item = store().claimQueued();
            if (item) {
                id = item->id;
                emit queuedBegun(id);
                ending = runClaimed(*item, stop);
            }
        } catch (...) {
            emit queuedEnded(id, QueuedEnding::Failed);
            throw;
        }
        emit queuedEnded(id, ending);
    });
}

namespace {

/// Times a pool that was not timed at this length, where that takes a moment only: what waits in the queue is
/// then foretold from the start. True when there are times now that were not known before.
bool timedShortly(ModelPool& pool, const GenerationRequest& request, const std::stop_token& stop) {
    constexpr double kShort = 2e11; // FLOPs: a second or two
    constexpr int kCalls = 4;       // of each member, as ModelPool::calibrate does
    try {
        const int batch = requestedBatch(request, pool, stop);
        double flops = 0;
        bool known = true;
        for (const CallCost& cost : pool.callCosts(request.length)) {
            flops += kCalls * batch * cost.executed(1, 1, request.length);
            known = known && cost.seconds.call > 0;
        }
        if (known || flops > kShort || stop.stop_requested())
            return false;
        pool.calibrate(request.length, batch);
        return true;
    } catch (const std::exception&) {
        return false; // running it will say what is wrong
    }
}

} // namespace

void EngineWorker::loadPoolOf(const QueuedGeneration& item) {
    const std::filesystem::path tokenizer = item.request.tokenizer;
    if (holdsPool(item.request.pool) && tokenizer == m_tokenizer)
        return;
    try {
        ModelPool loaded = poolFor(item.request.pool, tokenizer);
        m_pool = std::move(loaded);
        m_tokenizer = tokenizer;
    } catch (const Error& error) {
        store().failQueued(item.id, error.parts());
        throw;
    }
    emit poolLoaded(factsOf(*m_pool));
}

namespace {

/// Then the pool stays as it is.
bool bringsItsModels(const QueuedGeneration& item) {
    return item.analysis.is_object() && steploom::bringsItsModels(item.analysis.value("kind", std::string()));
}

} // namespace

QueuedEnding EngineWorker::runClaimedAnalysis(const QueuedGeneration& item, const std::stop_token& stop) {
    emit analysisBegun(item.id);
    if (!bringsItsModels(item))
        loadPoolOf(item);
    if (stop.stop_requested()) {
        store().releaseQueued(item.id);
        return QueuedEnding::Stopped;
    }
    AnalysisWitness witness(*this, item.id);
    return m_options.runAnalysis(item, means(), context(), witness, stop) ? QueuedEnding::Done
                                                                          : QueuedEnding::Stopped;
}

QueuedEnding EngineWorker::runClaimed(const QueuedGeneration& item, const std::stop_token& stop) {
    if (item.isAnalysis())
        return runClaimedAnalysis(item, stop);
    loadPoolOf(item);
    if (timedShortly(*m_pool, item.request, stop))
        tellTimes(item.request.length);
    if (stop.stop_requested()) {
        store().releaseQueued(item.id);
        return QueuedEnding::Stopped;
    }
    GenerationRequest request = item.request;
    request.pool.clear();
    for (const PoolMember& member : m_pool->members())
        request.pool.push_back(member.spec);
    Observer observer(*this, request);
    const Run run = runQueued(item, means(), observer, stop);
    emit runEnded(run.summary);
    return run.summary.state == RunState::Finished ? QueuedEnding::Done : QueuedEnding::Stopped;
}

void EngineWorker::rerun(qint64 run, const std::stop_token& stop) {
    --waitingRequests;
    perform(EngineJob::Rerun, "cannot rerun", [&] {
        if (stop.stop_requested()) {
            emit rerunEnded(run, {}, true);
            return;
        }
        const Run stored = store().load(run);
        requirePool(stored.summary.request.pool);
        Observer observer(*this, stored.summary.request, run);
        const RerunResult result = rerunAndCompare(stored, *m_pool, observer, stop);
        emit rerunEnded(run, result, stop.stop_requested());
    });
}

void EngineWorker::judge(const std::vector<qint64>& runs, const std::stop_token& stop) {
    --waitingRequests;
    perform(EngineJob::Judge, "cannot judge the runs", [&] {
        if (!m_evaluator)
            throw Error(ErrorKind::Request, {"cannot judge the runs", "the evaluator", "none is loaded",
                                             "choose one on the Design page"});
        const int wanted = static_cast<int>(runs.size());
        int done = 0, judged = 0;
        for (const qint64 id : runs) {
            if (stop.stop_requested())
                break;
            const Run run = store().load(id);
            if (!run.samples.empty()) {
                const MeasuringMeans means{.store = &store(),
                                           .evaluator = [this]() -> const Evaluator& { return *m_evaluator; },
                                           .threads = &context().threads()};
                const Measured measured = measureRun(
                    run, {.diversity = run.summary.state == RunState::Finished, .perplexity = true}, means,
                    [&](const char*, double share) { emit judging(done, wanted, share); }, stop);
                judged += measured.measure("generative_perplexity") != nullptr ? 1 : 0;
            }
            emit judging(++done, wanted, 0);
        }
        emit judgingEnded(judged, wanted, stop.stop_requested());
    });
}

void EngineWorker::findImportance(const std::filesystem::path& text, const ImportanceSettings& settings) {
    if (!m_pool)
        return;
    // Nobody asked for anything: what cannot be read here is said when it is measured.
    try {
        const std::string words = readFile(text, ErrorKind::File, "cannot read the text");
        if (const auto known = steploom::findImportance(store(), importanceKey(*m_pool, words, settings)))
            emit importanceKnown(*known);
    } catch (const std::exception&) {
    }
}

void EngineWorker::measureImportance(const std::filesystem::path& text, const ImportanceSettings& settings,
                                     const std::stop_token& stop) {
    --waitingRequests;
    perform(EngineJob::Importance, "cannot measure the importance of the steps", [&] {
        if (!m_pool)
            throw Error(ErrorKind::Pool, {"cannot measure the importance of the steps", "the pool",
                                          "no models are loaded", "load two models first"});
        const std::string words = readFile(text, ErrorKind::File, "cannot read the text");
        const KnownImportance found = findOrMeasureImportance(
            &store(), importanceKey(*m_pool, words, settings), *m_pool, words, settings, context().threads(),
            [&](double share, const ImportanceProfile& soFar) { emit importanceAdvanced(soFar, share); },
            stop);
        emit importanceEnded(found.profile, !found.stopped);
    });
}

void EngineWorker::measureAnchors(const std::filesystem::path& text, int length) {
    if (!m_evaluator || text.empty() || waitingRequests.load() > 0)
        return;
    // Nobody asked for them: a chart without anchors is no error of the user's.
    try {
        std::stop_source waited;
        const KnownAnchors anchors = findOrMeasureAnchors(
            &store(), readStudyText(text), *m_evaluator, {.length = length},
            [&](double) {
                if (waitingRequests.load() > 0)
                    waited.request_stop();
            },
            waited.get_token());
        if (!anchors.known && !anchors.stopped)
            emit anchorsKept();
    } catch (const std::exception&) {
    }
}

void EngineWorker::calibrate(const GenerationRequest& request, int ticket) {
    const int length = request.length;
    if (!m_pool || ticket != calibrationTicket.load() || waitingRequests.load() > 0)
        return;
    // A pool that cannot be timed is no error of the user's: the cost panel then shows no seconds.
    try {
        m_pool->calibrate(length, requestedBatch(request, *m_pool));
    } catch (const std::exception&) {
        return;
    }
    tellTimes(length);
}

void EngineWorker::tellTimes(int length) {
    std::vector<CallSeconds> seconds;
    for (const CallCost& cost : m_pool->callCosts(length))
        seconds.push_back(cost.seconds);
    emit calibrated(length, seconds);
}

} // namespace steploom
