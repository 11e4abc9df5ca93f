// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/bridge/analysis_work.h"

#include "engine/schedule/segment_schedules.h"

#include <algorithm>

namespace steploom {
namespace {

constexpr double kWindow = 60;        ///< seconds that a rate is taken over
constexpr double kLeastSpan = 2;      ///< seconds: of less nobody can tell
constexpr std::size_t kLeastKept = 4; ///< reports, however long ago

/// Adds the samples of the request, so many times.
void addRuns(AnalysisWork& work, const GenerationRequest& request, double runs, const PoolFacts& loaded,
             const CallTimes& times) {
    const double samples = runs * request.samples;
    if (const std::optional<ScheduleCost> cost = expectedCost(request, loaded))
        work.flops += samples * cost->executedFlops;
    const std::optional<double> each = times.secondsPerSample(request, loaded);
    work.seconds = work.seconds && each ? std::optional(*work.seconds + samples * *each) : std::nullopt;
}

AnalysisWork workOfSearch(GenerationRequest request, const SearchOrder& order, const PoolFacts& loaded,
                          const CallTimes& times) {
    AnalysisWork work{.schedules = 0, .flops = 0, .seconds = 0.0, .atMost = order.stopEarly};
    const int steps = request.schedule.steps();
    if (request.pool.size() < 2 || order.segments < 1 || order.segments > steps || order.light < 0 ||
        order.light > order.segments)
        return {};
    const SegmentPlan plan{.steps = steps,
                           .segments = order.segments,
                           .light = order.light,
                           .heavyLetter = request.pool[0].letter,
                           .lightLetter = request.pool[1].letter};
    work.schedules = segmentScheduleCount(plan);
    if (order.most > 0)
        work.schedules = std::min(work.schedules, static_cast<std::uint64_t>(order.most));
    // All have as many light steps, give or take one a segment: any of them stands for all.
    request.schedule = StepSchedule::all(plan.heavyLetter, steps);
    addRuns(work, request, 1, loaded, times);
    request.schedule = request.schedule.filled(
        0, static_cast<int>(static_cast<long>(steps) * order.light / order.segments), plan.lightLetter);
    addRuns(work, request, static_cast<double>(work.schedules), loaded, times);
    return work;
}

AnalysisWork workOfFrontier(GenerationRequest request, const FrontierOrder& order, const PoolFacts& loaded,
                            const CallTimes& times) {
    AnalysisWork work{.schedules = order.schedules.size(), .flops = 0, .seconds = 0.0, .atMost = false};
    for (const StepSchedule& schedule : order.schedules) {
        request.schedule = schedule;
        addRuns(work, request, static_cast<double>(order.temperatures.size()), loaded, times);
    }
    return work;
}

/// Every member once for each window and time; half the positions are masked on average.
AnalysisWork workOfImportance(const GenerationRequest& request, const ImportanceSettings& settings,
                              const PoolFacts& loaded, const CallTimes& times) {
    if (!loaded.serves(request.pool))
        return {};
    AnalysisWork work{.schedules = 0, .flops = 0, .seconds = 0.0, .atMost = false};
    const double calls = static_cast<double>(settings.windows) * settings.times, rows = settings.length / 2.0;
    const std::vector<CallCost> costs = loaded.callCosts(settings.length);
    for (std::size_t i = 0; i < costs.size(); ++i) {
        work.flops += calls * costs[i].executed(1, rows, settings.length);
        const std::optional<double> each =
            times.secondsPerCall(loaded.members[i].spec, costs[i], rows, settings.length);
        work.seconds = work.seconds && each ? std::optional(*work.seconds + calls * *each) : std::nullopt;
    }
    return work;
}

} // namespace

AnalysisWork workOf(const GenerationRequest& request, const AnalysisOrder& order, const PoolFacts& loaded,
                    const CallTimes& times) {
    if (const auto* search = std::get_if<SearchOrder>(&order))
        return workOfSearch(request, *search, loaded, times);
    if (const auto* frontier = std::get_if<FrontierOrder>(&order))
        return workOfFrontier(request, *frontier, loaded, times);
    if (const auto* importance = std::get_if<ImportanceOrder>(&order))
        return workOfImportance(request, importance->settings, loaded, times);
    return {}; // a correlation's models are not known before they are loaded
}

void ShareRate::report(double share, double seconds) {
    if (share < this->share())
        m_reports.clear();
    // The newest one stands in for those of the same second.
    if (m_reports.size() > 1 && seconds - m_reports[m_reports.size() - 2].second < 1)
        m_reports.pop_back();
    m_reports.emplace_back(share, seconds);
    while (m_reports.size() > kLeastKept && seconds - m_reports.front().second > kWindow)
        m_reports.pop_front();
}

std::optional<double> ShareRate::secondsLeft() const {
    if (m_reports.empty())
        return std::nullopt;
    const auto [firstShare, first] = m_reports.front();
    const auto [share, last] = m_reports.back();
    if (last - first < kLeastSpan || share <= firstShare)
        return std::nullopt;
    return (1 - share) * (last - first) / (share - firstShare);
}

} // namespace steploom
