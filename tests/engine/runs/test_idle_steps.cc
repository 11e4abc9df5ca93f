// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/idle_steps.h"

#include <QtTest>

using namespace steploom;

class TestIdleSteps : public QObject {
    Q_OBJECT
private slots:
    void stepsThatRevealHaveACall() {
        std::vector<bool> called(6, false);
        SampleTrace first, second;
        first.revealStep = {-1, 0, 3, 3, 6}; // given, revealed, revealed, revealed, by the closing call
        second.revealStep = {4};
        second.remasked.push_back({.position = 0, .revealStep = 1, .remaskStep = 2});
        markCalls(first, called);
        QCOMPARE(called, (std::vector<bool>{true, false, false, true, false, false}));
        markCalls(second, called); // what was masked again had its call too
        QCOMPARE(called, (std::vector<bool>{true, true, false, true, true, false}));
    }
};

QTEST_GUILESS_MAIN(TestIdleSteps)
#include "test_idle_steps.moc"
