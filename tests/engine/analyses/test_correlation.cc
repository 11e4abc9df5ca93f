// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/analyses/study_correlation.h"
#include "engine/core/sha256.h"
#include "engine/runs/run_store.h"
#include "tests/testing/errors.h"
#include "tests/testing/fake_causal.h"
#include "tests/testing/fake_models.h"
#include "tests/testing/paths.h"

#include <QtTest>

#include <cmath>

using namespace steploom;
using namespace steploom::testing;

namespace {

constexpr int kLetters = 8;

/// The alphabet over and over.
StudyText makeText(int letters = 600) {
    StudyText text{.name = "tale.txt", .content = {}, .sha256 = {}};
    for (int i = 0; i < letters; ++i)
        text.content += static_cast<char>('a' + i % kLetters);
    text.sha256 = sha256Of(text.content);
    return text;
}

/// A model that gives the next letter of the alphabet this probability and all others the same; the further a
/// training has come, the more.
CausalCheckpoint makeCheckpoint(const std::string& name, double probability, int* loaded = nullptr,
                                int positions = 24) {
    return {.name = name, .sha256 = name + "-sha", .positions = positions, .load = [=] {
                if (loaded != nullptr)
                    ++*loaded;
                return CausalReader{
                    .model = std::make_shared<FakeCausal>(
                        kLetters, positions,
                        [probability](std::span<const std::int32_t> before, std::int32_t token) {
                            const bool next = token == (before.back() + 1) % kLetters;
                            return -std::log(next ? probability : (1 - probability) / (kLetters - 1));
                        }),
                    .tokenizer = makeLetterTokenizer(kLetters)};
            }};
}

class Witness : public CorrelationObserver {
public:
    std::vector<std::string> names;
    std::vector<std::size_t> sizes;
    std::stop_source stop;
    std::size_t stopBehind = 99;
    double share = 0;

    void beginning(int, int, const std::string& name) override { names.push_back(name); }
    void advanced(double now) override {
        QVERIFY(now >= share - 1e-12 && now <= 1 + 1e-12);
        share = now;
    }
    void measured(const CorrelationStudy& study) override {
        QVERIFY(study.stopped);
        sizes.push_back(study.points.size());
        if (sizes.size() == stopBehind)
            stop.request_stop();
    }
};

const CausalMeasuring kSettings{.windows = 20, .context = 8, .draws = 2};

} // namespace

class TestCorrelation : public QObject {
    Q_OBJECT

private slots:
    void theBetterModelHasLessCrossEntropyAndMoreBrierLm() {
        const std::vector<CausalCheckpoint> checkpoints{makeCheckpoint("1", 0.4), makeCheckpoint("2", 0.6),
                                                        makeCheckpoint("3", 0.75), makeCheckpoint("4", 0.9)};
        Witness witness;
        const CorrelationStudy study =
            studyCorrelation(checkpoints, makeText(), kSettings, nullptr, nullptr, witness, {});
        QVERIFY(!study.stopped);
        QCOMPARE(study.points.size(), std::size_t{4});
        QCOMPARE(study.points[1].name, std::string("2"));
        QCOMPARE(study.points[1].sha256, std::string("2-sha"));
        QCOMPARE(study.points[1].crossEntropy.n, 20);
        QVERIFY(std::abs(study.points[1].crossEntropy.value + std::log(0.6)) < 1e-6);
        for (std::size_t i = 1; i < 4; ++i) {
            QVERIFY(study.points[i].crossEntropy.value < study.points[i - 1].crossEntropy.value);
            QVERIFY(study.points[i].brierLm->value > study.points[i - 1].brierLm->value);
        }
        // Brier-1 is exact: 2p − p² − (1 − p)²/7, and what follows is what it is of longer texts.
        QVERIFY(study.pearson.value < -0.9);
        QCOMPARE(study.spearman.value, -1.0);
        QCOMPARE(witness.sizes, (std::vector<std::size_t>{1, 2, 3, 4}));
        QCOMPARE(witness.share, 1.0);
    }

    void aStudyThatStoppedOrGrowsMeasuresOnlyWhatIsNew() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        int loaded = 0;
        std::vector<CausalCheckpoint> checkpoints{makeCheckpoint("1", 0.4, &loaded),
                                                  makeCheckpoint("2", 0.6, &loaded),
                                                  makeCheckpoint("3", 0.9, &loaded)};
        Witness first, second, third, fourth;
        first.stopBehind = 1;
        const CorrelationStudy partial = studyCorrelation(checkpoints, makeText(), kSettings, &store, nullptr,
                                                          first, first.stop.get_token());
        QVERIFY(partial.stopped);
        QCOMPARE(partial.points.size(), std::size_t{1});
        QCOMPARE(loaded, 1);
        QVERIFY(std::isnan(partial.pearson.value));
        const CorrelationStudy whole =
            studyCorrelation(checkpoints, makeText(), kSettings, &store, nullptr, second, {});
        QCOMPARE(loaded, 3);
        QVERIFY(whole.points[0] == partial.points[0]);
        checkpoints.push_back(makeCheckpoint("4", 0.95, &loaded));
        const CorrelationStudy grown =
            studyCorrelation(checkpoints, makeText(), kSettings, &store, nullptr, third, {});
        QCOMPARE(loaded, 4);
        QCOMPARE(grown.points.size(), std::size_t{4});
        QVERIFY(grown.points[1] == whole.points[1]);
        // Another text, or other settings, is another measurement.
        CausalMeasuring more = kSettings;
        more.draws = 3;
        studyCorrelation(checkpoints, makeText(), more, &store, nullptr, fourth, {});
        QCOMPARE(loaded, 8);
    }

    void aScoreThatIsNotDefinedIsLeftOut() {
        // Surely wrong: the truth is never drawn, and the draws agree.
        const std::vector<CausalCheckpoint> checkpoints{makeCheckpoint("wrong", 1e-9),
                                                        makeCheckpoint("2", 0.6), makeCheckpoint("3", 0.7),
                                                        makeCheckpoint("4", 0.8)};
        Witness witness;
        const CorrelationStudy study =
            studyCorrelation(checkpoints, makeText(), kSettings, nullptr, nullptr, witness, {});
        QVERIFY(!study.points[0].brierLm.has_value());
        QCOMPARE(study.pearson.n, 3);
        QVERIFY(study.pearson.value < 0);
    }

    void twoPointsAreNoCorrelation() {
        const std::vector<CausalCheckpoint> checkpoints{makeCheckpoint("1", 0.4), makeCheckpoint("2", 0.6)};
        Witness witness;
        const CorrelationStudy study =
            studyCorrelation(checkpoints, makeText(), kSettings, nullptr, nullptr, witness, {});
        QVERIFY(std::isnan(study.pearson.value) && std::isnan(study.spearman.value));
        QCOMPARE(study.pearson.n, 2);
    }

    void oneDrawWillDo() {
        const Measured measured =
            measureCausal(makeCheckpoint("1", 0.7), makeText(), {.windows = 4, .context = 8, .draws = 1},
                          nullptr, nullptr, {}, {});
        QVERIFY(measured.measure("brier_lm") != nullptr);
        QVERIFY(!measured.stopped && measured.known.empty());
    }

    void whatCannotBeIsRefused() {
        Witness witness;
        const auto study = [&](const CausalCheckpoint& checkpoint, const StudyText& text,
                               CausalMeasuring how) {
            studyCorrelation(std::span(&checkpoint, 1), text, how, nullptr, nullptr, witness, {});
        };
        expectError([&] { study(makeCheckpoint("1", 0.5), makeText(9), kSettings); }, ErrorKind::Text,
                    {"12", "9 tokens"});
        expectError([&] { study(makeCheckpoint("1", 0.5), makeText(), {.context = 21}); }, ErrorKind::Request,
                    {"24", "at most 20"});
        expectError([&] { studyCorrelation({}, makeText(), kSettings, nullptr, nullptr, witness, {}); },
                    ErrorKind::Request, {"checkpoints"});
        // Half the positions, unless told.
        study(makeCheckpoint("1", 0.5), makeText(), {.windows = 3, .draws = 1});
    }
};

QTEST_GUILESS_MAIN(TestCorrelation)
#include "test_correlation.moc"
