// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/random.h"
#include "engine/sampling/masked_diffusion.h"
#include "engine/sampling/remaining_time.h"
#include "tests/engine/sampling/fake_pool.h"

#include <QtTest>

#include <cmath>
#include <vector>

using namespace steploom;

namespace {

constexpr int kLength = 128;
constexpr int kSamples = 8;

/// A generation made of call times that somebody wrote down: what a member takes for one sample, with up to 4
/// % of noise, and a first call that takes longer.
struct Story {
    std::map<char, double> secondsPerCall;
    double firstCallFactor = 1; ///< of each member
    double betweenCalls = 0;    ///< seconds after each network call
    double callFlops(char letter) const { return letter == 'H' ? 3e9 : 1e9; }
};

struct Call {
    char letter;
    double seconds; ///< of all samples
};

/// One network call on all samples for every letter.
std::vector<Call> callsOf(const Story& story, const std::string& letters) {
    const CounterRandom random(7);
    std::vector<Call> calls;
    std::map<char, bool> called;
    for (std::uint32_t i = 0; i < letters.size(); ++i) {
        const double noise = 1 + 0.04 * (2 * random.uniform(Purpose::Token, 0, i, 0) - 1);
        double seconds = story.secondsPerCall.at(letters[i]) * kSamples * noise;
        if (!std::exchange(called[letters[i]], true))
            seconds *= story.firstCallFactor;
        calls.push_back({letters[i], seconds});
    }
    return calls;
}

class Clocked {
public:
    /// `calibrated`: seconds a sample in a call, by letter; empty: no calibration.
    Clocked(const Story& story, const std::string& letters, const std::map<char, double>& calibrated)
        : m_story(story), m_calls(callsOf(story, letters)) {
        PlannedWork work;
        std::vector<CallCost> costs;
        for (const char letter : {'H', 'L'}) {
            const auto calls = std::count(letters.begin(), letters.end(), letter) * kSamples;
            work.calls[letter] = calls;
            work.flopsByLetter[letter] = static_cast<double>(calls) * story.callFlops(letter);
            CallCost& cost = costs.emplace_back();
            cost.letter = letter;
            cost.blocks = story.callFlops(letter);
            if (const auto found = calibrated.find(letter); found != calibrated.end())
                cost.seconds.call = found->second;
        }
        time = RemainingTime(work, costs, kLength);
    }

    void proceed(std::size_t calls) {
        for (; calls > 0; --calls, ++m_next) {
            const Call& call = m_calls.at(m_next);
            m_elapsed += call.seconds;
            for (int sample = 0; sample < kSamples; ++sample) {
                StepEvent event;
                event.sample = sample;
                event.opensCall = sample == 0;
                event.flops = m_story.callFlops(call.letter);
                event.seconds = call.seconds / kSamples;
                time.count(call.letter, event, m_elapsed);
            }
            m_elapsed += m_story.betweenCalls;
        }
    }
    /// Time passes before the next call.
    void wait(double seconds) { m_elapsed += seconds; }
    /// What it will really take from here.
    double left() const {
        double seconds = 0;
        for (std::size_t i = m_next; i < m_calls.size(); ++i)
            seconds += m_calls[i].seconds + m_story.betweenCalls;
        return seconds;
    }
    /// |estimate − truth| / truth
    double error() const {
        const std::optional<double> estimate = time.seconds();
        return estimate ? std::abs(*estimate - left()) / left() : 1e9;
    }

    RemainingTime time;

private:
    Story m_story;
    std::vector<Call> m_calls;
    std::size_t m_next = 0;
    double m_elapsed = 0;
};

std::string sandwich() { return std::string(16, 'L') + std::string(96, 'H') + std::string(16, 'L'); }

constexpr double kPromised = 0.15;

} // namespace

class TestRemainingTime : public QObject {
    Q_OBJECT

private slots:
    void withACalibrationItIsRightFromTheStartAndAfterTheFirstCall() {
        const Story story{{{'H', 0.030}, {'L', 0.012}}};
        Clocked run(story, sandwich(), {{'H', 0.030}, {'L', 0.012}});
        QVERIFY2(run.error() < kPromised, qPrintable(QString::number(run.error())));
        for (int call = 1; call <= 120; ++call) {
            run.proceed(1);
            QVERIFY2(run.error() < kPromised, qPrintable(QString("%1: %2").arg(call).arg(run.error())));
        }
    }

    void aSlowFirstCallDoesNotMislead() {
        const Story story{{{'H', 0.030}, {'L', 0.012}}, /*firstCallFactor=*/6};
        Clocked run(story, std::string(128, 'H'), {{'H', 0.030}, {'L', 0.012}});
        run.proceed(1);
        QVERIFY2(run.error() < kPromised, qPrintable(QString::number(run.error())));
        run.proceed(1); // measured from here on, without the first
        QVERIFY2(run.error() < kPromised, qPrintable(QString::number(run.error())));
    }

    void whatIsSetUpBeforeTheFirstCallDoesNotComeAgain() {
        const Story story{{{'H', 0.030}, {'L', 0.012}}};
        Clocked run(story, sandwich(), {{'H', 0.030}, {'L', 0.012}});
        run.wait(0.5); // as long as four calls
        for (int call = 1; call <= 120; ++call) {
            run.proceed(1);
            QVERIFY2(run.error() < kPromised, qPrintable(QString("%1: %2").arg(call).arg(run.error())));
        }
    }

    void withoutACalibrationOneCallOfEachMemberIsEnough() {
        // A FLOP of the light model takes longer than one of the heavy model.
        const Story story{{{'H', 0.030}, {'L', 0.016}}};
        Clocked run(story, "L" + std::string(60, 'H') + std::string(60, 'L'), {});
        QVERIFY(!run.time.seconds());
        run.proceed(2);
        QVERIFY2(run.error() < kPromised, qPrintable(QString::number(run.error())));
    }

    void aBusierMachineThanAtCalibrationShowsAfterTheSecondCall() {
        // Everything takes twice as long as it was timed, also the member that comes later.
        const Story story{{{'H', 0.060}, {'L', 0.024}}};
        Clocked run(story, sandwich(), {{'H', 0.030}, {'L', 0.012}});
        run.proceed(2);
        QVERIFY2(run.error() < kPromised, qPrintable(QString::number(run.error())));
    }

    void whatPassesBetweenCallsCounts() {
        const Story story{{{'H', 0.030}, {'L', 0.012}}, 1, /*betweenCalls=*/0.2};
        Clocked run(story, sandwich(), {{'H', 0.030}, {'L', 0.012}});
        run.proceed(8);
        QVERIFY2(run.error() < kPromised, qPrintable(QString::number(run.error())));
    }

    void nothingIsLeftAtTheEnd() {
        Clocked run({{{'H', 0.03}, {'L', 0.01}}}, "LHHL", {});
        run.proceed(4);
        QCOMPARE(run.time.seconds().value(), 0.0);
    }

    void aMemberOfUnknownTimeThatIsNotInUseIsNoObstacle() {
        const Clocked run({{{'H', 0.03}, {'L', 0.01}}}, "HHHH", {{'H', 0.03}});
        QVERIFY(run.error() < kPromised);
        const Clocked both({{{'H', 0.03}, {'L', 0.01}}}, "HHLL", {{'H', 0.03}});
        QVERIFY(!both.time.seconds());
    }
};

QTEST_GUILESS_MAIN(TestRemainingTime)
#include "test_remaining_time.moc"
