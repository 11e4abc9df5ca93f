// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/analyses/run_analysis.h"

#include "engine/analyses/analysis_settings.h"
#include "engine/analyses/autoencoder_analysis.h"
#include "engine/analyses/autoencoder_checkpoint.h"
#include "engine/analyses/kinds.h"
#include "engine/analyses/measure_frontier.h"
#include "engine/analyses/segment_search.h"
#include "engine/analyses/study_correlation.h"
#include "engine/core/thread_pool.h"
#include "engine/runs/known_importance.h"
#include "engine/runs/run_store.h"
#include "engine/sampling/masked_diffusion.h"
#include "engine/schedule/segment_schedules.h"
#include "engine/tensor/compute_context.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace steploom {

namespace {

[[noreturn]] void refuse(const std::string& where, const std::string& why, const std::string& remedy) {
    throw Error(ErrorKind::Request, {"cannot analyse", where, why, remedy});
}

/// An analysis under its settings: looked up, and kept as it grows.
class KeptAnalysis {
public:
    KeptAnalysis(RunStore& store, AnalysisObserver& observer, std::string kind, nlohmann::json settings)
        : m_store(store), m_observer(observer) {
        m_analysis.kind = std::move(kind);
        m_analysis.settings = std::move(settings);
        // Models, evaluators and texts may have other names than they had.
        for (StoredAnalysis& known : m_store.listAnalyses(m_analysis.kind))
            if (sameAnalysis(known.settings, m_analysis.settings)) {
                m_analysis = std::move(known);
                break;
            }
        m_secondsBefore = m_analysis.seconds;
    }

    bool isWhole() const {
        return !m_analysis.result.is_null() && !m_analysis.result.value("stopped", false);
    }
    const StoredAnalysis& analysis() const { return m_analysis; }

    void keep(nlohmann::json result) {
        m_analysis.result = std::move(result);
        m_analysis.seconds =
            m_secondsBefore +
            std::chrono::duration<double>(std::chrono::steady_clock::now() - m_begin).count();
        m_store.keepAnalysis(m_analysis);
        if (const auto kept = m_store.findAnalysis(m_analysis.kind, m_analysis.settings))
            m_analysis.created = kept->created;
        m_observer.kept(m_analysis);
    }
    /// From inside an analysis, whose observers must not throw: a store that fails has to wait until
    /// rethrow().
    void keepHeld(const nlohmann::json& result) noexcept {
        if (m_failure)
            return;
        try {
            keep(result);
        } catch (...) {
            m_failure = std::current_exception();
        }
    }
    void rethrow() const {
        if (m_failure)
            std::rethrow_exception(m_failure);
    }

private:
    RunStore& m_store;
    AnalysisObserver& m_observer;
    StoredAnalysis m_analysis;
    double m_secondsBefore = 0;
    std::exception_ptr m_failure;
    std::chrono::steady_clock::time_point m_begin = std::chrono::steady_clock::now();
};

class Running {
public:
    Running(const GenerationRequest& request, const GenerationMeans& means, ComputeContext& context,
            AnalysisObserver& observer, const std::stop_token& stop)
        : m_request(request), m_means(means), m_context(context), m_observer(observer), m_stop(stop) {
        if (means.store == nullptr)
            refuse("the store", "there is none to keep the result", "Name a file of runs");
    }

    StoredAnalysis operator()(const ImportanceOrder& order);
    StoredAnalysis operator()(const SearchOrder& order);
    StoredAnalysis operator()(const FrontierOrder& order);
    StoredAnalysis operator()(const CorrelationOrder& order);
    StoredAnalysis operator()(const BrierStudyOrder& order);
    StoredAnalysis operator()(const AutoencoderOrder& order);

private:
    /// Search and frontier generate: the request names the pool as it is loaded.
    void requirePool() {
        if (m_means.pool == nullptr)
            refuse("the pool", "there is no model", "Load a pool first");
    }
    void requireJudge() {
        requirePool();
        if (m_means.evaluator == nullptr)
            refuse("the evaluator", "there is none to judge the samples", "Name a causal checkpoint");
        m_request.pool.clear();
        for (const PoolMember& member : m_means.pool->members())
            m_request.pool.push_back(member.spec);
    }
    /// What search and frontier depend on alike.
    nlohmann::json settings() const {
        nlohmann::json settings = evaluatorSettings(*m_means.evaluator);
        settings["models"] = modelsJson(*m_means.pool);
        settings["pool"] = poolNames(*m_means.pool);
        settings["request"] = requestSettings(m_request);
        return settings;
    }

    GenerationRequest m_request;
    const GenerationMeans& m_means;
    ComputeContext& m_context;
    AnalysisObserver& m_observer;
    const std::stop_token& m_stop;
};

StoredAnalysis Running::operator()(const ImportanceOrder& order) {
    requirePool();
    const StudyText text = readStudyText(order.text);
    ImportanceSettings settings = order.settings;
    if (settings.length == 0)
        settings.length = m_means.pool->members().front().model->facts().length;
    KeptAnalysis kept(*m_means.store, m_observer, kImportanceKind,
                      importanceKey(*m_means.pool, text.content, settings));
    if (kept.isWhole())
        return kept.analysis();
    // What broken-off windows said is told and kept, but windows are measured together: all begin anew.
    nlohmann::json result = measureImportance(
        *m_means.pool, m_means.pool->tokenizer()->encode(text.content), settings, m_context.threads(),
        [&](double share, const ImportanceProfile& soFar) {
            m_observer.advanced(share, fmt::format("{} of {} windows", soFar.windows, settings.windows));
        },
        m_stop);
    if (m_stop.stop_requested())
        result["stopped"] = true;
    kept.keep(std::move(result));
    return kept.analysis();
}

/// Tells how far an analysis is, and keeps what it has.
class Told {
public:
    Told(KeptAnalysis& kept, AnalysisObserver& observer) : m_kept(kept), m_observer(observer) {}
    void begin(double share, std::string what) {
        m_what = std::move(what);
        advance(share);
    }
    void advance(double share) { m_observer.advanced(m_share = share, m_what); }
    double share() const { return m_share; }
    template <class Result>
    void keep(const Result& result) {
        m_kept.keepHeld(result);
    }

private:
    KeptAnalysis& m_kept;
    AnalysisObserver& m_observer;
    std::string m_what;
    double m_share = 0;
};

/// Passes on what a search says.
class SearchSteps : public SearchObserver {
public:
    explicit SearchSteps(Told told) : m_told(std::move(told)) {}
    void beginning(const SearchPart& part) override {
        std::string what = part.index == 0 ? fmt::format("baseline: {}", printSchedule(part.schedule))
                                           : fmt::format("schedule {} of {}: {}", part.index, part.count - 1,
                                                         printSchedule(part.schedule));
        what += fmt::format(", {} samples{}", part.samples, part.known ? ", in the store" : "");
        m_told.begin(m_told.share(), std::move(what));
    }
    void advanced(double share) override { m_told.advance(share); }
    void measured(const SearchResult& result) override { m_told.keep(result); }

private:
    Told m_told;
};

StoredAnalysis Running::operator()(const SearchOrder& order) {
    requireJudge();
    const auto& members = m_means.pool->members();
    if (members.size() < 2)
        refuse("the pool", "it has one model only", "Add a light one");
    const SegmentPlan plan{.steps = m_request.schedule.steps(),
                           .segments = order.segments,
                           .light = order.light,
                           .heavyLetter = members[0].spec.letter,
                           .lightLetter = members[1].spec.letter};
    const std::uint64_t all = segmentScheduleCount(plan);
    const std::uint64_t wanted = order.most > 0 ? static_cast<std::uint64_t>(order.most) : all;
    if (std::min(all, wanted) > SearchOrder::kMostSchedules)
        refuse(fmt::format("{} of {} segments", order.light, order.segments),
               fmt::format("that is more than {} schedules", SearchOrder::kMostSchedules),
               "Draw some of them, or ask for fewer segments");
    m_request.schedule = StepSchedule::all(plan.heavyLetter, plan.steps);
    const std::vector<StepSchedule> schedules =
        segmentSchedules(plan, static_cast<std::size_t>(wanted), m_request.seed);
    (void)planWork(m_request, *m_means.pool); // refuses what cannot be run
    nlohmann::json key = settings();
    key.update({{"segments", order.segments},
                {"light", order.light},
                {"most", order.most},
                {"stop_early", order.stopEarly}});
    KeptAnalysis kept(*m_means.store, m_observer, kSearchKind, std::move(key));
    if (kept.isWhole())
        return kept.analysis();
    SearchSteps steps({kept, m_observer});
    const SearchResult result = searchSchedules(m_request, m_request.schedule, schedules, m_means,
                                                {.on = order.stopEarly}, steps, m_stop);
    kept.rethrow();
    kept.keep(result);
    return kept.analysis();
}

/// Passes on what a frontier says.
class FrontierSteps : public FrontierObserver {
public:
    explicit FrontierSteps(Told told) : m_told(std::move(told)) {}
    void beginning(int index, int count, const StepSchedule& schedule, double temperature,
                   bool known) override {
        m_told.begin(static_cast<double>(index) / count,
                     fmt::format("run {} of {}: {} at temperature {}{}", index + 1, count,
                                 printSchedule(schedule), temperature, known ? ", in the store" : ""));
    }
    void advanced(double share) override { m_told.advance(share); }
    void measured(const Frontier& frontier) override { m_told.keep(frontier); }

private:
    Told m_told;
};

StoredAnalysis Running::operator()(const FrontierOrder& order) {
    requireJudge();
    nlohmann::json key = settings();
    key["request"].erase("temperature");
    key["request"].erase("steps"); // each schedule has its own
    key["schedules"] = nlohmann::json::array();
    for (const StepSchedule& schedule : order.schedules) {
        key["schedules"].push_back(printSchedule(schedule));
        m_request.schedule = schedule;
        (void)planWork(m_request, *m_means.pool); // refuses what cannot be run
    }
    key["temperatures"] = order.temperatures;
    KeptAnalysis kept(*m_means.store, m_observer, kFrontierKind, std::move(key));
    if (kept.isWhole())
        return kept.analysis();
    FrontierSteps steps({kept, m_observer});
    const Frontier frontier =
        measureFrontier(m_request, order.schedules, order.temperatures, m_means, steps, m_stop);
    kept.rethrow();
    kept.keep(frontier);
    return kept.analysis();
}

/// Passes on what a study says.
class CorrelationSteps : public CorrelationObserver {
public:
    explicit CorrelationSteps(Told told) : m_told(std::move(told)) {}
    void beginning(int index, int count, const std::string& name) override {
        m_told.begin(static_cast<double>(index) / count,
                     fmt::format("checkpoint {} of {}: {}", index + 1, count, name));
    }
    void advanced(double share) override { m_told.advance(share); }
    void measured(const CorrelationStudy& study) override { m_told.keep(study); }

private:
    Told m_told;
};

StoredAnalysis Running::operator()(const CorrelationOrder& order) {
    const StudyText text = readStudyText(order.text);
    std::vector<CausalCheckpoint> checkpoints;
    nlohmann::json hashes = nlohmann::json::array();
    for (const std::string& folder : order.checkpoints) {
        checkpoints.push_back(openCausalCheckpoint(folder, m_context));
        hashes.push_back(checkpoints.back().sha256);
    }
    KeptAnalysis kept(*m_means.store, m_observer, kCorrelationKind,
                      {{"checkpoints", std::move(hashes)},
                       {"text_sha256", text.sha256},
                       {"text", text.name},
                       {"windows", order.windows},
                       {"context", order.context},
                       {"draws", order.draws},
                       {"seed", order.seed}});
    if (kept.isWhole())
        return kept.analysis();
    CorrelationSteps steps({kept, m_observer});
    const CorrelationStudy study = studyCorrelation(
        checkpoints, text,
        {.windows = order.windows, .context = order.context, .draws = order.draws, .seed = order.seed},
        m_means.store, &m_context.threads(), steps, m_stop);
    kept.rethrow();
    kept.keep(study);
    return kept.analysis();
}

StoredAnalysis Running::operator()(const BrierStudyOrder&) {
    refuse(kBrierStudyKind, "this version has no such study yet", "Use a newer one");
}

StoredAnalysis Running::operator()(const AutoencoderOrder& order) {
    const StudyText text = readStudyText(order.text);
    const AutoencoderCheckpoint checkpoint = openAutoencoder(order.autoencoder);
    KeptAnalysis kept(*m_means.store, m_observer, kAutoencoderKind,
                      {{"autoencoder_sha256", checkpoint.sha256},
                       {"autoencoder", checkpoint.name},
                       {"text_sha256", text.sha256},
                       {"text", text.name},
                       {"chunks", order.settings.chunks},
                       {"seed", order.settings.seed}});
    if (kept.isWhole())
        return kept.analysis();
    // What a stop leaves is told and kept, but chunks are measured together: all begin anew.
    const auto tokenizer = checkpoint.loadTokenizer();
    CalmAutoencoder autoencoder = checkpoint.load(m_context);
    kept.keep(measureAutoencoder(
        autoencoder, tokenizer->encode(text.content), order.settings,
        [&](double share) { m_observer.advanced(share, fmt::format("chunks of {}", text.name)); }, m_stop));
    return kept.analysis();
}

} // namespace

StoredAnalysis runAnalysis(const GenerationRequest& request, const AnalysisOrder& order,
                           const GenerationMeans& means, ComputeContext& context, AnalysisObserver& observer,
                           const std::stop_token& stop) {
    return std::visit(Running(request, means, context, observer, stop), order);
}

bool runQueuedAnalysis(const QueuedGeneration& item, const GenerationMeans& means, ComputeContext& context,
                       AnalysisObserver& observer, const std::stop_token& stop) {
    const auto failed = [&](const Error::Parts& error) {
        try {
            means.store->failQueued(item.id, error);
        } catch (const Error&) {
            // The store that just failed fails again: the item waits when its process is gone.
        }
    };
    try {
        AnalysisOrder order;
        try {
            order = orderOf(item.analysis);
        } catch (const nlohmann::json::exception& error) {
            refuse(fmt::format("item {} of the queue", item.id), error.what(), "Remove it and add it again");
        }
        const StoredAnalysis analysis = runAnalysis(item.request, order, means, context, observer, stop);
        if (analysis.result.value("stopped", false)) {
            means.store->releaseQueued(item.id);
            return false;
        }
        means.store->finishQueued(item.id);
        return true;
    } catch (const Error& error) {
        failed(error.parts());
        throw;
    } catch (const std::exception& error) {
        failed({"cannot analyse", "the engine", error.what(), "Try it again"});
        throw;
    }
}

} // namespace steploom
