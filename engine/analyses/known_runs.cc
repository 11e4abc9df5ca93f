// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/analyses/known_runs.h"

#include "engine/runs/run_store.h"

#include <algorithm>
#include <utility>

namespace steploom {

namespace {

/// Whether these are the pool's models: by their hash, wherever they lie.
bool isOfModels(const GenerationRequest& stored, const ModelPool& pool) {
    return std::ranges::equal(
        stored.pool, pool.members(), [](const PoolMemberSpec& spec, const PoolMember& member) {
            return spec.letter == member.spec.letter && spec.sha256 == member.spec.sha256 &&
                   spec.precision == member.spec.precision;
        });
}

/// What decides the samples of all variants, and nothing else.
GenerationRequest commonPart(GenerationRequest request) {
    request.pool = {};
    request.tokenizer = {};
    request.schedule = {};
    request.temperature = 1;
    request.batch = kAutomaticBatch;
    request.topTokens = 0;
    return request;
}

/// The run with its first samples, if all of them are there and judged.
std::optional<Run> leading(Run run, int samples) {
    std::erase_if(run.samples, [&](const RunSample& sample) { return sample.trace.index >= samples; });
    if (run.samples.size() != static_cast<std::size_t>(samples) ||
        !std::ranges::all_of(run.samples, [](const RunSample& sample) { return sample.score.has_value(); }))
        return std::nullopt;
    return run;
}

} // namespace

KnownRuns::KnownRuns(const GenerationRequest& request, const GenerationMeans& means) : m_means(means) {
    const GenerationRequest common = commonPart(request);
    for (const RunSummary& run : means.store->list())
        if (isOfModels(run.request, *means.pool) && commonPart(run.request) == common)
            m_candidates.push_back(candidateOf(run));
}

KnownRuns::Candidate KnownRuns::candidateOf(const RunSummary& run) const {
    const bool judged = isJudgedBy(run, *m_means.evaluator);
    return {.id = run.id,
            .schedule = run.request.schedule,
            .temperature = run.request.temperature,
            .state = run.state,
            .samples = run.finishedSamples,
            .judged = judged,
            .judgedByAnother = !judged && run.measure("generative_perplexity") != nullptr};
}

std::optional<Run> KnownRuns::find(const GenerationRequest& variant, int samples) const {
    for (const Candidate& candidate : m_candidates)
        if (candidate.isOf(variant) && candidate.judged && candidate.samples >= samples &&
            candidate.state != RunState::Running)
            if (std::optional<Run> run = leading(m_means.store->load(candidate.id), samples))
                return run;
    return std::nullopt;
}

std::optional<Run> KnownRuns::make(const GenerationRequest& variant, int samples, RunObserver& observer,
                                   const std::stop_token& stop) {
    GenerationMeans means = m_means;
    means.samplesAtMost = samples;
    // What another evaluator judged stays as it is.
    const auto unfinished = std::ranges::find_if(m_candidates, [&](const Candidate& candidate) {
        return candidate.isOf(variant) && candidate.state != RunState::Running &&
               !candidate.judgedByAnother && (candidate.state != RunState::Finished || !candidate.judged);
    });
    if (unfinished != m_candidates.end())
        means.unfinished = unfinished->id;
    Run run = runGeneration(variant, means, observer, stop);
    const Candidate made = candidateOf(run.summary);
    const auto place = std::ranges::find(m_candidates, made.id, &Candidate::id);
    if (place == m_candidates.end())
        m_candidates.insert(m_candidates.begin(), made);
    else
        *place = made;
    if (!made.judged)
        return std::nullopt;
    return leading(std::move(run), samples);
}

void CallProgress::started(const PlannedWork& work) {
    m_total = static_cast<double>(std::max<std::int64_t>(1, work.totalCalls));
}

void CallProgress::stepped(const StepEvent&) {
    m_done += 1;
    m_advanced(std::min(1.0, m_done / m_total));
}

std::vector<TextScore> scoresOf(const Run& run) {
    std::vector<TextScore> scores;
    for (const RunSample& sample : run.samples)
        scores.push_back(sample.score.value_or(TextScore()));
    return scores;
}

} // namespace steploom
