// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/bridge/session.h"

#include <algorithm>

namespace steploom {

GenerationKind PoolFacts::kind() const noexcept {
    return members.empty() ? GenerationKind::MaskedDiffusion : members.front().facts.kind;
}

int PoolFacts::chunk() const noexcept {
    return members.empty() ? 1 : std::max(1, members.front().facts.chunk);
}

std::string PoolFacts::letters() const {
    std::string letters;
    for (const Member& member : members)
        letters += member.spec.letter;
    return letters;
}

int PoolFacts::indexOf(char letter) const noexcept {
    for (std::size_t i = 0; i < members.size(); ++i)
        if (members[i].spec.letter == letter)
            return static_cast<int>(i);
    return -1;
}

bool PoolFacts::serves(const std::vector<PoolMemberSpec>& wanted) const {
    return std::ranges::equal(wanted, members, [](const PoolMemberSpec& a, const Member& b) {
        return a.letter == b.spec.letter && a.path == b.spec.path && a.precision == b.spec.precision &&
               (a.sha256.empty() || a.sha256 == b.spec.sha256);
    });
}

std::vector<PoolMemberSpec> PoolFacts::specs() const {
    std::vector<PoolMemberSpec> specs;
    for (const Member& member : members)
        specs.push_back(member.spec);
    return specs;
}

std::vector<CallCost> PoolFacts::callCosts(int length, const std::vector<CallSeconds>& seconds) const {
    std::vector<CallCost> costs;
    costs.reserve(members.size());
    for (std::size_t i = 0; i < members.size(); ++i) {
        costs.push_back(callCostOf(members[i].spec.letter, members[i].facts, length));
        if (i < seconds.size())
            costs.back().seconds = seconds[i];
    }
    return costs;
}

void Session::setPool(const PoolFacts& pool) {
    m_pool = pool;
    emit poolChanged();
}

void Session::setEvaluator(const EvaluatorFacts& evaluator) {
    m_evaluator = evaluator;
    emit evaluatorChanged();
}

void Session::selectRun(qint64 run) {
    if (run == m_selectedRun)
        return;
    m_selectedRun = run;
    emit selectedRunChanged(run);
}

void Session::selectStep(int step) {
    if (step == m_selectedStep)
        return;
    m_selectedStep = step;
    emit selectedStepChanged(step);
}

} // namespace steploom
