// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/analyses/segment_search.h"

#include "engine/analyses/known_runs.h"
#include "engine/comparisons/run_comparison.h"
#include "engine/core/error.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace steploom {

namespace {

/// What sorts behind everything that has a value.
double orLast(double value) { return std::isnan(value) ? std::numeric_limits<double>::infinity() : value; }

double natsOf(const SearchEntry& entry) { return orLast(entry.natsPerToken.value); }

class Search {
public:
    Search(const GenerationRequest& request, const StepSchedule& baseline,
           std::span<const StepSchedule> schedules, const GenerationMeans& means, SearchObserver& observer)
        : m_request(request), m_observer(observer), m_runs(request, means) {
        m_candidates.push_back({.schedule = baseline});
        for (const StepSchedule& schedule : schedules)
            m_candidates.push_back({.schedule = schedule});
    }

    SearchResult search(const EarlyStopping& stopping, const std::stop_token& stop) {
        const std::vector<int> stages = searchStages(m_request.samples, stopping);
        const double looks = static_cast<double>(stages.size()) - 1;
        for (const int samples : stages) {
            for (std::size_t i = 0; i < m_candidates.size(); ++i) {
                if (m_candidates[i].entry.dropped)
                    continue;
                if (!extend(i, samples, stop))
                    return result(true);
                m_observer.advanced(share());
                if (i > 0)
                    m_observer.measured(result(true));
            }
            if (samples != stages.back() && m_candidates.size() > 2)
                dropWorse(1 - 0.05 / (looks * static_cast<double>(m_candidates.size() - 2)));
        }
        return result(false);
    }

private:
    struct Candidate {
        StepSchedule schedule;
        Run run = {}; ///< as far as it is made
        std::vector<TextScore> scores = {};
        SearchEntry entry = {}; ///< against the baseline
    };

    /// Gives a candidate its first `samples` samples; false when stopped before.
    bool extend(std::size_t index, int samples, const std::stop_token& stop) {
        Candidate& candidate = m_candidates[index];
        GenerationRequest variant = m_request;
        variant.schedule = candidate.schedule;
        std::optional<Run> run = m_runs.find(variant, samples);
        if (!run && stop.stop_requested())
            return false;
        m_observer.beginning({.index = static_cast<int>(index),
                              .count = static_cast<int>(m_candidates.size()),
                              .schedule = candidate.schedule,
                              .samples = samples,
                              .known = run.has_value()});
        if (!run) {
            const double before = share();
            const double part = (samples - static_cast<double>(candidate.scores.size())) / planned();
            CallProgress progress([&](double made) {
                m_observer.generating(made);
                m_observer.advanced(before + made * part);
            });
            run = m_runs.make(variant, samples, progress, stop);
        }
        if (!run)
            return false;
        candidate.run = std::move(*run);
        candidate.scores = scoresOf(candidate.run);
        for (RunSample& sample : candidate.run.samples)
            sample.trace.likely = {}; // most of a trace, and nothing is compared by it
        if (index > 0)
            compare(candidate);
        return true;
    }

    void compare(Candidate& candidate) {
        const Candidate& baseline = m_candidates.front();
        const RunComparison compared =
            compareRuns(baseline.run, baseline.scores, candidate.run, candidate.scores);
        candidate.entry = {.schedule = candidate.schedule,
                           .run = candidate.run.summary.id,
                           .natsPerToken = compared.natsPerToken,
                           .perplexityRatio = compared.perplexityRatio,
                           .entropy = compared.entropy,
                           .saved = candidate.run.summary.cost.executedSaving,
                           .adjustedP = compared.pValue}; // adjusted where all are known
    }

    /// Drops what is surely worse than the best schedule; all that are left have the same samples.
    void dropWorse(double level) {
        std::vector<Candidate*> left;
        for (Candidate& candidate : std::span(m_candidates).subspan(1))
            if (!candidate.entry.dropped)
                left.push_back(&candidate);
        const Candidate& best = **std::ranges::min_element(
            left, {}, [](const Candidate* candidate) { return natsOf(candidate->entry); });
        for (Candidate* candidate : left)
            if (candidate != &best)
                candidate->entry.dropped =
                    compareRuns(best.run, best.scores, candidate->run, candidate->scores, level)
                        .natsPerToken.low > 0;
    }

    /// Samples that are made when nothing more is dropped.
    double planned() const {
        double samples = 0;
        for (const Candidate& candidate : m_candidates)
            samples +=
                candidate.entry.dropped ? static_cast<double>(candidate.scores.size()) : m_request.samples;
        return samples;
    }
    double share() const {
        double samples = 0;
        for (const Candidate& candidate : m_candidates)
            samples += static_cast<double>(candidate.scores.size());
        return samples / planned();
    }

    SearchResult result(bool stopped) const {
        SearchResult result{
            .baseline = m_candidates.front().run.summary.id, .entries = {}, .stopped = stopped};
        std::vector<double> pValues;
        for (const Candidate& candidate : std::span(m_candidates).subspan(1))
            if (!candidate.scores.empty()) {
                result.entries.push_back(candidate.entry);
                pValues.push_back(candidate.entry.adjustedP);
            }
        const std::vector<double> adjusted = benjaminiHochberg(pValues);
        for (std::size_t i = 0; i < adjusted.size(); ++i)
            result.entries[i].adjustedP = adjusted[i];
        std::ranges::stable_sort(result.entries, {}, natsOf);
        return result;
    }

    const GenerationRequest& m_request;
    SearchObserver& m_observer;
    KnownRuns m_runs;
    std::vector<Candidate> m_candidates; ///< the baseline first
};

} // namespace

std::vector<int> searchStages(int samples, const EarlyStopping& stopping) {
    std::vector<int> stages;
    if (stopping.on)
        for (int stage = stopping.first; stage < samples; stage *= 2)
            stages.push_back(stage);
    stages.push_back(samples);
    return stages;
}

SearchResult searchSchedules(const GenerationRequest& request, const StepSchedule& baseline,
                             std::span<const StepSchedule> schedules, const GenerationMeans& means,
                             const EarlyStopping& stopping, SearchObserver& observer,
                             const std::stop_token& stop) {
    if (means.pool == nullptr || means.evaluator == nullptr || means.store == nullptr)
        throw Error(ErrorKind::Request,
                    {"cannot search", "",
                     "it takes a pool, an evaluator that judges the samples and a store that "
                     "keeps them",
                     "Name all three"});
    return Search(request, baseline, schedules, means, observer).search(stopping, stop);
}

} // namespace steploom
