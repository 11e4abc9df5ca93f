// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/measures/scoring_windows.h"

#include <QtTest>

#include <algorithm>

using namespace steploom;

class TestScoringWindows : public QObject {
    Q_OBJECT

private slots:
    void aTextThatFitsIsOneWindow() {
        QCOMPARE(scoringWindows(3, 8, {8, 4, 1}), (std::vector<ScoringWindow>{{3, 0, 8, 1}}));
    }

    void aLongerTextMovesOnByTheStride() {
        QCOMPARE(scoringWindows(0, 11, {8, 4, 1}), (std::vector<ScoringWindow>{{0, 0, 8, 1}, {0, 4, 11, 8}}));
        QCOMPARE(scoringWindows(0, 12, {8, 4, 1}).size(), std::size_t{2});
        QCOMPARE(scoringWindows(0, 13, {8, 4, 1}).back(), (ScoringWindow{0, 8, 13, 12}));
    }

    void nothingToScoreMakesNoWindow() {
        QVERIFY(scoringWindows(0, 0, {8, 4, 1}).empty());
        QVERIFY(scoringWindows(0, 1, {8, 4, 1}).empty());
        QVERIFY(scoringWindows(0, 2, {8, 4, 2}).empty());
    }

    void everyTokenIsScoredOnceWhateverTheSizes() {
        for (int context = 2; context <= 9; ++context)
            for (int stride = 1; stride < context; ++stride)
                for (int first = 1; first < context; ++first)
                    for (int tokens = 0; tokens <= 40; ++tokens) {
                        std::vector<int> scored(static_cast<std::size_t>(tokens), 0);
                        for (const ScoringWindow& window :
                             scoringWindows(0, tokens, {context, stride, first})) {
                            QVERIFY(window.begin < window.scoredFrom && window.scoredFrom < window.end);
                            QVERIFY(window.end <= tokens && window.length() <= context);
                            QVERIFY(window.begin == 0 ||
                                    window.scoredFrom - window.begin >= context - stride);
                            for (int token = window.scoredFrom; token < window.end; ++token)
                                ++scored[static_cast<std::size_t>(token)];
                        }
                        for (int token = 0; token < tokens; ++token)
                            QCOMPARE(scored[static_cast<std::size_t>(token)], token >= first ? 1 : 0);
                    }
    }

    void batchesHoldEveryWindowInOrderWithinTheirLimits() {
        std::vector<ScoringWindow> windows;
        for (int text = 0; text < 200; ++text)
            for (const ScoringWindow& window : scoringWindows(text, text * 37 % 90, {32, 16, 1}))
                windows.push_back(window);
        int next = 0;
        for (const WindowBatch& batch : batchWindows(windows, 128)) {
            QCOMPARE(batch.begin, next);
            QVERIFY(batch.end > batch.begin);
            next = batch.end;
            int longest = 0;
            int held = 0;
            for (int i = batch.begin; i < batch.end; ++i) {
                longest = std::max(longest, windows[static_cast<std::size_t>(i)].length());
                held += windows[static_cast<std::size_t>(i)].length();
            }
            QCOMPARE(batch.length, longest);
            const int padded = batch.length * batch.samples();
            QVERIFY(padded <= 128);
            QVERIFY(padded - held <= padded / 4);
        }
        QCOMPARE(next, static_cast<int>(windows.size()));
    }

    void windowsOfOneLengthFillACall() {
        std::vector<ScoringWindow> windows;
        for (int text = 0; text < 8; ++text)
            windows.push_back({text, 0, 32, 1});
        const std::vector<WindowBatch> batches = batchWindows(windows, 128);
        QCOMPARE(batches.size(), std::size_t{2});
        QCOMPARE(batches[0].samples(), 4);
    }

    void sharedBeginningsLeaveRoomForMoreWindows() {
        std::vector<ScoringWindow> windows;
        for (int text = 0; text < 8; ++text)
            windows.push_back({text, 0, 32, 1});
        // 24 + 8 · 8 = 88 positions are computed of 256.
        const std::vector<int> alike{0, 24, 24, 24, 24, 24, 24, 24};
        QCOMPARE(batchWindows(windows, 128, alike).size(), std::size_t{1});
        QCOMPARE(batchWindows(windows, 128, alike)[0].shared, 24);
        const std::vector<int> broken{0, 24, 24, 24, 0, 24, 24, 24};
        const auto batches = batchWindows(windows, 128, broken);
        QCOMPARE(batches.size(), std::size_t{2});
        QCOMPARE(batches[0].samples(), 4);
        QCOMPARE(batches[1].shared, 24);
    }

    void aWindowLargerThanACallStandsAlone() {
        const std::vector<ScoringWindow> windows{{0, 0, 300, 1}, {1, 0, 300, 1}};
        QCOMPARE(batchWindows(windows, 128).size(), std::size_t{2});
    }
};

QTEST_GUILESS_MAIN(TestScoringWindows)
#include "test_scoring_windows.moc"
