// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/analyses/segment_search.h"

#include "engine/core/error.h"
#include "engine/runs/run_comparison.h"
#include "engine/runs/run_store.h"

#include <algorithm>
#include <optional>

namespace steploom {

namespace {

/// Whether a stored run is of this request: everything that decides its samples, and the models by their
/// hash.
bool isOf(const RunSummary& run, const GenerationRequest& request, const ModelPool& pool) {
    GenerationRequest stored = run.request, wanted = request;
    stored.batch = wanted.batch;
    stored.topTokens = wanted.topTokens;
    const bool sameModels = std::ranges::equal(
        stored.pool, pool.members(), [](const PoolMemberSpec& spec, const PoolMember& member) {
            return spec.letter == member.spec.letter && spec.sha256 == member.spec.sha256 &&
                   spec.precision == member.spec.precision;
        });
    stored.pool = wanted.pool = {};
    stored.tokenizer = wanted.tokenizer = {};
    return sameModels && stored == wanted;
}

class RunProgress : public RunObserver {
public:
    explicit RunProgress(SearchObserver& observer) : m_observer(observer) {}
    void started(const PlannedWork& work) override {
        m_total = static_cast<double>(std::max<std::int64_t>(1, work.totalCalls));
    }
    void stepped(const StepEvent&) override {
        m_done += 1;
        m_observer.generating(std::min(1.0, m_done / m_total));
    }

private:
    SearchObserver& m_observer;
    double m_total = 1, m_done = 0;
};

class Search {
public:
    Search(const GenerationRequest& request, const GenerationMeans& means, SearchObserver& observer,
           int count)
        : m_request(request), m_means(means), m_observer(observer), m_count(count),
          m_known(means.store->list()) {}

    /// The run under this schedule with every sample scored; nothing when stopped before that.
    std::optional<Run> run(int index, const StepSchedule& schedule, const std::stop_token& stop) {
        GenerationRequest request = m_request;
        request.schedule = schedule;
        GenerationMeans means = m_means;
        for (const RunSummary& known : m_known) { // newest first
            if (!isOf(known, request, *means.pool))
                continue;
            if (known.state == RunState::Finished && isJudged(known)) {
                Run stored = means.store->load(known.id);
                if (std::ranges::all_of(stored.samples,
                                        [](const RunSample& s) { return s.score.has_value(); })) {
                    m_observer.beginning(index, m_count, schedule, true);
                    return stored;
                }
            } else if (known.state == RunState::Stopped || known.state == RunState::CutOff ||
                       (known.state == RunState::Finished &&
                        known.measure("generative_perplexity") == nullptr)) {
                means.unfinished = known.id;
                break;
            }
        }
        if (stop.stop_requested())
            return std::nullopt;
        m_observer.beginning(index, m_count, schedule, false);
        RunProgress progress(m_observer);
        Run made = runGeneration(request, means, progress, stop);
        if (made.summary.state != RunState::Finished ||
            made.summary.measure("generative_perplexity") == nullptr)
            return std::nullopt;
        return made;
    }

private:
    bool isJudged(const RunSummary& run) const {
        const Measure* perplexity = run.measure("generative_perplexity");
        return perplexity != nullptr &&
               perplexity->settings.value("evaluator_sha256", std::string()) == m_means.evaluator->sha256();
    }

    const GenerationRequest& m_request;
    const GenerationMeans& m_means;
    SearchObserver& m_observer;
    int m_count;
    std::vector<RunSummary> m_known;
};

std::vector<TextScore> scoresOf(const Run& run) {
    std::vector<TextScore> scores;
    for (const RunSample& sample : run.samples)
        scores.push_back(sample.score.value_or(TextScore()));
    return scores;
}

void sort(std::vector<SearchEntry>& entries) {
    std::ranges::stable_sort(entries, {}, [](const SearchEntry& entry) { return entry.natsPerToken.value; });
}

} // namespace

SearchResult searchSchedules(const GenerationRequest& request, const StepSchedule& baseline,
                             std::span<const StepSchedule> schedules, const GenerationMeans& means,
                             SearchObserver& observer, const std::stop_token& stop) {
    if (means.pool == nullptr || means.evaluator == nullptr || means.store == nullptr)
        throw Error(ErrorKind::Request,
                    {"cannot search", "",
                     "it takes a pool, an evaluator that judges the samples and a store that "
                     "keeps them",
                     "Name all three"});
    SearchResult result;
    const int count = static_cast<int>(schedules.size()) + 1;
    Search search(request, means, observer, count);
    const std::optional<Run> first = search.run(0, baseline, stop);
    if (!first) {
        result.stopped = true;
        return result;
    }
    result.baseline = first->summary.id;
    const std::vector<TextScore> firstScores = scoresOf(*first);
    std::vector<double> pValues;
    for (std::size_t i = 0; i < schedules.size(); ++i) {
        const std::optional<Run> run = search.run(static_cast<int>(i) + 1, schedules[i], stop);
        if (!run) {
            result.stopped = true;
            break;
        }
        const RunComparison compared = compareRuns(*first, firstScores, *run, scoresOf(*run));
        result.entries.push_back({.schedule = schedules[i],
                                  .run = run->summary.id,
                                  .natsPerToken = compared.natsPerToken,
                                  .perplexityRatio = compared.perplexityRatio,
                                  .entropy = compared.entropy,
                                  .saved = run->summary.cost.executedSaving,
                                  .adjustedP = compared.pValue});
        std::vector<SearchEntry> soFar = result.entries;
        sort(soFar);
        observer.measured(soFar);
    }
    for (const SearchEntry& entry : result.entries)
        pValues.push_back(entry.adjustedP);
    const std::vector<double> adjusted = benjaminiHochberg(pValues);
    for (std::size_t i = 0; i < adjusted.size(); ++i)
        result.entries[i].adjustedP = adjusted[i];
    sort(result.entries);
    return result;
}

} // namespace steploom
