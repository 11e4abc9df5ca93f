// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sampling/batch_calibration.h"

#include "tests/engine/sampling/fake_pool.h"

#include <QtTest>

#include <cmath>

using namespace steploom;
using namespace steploom::testing;

namespace {

/// A clock of its own: what a call on so many samples takes is made up, and nothing computes.
struct MadeUpClock {
    std::function<double(const MaskedDiffusionModel&, int samples)> seconds;
    int calls = 0;
    int largest = 0;
    double total = 0;

    BatchCalibration calibration() {
        return BatchCalibration([this](const MaskedDiffusionModel& model, const DenoisingCall& call,
                                       std::span<float> out) {
            ++calls;
            largest = std::max(largest, call.samples);
            total += seconds(model, call.samples);
            const std::size_t wanted = call.rows.size() * static_cast<std::size_t>(model.facts().vocabulary);
            return out.size() == wanted ? seconds(model, call.samples) : std::nan("");
        });
    }
};

/// A fixed part for every call, and a part for every sample.
auto linear(double fixed, double perSample) {
    return [=](const MaskedDiffusionModel&, int samples) { return fixed + perSample * samples; };
}

BatchQuestion question(const FakePool& fake, int most = 1000) {
    BatchQuestion question{.maskToken = fake.pool.maskToken(), .length = 16, .most = most};
    for (const auto& model : fake.models)
        question.members.push_back({model});
    return question;
}

} // namespace

class TestBatchCalibration : public QObject {
    Q_OBJECT
private slots:
    void theSmallestBatchNearTheBestIsTaken() {
        // Time per sample 1 + 10/b: 1.039 at 256, 1.02 at 512, 1.01 at 1000.
        MadeUpClock clock{linear(1e-4, 1e-5)};
        QCOMPARE(clock.calibration().choose(question(FakePool("H"))), 256);
        // No fixed part: nothing is gained by more than one.
        clock.seconds = linear(0, 1e-4);
        QCOMPARE(clock.calibration().choose(question(FakePool("H"))), 1);
        // Memory runs short above 8 samples.
        clock.seconds = [](const MaskedDiffusionModel&, int samples) {
            return samples <= 8 ? 1e-3 + 1e-4 * samples : 2e-3 * samples;
        };
        QCOMPARE(clock.calibration().choose(question(FakePool("H"))), 8);
    }

    void timingEndsWhenLargerBatchesSaveNothing() {
        MadeUpClock clock{linear(0, 1e-4)};
        clock.calibration().choose(question(FakePool("H")));
        QVERIFY(clock.largest <= 4);
    }

    void neverMoreThanWanted() {
        MadeUpClock clock{linear(1e-3, 1e-6)};
        const FakePool fake("H");
        BatchCalibration calibration = clock.calibration();
        for (int most : {1, 2, 3, 6, 7, 20}) {
            QCOMPARE(calibration.choose(question(fake, most)), most);
            QVERIFY(clock.largest <= most);
        }
    }

    void aSingleSampleNeedsNoTiming() {
        MadeUpClock clock{linear(1, 1)};
        QCOMPARE(clock.calibration().choose(question(FakePool("H"), 1)), 1);
        QCOMPARE(clock.calls, 0);
    }

    void membersWeighAsOftenAsTheyAreCalled() {
        // H is best at 4, L gains up to 32.
        const FakePool fake("HL");
        const auto* heavy = fake.models[0].get();
        MadeUpClock clock{[heavy](const MaskedDiffusionModel& model, int samples) {
            if (&model == heavy)
                return samples <= 4 ? 4e-3 : 2e-3 * samples;
            return samples <= 32 ? 1e-3 : 1e-3 * samples;
        }};
        BatchQuestion asked = question(fake);
        asked.members[0].calls = 100;
        QCOMPARE(clock.calibration().choose(asked), 4);
        asked.members[0].calls = 0.01;
        QCOMPARE(clock.calibration().choose(asked), 32);
    }

    void theSecondRunOfALengthIsNotTimedAgain() {
        MadeUpClock clock{linear(1e-3, 1e-4)};
        const FakePool fake("HL");
        BatchCalibration calibration = clock.calibration();
        const int chosen = calibration.choose(question(fake));
        const int calls = clock.calls;
        QCOMPARE(calibration.choose(question(fake)), chosen);
        QVERIFY(calibration.choose(question(fake, 4)) <= 4);
        QCOMPARE(clock.calls, calls);
        BatchQuestion other = question(fake);
        other.length = 32;
        calibration.choose(other);
        QVERIFY(clock.calls > calls);
    }

    void timingIsShort() {
        MadeUpClock clock{linear(0.1, 0.01)};
        const FakePool fake("HL");
        BatchCalibration calibration = clock.calibration();
        QVERIFY(calibration.choose(question(fake)) >= 2);
        // One call of each member may come on top: what it takes is not known before.
        QVERIFY(clock.total < BatchCalibration::kBudget + 1);
        const double total = clock.total;
        calibration.choose(question(fake)); // nor does the next run spend it once more
        QCOMPARE(clock.total, total);
        // A model that takes half a minute a call is called once.
        clock = {linear(30, 30)};
        QCOMPARE(clock.calibration().choose(question(FakePool("H"))), 1);
        QCOMPARE(clock.calls, 1);
    }

    void activationsThatWouldNotFitAreNotTried() {
        // 65,536 positions of width 8, a dozen numbers each: 24 MiB a sample, 1 GiB in all.
        MadeUpClock clock{linear(1e-3, 1e-9)};
        const FakePool fake("H", 12, 65'536);
        BatchQuestion asked = question(fake);
        asked.length = 65'536;
        QCOMPARE(clock.calibration().choose(asked), 42);
    }

    void aStopEndsItWithWhatIsKnown() {
        std::stop_source stop;
        MadeUpClock clock;
        clock.seconds = [&](const MaskedDiffusionModel&, int samples) {
            if (samples == 4)
                stop.request_stop();
            return 1e-3;
        };
        const int chosen = clock.calibration().choose(question(FakePool("H")), stop.get_token());
        QVERIFY(chosen >= 1 && chosen <= 4);
        QVERIFY(clock.largest <= 4);
    }

    void withARealClockItChoosesOne() {
        const FakePool fake("HL");
        BatchCalibration calibration;
        const int chosen = calibration.choose(question(fake, 16));
        QVERIFY(chosen >= 1 && chosen <= 16);
    }
};

QTEST_GUILESS_MAIN(TestBatchCalibration)
#include "test_batch_calibration.moc"
