// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sampling/reveal_order.h"

#include "engine/sampling/confidence_remasking.h"
#include "engine/schedule/reveal_counts.h"

#include <algorithm>
#include <numeric>

namespace steploom {

namespace {

/// Ancestral, first-hitting, ReMDM's cap, rescale and loop: everything was drawn beforehand.
class PlannedOrder final : public RevealOrder {
public:
    explicit PlannedOrder(RevealPlan plan) : m_plan(std::move(plan)) {}

    bool finished() const noexcept override { return m_next == m_plan.size(); }
    std::span<const Remasked> remaskedFirst() const noexcept override {
        return m_plan.empty() ? std::span<const Remasked>() : m_plan.front().remaskedBefore;
    }
    WantedCall wanted() const noexcept override {
        const RevealEvent& event = m_plan[m_next];
        return {event.step, event.time, static_cast<std::uint32_t>(event.step), event.positions};
    }
    void choose(std::span<const double>, std::vector<std::int32_t>& chosen) override {
        chosen.resize(m_plan[m_next].positions.size());
        std::iota(chosen.begin(), chosen.end(), 0);
    }
    std::span<const Remasked> proceed(std::span<const RevealedToken>) override {
        return m_plan[m_next++].remasked;
    }
    std::size_t remaskedInAll() const noexcept override {
        std::size_t count = 0;
        for (const RevealEvent& event : m_plan)
            count += event.remasked.size() + event.remaskedBefore.size();
        return count;
    }

private:
    RevealPlan m_plan;
    std::size_t m_next = 0;
};

/// Orders that reveal the surest of all candidates. Positions are revealed block by block, so the candidates
/// are always the first ones still masked.
class CandidateOrder : public RevealOrder {
public:
    explicit CandidateOrder(const PlanInput& input)
        : m_masked(input.maskedPositions.begin(), input.maskedPositions.end()) {}

    bool finished() const noexcept override { return m_masked.empty(); }
    std::span<const Remasked> proceed(std::span<const RevealedToken> revealed) override {
        auto next = revealed.begin();
        std::erase_if(m_masked, [&](std::int32_t position) {
            const bool gone = next != revealed.end() && next->position == position;
            next += gone;
            return gone;
        });
        ++m_calls;
        return {};
    }

protected:
    int stillMasked() const noexcept { return static_cast<int>(m_masked.size()); }
    int calls() const noexcept { return m_calls; }
    std::span<const std::int32_t> firstMasked(int count) const noexcept {
        return std::span(m_masked).first(static_cast<std::size_t>(count));
    }

    /// The k surest; of equally sure ones those further left.
    static void chooseSurest(std::span<const double> certainty, int k, std::vector<std::int32_t>& chosen) {
        chosen.resize(certainty.size());
        std::iota(chosen.begin(), chosen.end(), 0);
        std::partial_sort(chosen.begin(), chosen.begin() + k, chosen.end(),
                          [certainty](std::int32_t a, std::int32_t b) {
                              const double left = certainty[static_cast<std::size_t>(a)],
                                           right = certainty[static_cast<std::size_t>(b)];
                              return left != right ? left > right : a < b;
                          });
        chosen.resize(static_cast<std::size_t>(k));
        std::sort(chosen.begin(), chosen.end());
    }

private:
    std::vector<std::int32_t> m_masked; ///< ascending
    int m_calls = 0;                    ///< made
};

/// Confidence, margin, entropy: k a step, from the times of the schedule.
class RankedOrder final : public CandidateOrder {
public:
    explicit RankedOrder(const PlanInput& input)
        : CandidateOrder(input), m_steps(input.steps),
          m_plan(rankedRest(steploom::stillMasked(input), input.steps, input.blockLength, input.firstStep)) {}

    WantedCall wanted() const noexcept override {
        const RankedCall& call = next();
        return {call.step, maskedShare(call.step, m_steps), static_cast<std::uint32_t>(call.step),
                firstMasked(call.candidates)};
    }
    void choose(std::span<const double> certainty, std::vector<std::int32_t>& chosen) override {
        chooseSurest(certainty, next().revealed, chosen);
    }

private:
    const RankedCall& next() const noexcept { return m_plan[static_cast<std::size_t>(calls())]; }

    const int m_steps;
    const std::vector<RankedCall> m_plan;
};

/// Threshold: as many as reach τ, and at least one.
class ThresholdOrder final : public CandidateOrder {
public:
    ThresholdOrder(const PlanInput& input, double threshold)
        : CandidateOrder(input), m_masked(stillMasked()), m_steps(input.steps), m_firstStep(input.firstStep),
          m_threshold(threshold),
          m_blockEnds(maskedUpToBlocks(steploom::stillMasked(input), input.blockLength)) {}

    WantedCall wanted() const noexcept override {
        const int done = m_masked - stillMasked();
        const double share = static_cast<double>(stillMasked()) / m_masked;
        const int blockEnd = closes() ? m_masked : *std::ranges::upper_bound(m_blockEnds, done);
        return {stepOfShare(stillMasked(), m_masked, m_steps, m_firstStep),
                maskedShare(m_firstStep, m_steps) * share, static_cast<std::uint32_t>(calls()),
                firstMasked(blockEnd - done)};
    }
    void choose(std::span<const double> certainty, std::vector<std::int32_t>& chosen) override {
        const auto sure =
            std::ranges::count_if(certainty, [this](double p) { return p >= m_threshold || closes(); });
        chooseSurest(certainty, std::max(1, static_cast<int>(sure)), chosen);
    }

private:
    bool closes() const noexcept { return m_firstStep == m_steps; }

    const int m_masked; ///< M, at the first step
    const int m_steps;
    const int m_firstStep;
    const double m_threshold;
    const std::vector<int> m_blockEnds; ///< ascending: how many positions lie up to the end of each block
};

} // namespace

std::unique_ptr<RevealOrder> makeRevealOrder(const GenerationRequest& request, const PlanInput& input,
                                             const CounterRandom& random) {
    switch (request.sampler) {
    case Sampler::Ancestral:
        if (request.remasking.kind == Remask::Confidence)
            return std::make_unique<ConfidenceRemasking>(input, random);
        break;
    case Sampler::FirstHitting:
        break;
    case Sampler::Confidence:
    case Sampler::Margin:
    case Sampler::Entropy:
        return std::make_unique<RankedOrder>(input);
    case Sampler::Threshold:
        return std::make_unique<ThresholdOrder>(input, request.threshold);
    }
    return std::make_unique<PlannedOrder>(makeRevealPlan(request.sampler, input, random));
}

} // namespace steploom
