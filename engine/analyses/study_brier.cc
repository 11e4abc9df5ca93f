// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/analyses/study_brier.h"

#include "engine/analyses/autoencoder_checkpoint.h"
#include "engine/analyses/run_measures.h"
#include "engine/checkpoint/training_record.h"
#include "engine/core/error.h"
#include "engine/models/calm.h"
#include "engine/models/registry.h"
#include "engine/sampling/generator.h"
#include "engine/sampling/masked_diffusion.h"
#include "engine/schedule/schedule_text.h"
#include "engine/tensor/compute_context.h"

#include <fmt/format.h>

#include <algorithm>

namespace steploom {

namespace {

[[noreturn]] void refuse(const std::string& where, const std::string& why, const std::string& remedy) {
    throw Error(ErrorKind::Request, {"cannot study BrierLM", where, why, remedy});
}

/// A checkpoint, or all CALM ones as a pool.
struct Subject {
    std::vector<std::string> folders;
    GenerationKind kind = GenerationKind::MaskedDiffusion;
    int chunk = 1;
};

/// What is to be one point.
struct Plan {
    const Subject* subject = nullptr;
    std::string schedule; ///< as it was asked for; empty: the model alone
    double temperature = 1;
    int candidates = 1;
};

std::string nameOf(const std::string& folder) {
    const std::filesystem::path path = std::filesystem::path(folder).lexically_normal();
    return (path.has_filename() ? path : path.parent_path()).filename().string();
}

/// H, L, and on from C, since presets know H and L.
char letterOf(std::size_t index) {
    return index == 0 ? 'H' : index == 1 ? 'L' : static_cast<char>('C' + static_cast<char>(index) - 2);
}

Subject openSubject(const std::string& folder) {
    const ModelFacts facts = describe(Checkpoint::open(folder));
    return {.folders = {folder}, .kind = facts.kind, .chunk = facts.chunk};
}

class Study {
public:
    Study(const BrierStudyOrder& order, const StudyText& text, RunStore* store, ComputeContext& context,
          BrierStudyObserver& observer, const std::stop_token& stop)
        : m_order(order), m_text(text), m_store(store), m_context(context), m_observer(observer),
          m_stop(stop) {
        if (order.checkpoints.empty())
            refuse("checkpoints", "there is none", "Name autoregressive, CALM or masked-diffusion ones");
        if (order.temperatures.empty() || order.candidates.empty())
            refuse("temperatures", "there is none", "Give 1");
        for (const std::string& folder : order.checkpoints) {
            m_subjects.push_back(openSubject(folder));
            if (m_subjects.back().kind == GenerationKind::Calm) {
                m_calm.folders.push_back(folder);
                m_calm.kind = GenerationKind::Calm;
                m_calm.chunk = m_subjects.back().chunk;
            }
        }
        if (!order.schedules.empty() && m_calm.folders.empty())
            refuse("schedules", "they are of CALM checkpoints, and there is none among the checkpoints",
                   "Name CALM checkpoints as well, or no schedules");
        plan();
    }

    BrierStudy run() {
        m_study.stopped = true;
        const int count = static_cast<int>(m_plans.size());
        for (int index = 0; index < count; ++index) {
            const Plan& plan = m_plans[static_cast<std::size_t>(index)];
            m_observer.beginning(index, count, titleOf(plan));
            const bool whole =
                measure(plan, [&](double share) { m_observer.advanced((index + share) / count); });
            if (!whole)
                return std::move(m_study);
            m_observer.advanced(static_cast<double>(index + 1) / count);
            m_observer.measured(m_study);
        }
        m_study.stopped = false;
        return std::move(m_study);
    }

private:
    void plan() {
        for (const Subject& subject : m_subjects) {
            if (subject.kind != GenerationKind::Calm) {
                m_plans.push_back({.subject = &subject});
                continue;
            }
            for (const double temperature : m_order.temperatures)
                if (temperature == 1)
                    m_plans.push_back({.subject = &subject});
                else
                    for (const int candidates : m_order.candidates)
                        m_plans.push_back(
                            {.subject = &subject, .temperature = temperature, .candidates = candidates});
        }
        for (const std::string& schedule : m_order.schedules)
            m_plans.push_back({.subject = &m_calm, .schedule = schedule});
    }

    std::string modelOf(const Subject& subject) const {
        if (subject.folders.size() == 1)
            return nameOf(subject.folders.front());
        std::string text;
        for (std::size_t i = 0; i < subject.folders.size(); ++i)
            text += fmt::format("{}{}: {}", i == 0 ? "" : ", ", letterOf(i), nameOf(subject.folders[i]));
        return text;
    }
    std::string titleOf(const Plan& plan) const {
        std::string text = modelOf(*plan.subject);
        if (!plan.schedule.empty())
            text += ", " + plan.schedule;
        if (plan.temperature != 1)
            text += fmt::format(", temperature {:.4g}, {} candidates", plan.temperature, plan.candidates);
        return text;
    }

    GenerationRequest requestOf(const Plan& plan) const {
        const Subject& subject = *plan.subject;
        GenerationRequest request{.length = m_order.length, .samples = 8, .seed = m_order.seed};
        for (std::size_t i = 0; i < subject.folders.size(); ++i)
            request.pool.push_back({.letter = letterOf(i),
                                    .name = nameOf(subject.folders[i]),
                                    .path = subject.folders[i],
                                    .precision = subject.kind == GenerationKind::Autoregressive
                                                     ? Precision::F32
                                                     : m_order.precision});
        const int steps =
            subject.kind == GenerationKind::MaskedDiffusion ? m_order.steps : m_order.length / subject.chunk;
        request.schedule =
            plan.schedule.empty()
                ? StepSchedule::all('H', steps)
                : parseScheduleText(plan.schedule, {.steps = steps, .seed = m_order.seed}, steps).schedule;
        request.temperature = plan.temperature;
        if (plan.temperature != 1)
            request.candidates = plan.candidates;
        request.topTokens = 0;
        return request;
    }

    /// False when stopped.
    bool measure(const Plan& plan, const Progress& progress) {
        GenerationRequest request = requestOf(plan);
        const ModelPool& pool = poolOf(request);
        request.batch = kUntimedBatch;
        const PlannedWork work = planWork(request, pool); // refuses what cannot be run
        if (pool.kind() == GenerationKind::MaskedDiffusion)
            request.batch = requestedBatch(withAutomaticBatch(request), m_pool, m_stop);
        const bool forced = !plan.schedule.empty();
        const Measured measured = measureOnText(
            request,
            {.brierLm = true,
             .windows = m_order.windows,
             .context = m_order.context,
             .teacherForced = forced,
             .draws = m_order.draws,
             .seed = m_order.seed},
            {.store = m_store,
             .pool = [&]() -> const ModelPool& { return pool; },
             .text = &m_text,
             .threads = &m_context.threads()},
            [&](const char*, double share) { progress(share); }, m_stop);
        if (measured.stopped || measured.measure("brier_1") == nullptr)
            return false;
        const auto written = std::ranges::count(work.initialTokens, work.maskToken);
        BrierStudyPoint& point = m_study.points.emplace_back();
        point = {.model = modelOf(*plan.subject),
                 .kind = plan.subject->kind,
                 .schedule = forced ? printSchedule(request.schedule) : "",
                 .temperature = plan.temperature,
                 .candidates = plan.candidates,
                 .inferenceFlops =
                     work.flops / request.samples / static_cast<double>(std::max<std::ptrdiff_t>(1, written)),
                 .trainingFlops = 0};
        for (const PoolMemberSpec& member : request.pool) {
            if (request.schedule.count(member.letter) == 0)
                continue;
            const auto flops = trainingTotals(member.path).flops;
            point.trainingFlops =
                flops && point.trainingFlops ? std::optional(*point.trainingFlops + *flops) : std::nullopt;
        }
        const bool exact = plan.subject->kind == GenerationKind::Autoregressive;
        point.brier = {.draws = m_order.draws,
                       .estimator = exact ? BrierEstimator::Probabilities : BrierEstimator::Draws};
        for (std::size_t n = 0; n < point.brier.orders.size(); ++n)
            point.brier.orders[n] = measured.measure(fmt::format("brier_{}", n + 1))->estimate;
        if (const Measure* score = measured.measure("brier_lm"))
            point.brier.score = score->estimate;
        point.estimator =
            forced  ? fmt::format("teacher forced over windows of {} tokens, {} draws of every chunk",
                                  m_order.length, m_order.draws)
            : exact ? fmt::format("after {} tokens; probabilities exact, {} draws", m_order.context,
                                  m_order.draws)
                    : fmt::format("after {} tokens, {} draws", m_order.context, m_order.draws);
        return true;
    }

    static GenerationRequest withAutomaticBatch(GenerationRequest request) {
        request.batch = kAutomaticBatch;
        return request;
    }

    /// Points of one subject follow each other: its models are loaded once.
    const ModelPool& poolOf(const GenerationRequest& request) {
        if (m_loaded != request.pool) {
            m_pool = {};
            m_pool = ModelPool::load(request.pool, {}, m_context);
            m_loaded = request.pool;
        }
        return m_pool;
    }

    const BrierStudyOrder& m_order;
    const StudyText& m_text;
    RunStore* m_store;
    ComputeContext& m_context;
    BrierStudyObserver& m_observer;
    const std::stop_token& m_stop;
    std::vector<Subject> m_subjects;
    Subject m_calm; ///< all of them
    std::vector<Plan> m_plans;
    std::vector<PoolMemberSpec> m_loaded;
    ModelPool m_pool;
    BrierStudy m_study;
};

} // namespace

BrierStudy studyBrier(const BrierStudyOrder& order, const StudyText& text, RunStore* store,
                      ComputeContext& context, BrierStudyObserver& observer, const std::stop_token& stop) {
    return Study(order, text, store, context, observer, stop).run();
}

std::vector<std::string> checkpointHashes(const BrierStudyOrder& order) {
    std::vector<std::string> hashes;
    for (const std::string& folder : order.checkpoints) {
        const Checkpoint checkpoint = Checkpoint::open(folder);
        hashes.push_back(checkpoint.sha256());
        if (isEnergyTransformer(checkpoint))
            hashes.back() += '+' + openAutoencoder(folder).sha256;
    }
    return hashes;
}

} // namespace steploom
