// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sampling/confidence_remasking.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace steploom {

ConfidenceRemasking::ConfidenceRemasking(const PlanInput& input, const CounterRandom& random)
    : m_random(random), m_remasking(input.remasking), m_steps(input.steps), m_sample(input.sample) {
    const std::size_t most = input.maskedPositions.size() + input.standing.size();
    m_positions.reserve(most);
    m_reveals.reserve(most);
    m_remasked.reserve(most);
    m_step = input.firstStep;
    for (std::int32_t position : input.maskedPositions)
        m_positions.push_back({position});
    for (const StandingToken& token : input.standing)
        if (token.member >= 0)
            m_positions.push_back({token.position, std::exp(double{token.logProbability})});
    std::ranges::sort(m_positions, {}, &Position::at);
    findNextCall();
}

WantedCall ConfidenceRemasking::wanted() const noexcept {
    const double time =
        m_step < m_steps ? remaskingStep(m_remasking, m_step, m_steps).masked : maskedAfterAll(m_remasking);
    return {m_step, time, static_cast<std::uint32_t>(m_step), m_reveals};
}

void ConfidenceRemasking::choose(std::span<const double>, std::vector<std::int32_t>& chosen) {
    chosen.resize(m_reveals.size());
    std::iota(chosen.begin(), chosen.end(), 0);
}

/// At most η in a step on average, so η·T in all: eight standard deviations are added.
std::size_t ConfidenceRemasking::remaskedInAll() const noexcept {
    const double mean = m_remasking.eta * m_steps;
    return static_cast<std::size_t>(mean + 8 * std::sqrt(mean) + 8);
}

double ConfidenceRemasking::uniform(const Position& position) const noexcept {
    return m_random.uniform(Purpose::Remasking, m_sample, static_cast<std::uint32_t>(position.at),
                            static_cast<std::uint32_t>(m_step));
}

/// Masks revealed positions again, as m_step has it.
void ConfidenceRemasking::maskAgain() {
    double total = 0;
    for (const Position& position : m_positions)
        total += position.masked() ? 0 : std::exp(-position.psi);
    const double sigma = remaskingStep(m_remasking, m_step, m_steps).remask;
    for (Position& position : m_positions) {
        if (position.masked() || uniform(position) >= std::exp(-position.psi) / total * sigma)
            continue;
        position.psi = -1;
        m_remasked.push_back({position.at, m_step});
    }
}

/// Goes on to the next step that reveals anything. Those before it mask at most, which needs no network.
void ConfidenceRemasking::findNextCall() {
    m_reveals.clear();
    for (;; ++m_step) {
        const bool closing = m_step == m_steps;
        const double chance = closing ? 1 : remaskingStep(m_remasking, m_step, m_steps).reveal;
        for (const Position& position : m_positions)
            if (position.masked() && (closing || uniform(position) < chance))
                m_reveals.push_back(position.at);
        if (closing || !m_reveals.empty())
            return;
        maskAgain();
    }
}

std::span<const Remasked> ConfidenceRemasking::proceed(std::span<const RevealedToken> revealed) {
    m_remasked.clear();
    if (m_step == m_steps) {
        m_reveals.clear();
        return {};
    }
    maskAgain(); // x_t's tokens: those that this step reveals are not among them
    auto next = revealed.begin();
    for (Position& position : m_positions) {
        if (next == revealed.end() || next->position != position.at)
            continue;
        position.psi = std::exp(double{next->logProbability});
        ++next;
    }
    ++m_step;
    findNextCall();
    return m_remasked;
}

} // namespace steploom
