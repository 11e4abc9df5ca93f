// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/prune_runs.h"

#include <QtTest>

#include <array>

using namespace steploom;

namespace {

/// Newest first: ids 6…1, a day apart.
std::vector<RunSummary> sixRuns() {
    constexpr std::array kStates{RunState::Running, RunState::Finished, RunState::Stopped,
                                 RunState::CutOff,  RunState::Finished, RunState::Finished};
    std::vector<RunSummary> runs;
    for (std::int64_t id = 6; id >= 1; --id) {
        RunSummary& run = runs.emplace_back();
        run.id = id;
        run.state = kStates[static_cast<std::size_t>(6 - id)];
        run.started = "2026-03-0" + std::to_string(id) + "T12:00:00Z";
    }
    return runs;
}

using Ids = std::vector<std::int64_t>;

} // namespace

class TestPruneRuns : public QObject {
    Q_OBJECT

private slots:
    void withoutAConditionEveryRunStays() { QCOMPARE(prunableRuns(sixRuns(), {}, {}), Ids{}); }

    void everyConditionHasToBeMet() {
        const auto pruned = [](const PruneConditions& conditions) {
            return prunableRuns(sixRuns(), {}, conditions);
        };
        QCOMPARE(pruned({.startedBefore = "2026-03-03T12:00:00Z"}), (Ids{2, 1}));
        QCOMPARE(pruned({.states = {RunState::Stopped, RunState::CutOff}}), (Ids{4, 3}));
        QCOMPARE(pruned({.beyondNewest = 4}), (Ids{2, 1}));
        QCOMPARE(pruned({.beyondNewest = 100}), Ids{});
        QCOMPARE(pruned({.states = {RunState::Finished}, .beyondNewest = 5}), Ids{1});
        QCOMPARE(pruned({.startedBefore = "2026-03-05T00:00:00Z", .states = {RunState::Stopped}}), Ids{4});
    }

    void whatRunsOrWillBeContinuedStays() {
        QCOMPARE(prunableRuns(sixRuns(), {}, {.beyondNewest = 0}), (Ids{5, 4, 3, 2, 1}));
        std::vector<QueuedGeneration> queue(2);
        queue[1].run = 3;
        QCOMPARE(prunableRuns(sixRuns(), queue, {.beyondNewest = 0}), (Ids{5, 4, 2, 1}));
    }
};

QTEST_GUILESS_MAIN(TestPruneRuns)
#include "test_prune_runs.moc"
