// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/engine/sampling/chi_square.h"
#include "tests/engine/sampling/fake_pool.h"
#include "tests/engine/sampling/leaning_rules.h"
#include "tests/engine/sampling/reference_sampler.h"

#include <QtTest>

#include <cmath>

using namespace steploom;
using namespace steploom::testing;

namespace {

constexpr int kVocabulary = 4; // three letters and the mask
constexpr int kSamples = 30'000;

struct Comparison {
    TwoSamples tokens, steps, both;
};

/// Runs generator and reference on a schedule; `assumed` is the schedule the reference is told.
Comparison compared(Sampler sampler, const std::string& schedule, const std::string& assumed,
                    const std::string& templateText) {
    FakePool fake("HL", kVocabulary, 8, {heavyRule, lightRule});
    GenerationRequest request;
    request.schedule = StepSchedule(schedule);
    request.length = 4;
    request.samples = kSamples;
    request.seed = 20'260'402;
    request.sampler = sampler;
    request.templateText = templateText;
    request.batch = 64;
    GenerationObserver nobody;
    const Trace trace = MaskedDiffusionGenerator(fake.pool).run(request, nobody, {});

    const ReferenceInput input{{{'H', heavyRule}, {'L', lightRule}},
                               StepSchedule(assumed),
                               planWork(request, fake.pool).initialTokens,
                               kVocabulary};
    std::mt19937_64 random(77);
    Comparison result;
    for (const SampleTrace& sample : trace.samples) {
        result.tokens.first(outcome(sample.tokens));
        result.steps.first(outcome(sample.revealStep));
        result.both.first(outcome(sample.tokens) << 32 ^ outcome(sample.revealStep));
    }
    for (int i = 0; i < kSamples; ++i) {
        const ReferenceSample sample = sampler == Sampler::Ancestral ? sampleStepByStep(input, random)
                                                                     : sampleInContinuousTime(input, random);
        result.tokens.second(outcome(sample.tokens));
        result.steps.second(outcome(sample.revealStep));
        result.both.second(outcome(sample.tokens) << 32 ^ outcome(sample.revealStep));
    }
    return result;
}

} // namespace

class TestReferenceAgreement : public QObject {
    Q_OBJECT
private slots:
    void generatorHasTheLawOfTheReference_data() {
        QTest::addColumn<int>("sampler");
        QTest::addColumn<QString>("schedule");
        QTest::addColumn<QString>("templateText");
        const int ancestral = static_cast<int>(Sampler::Ancestral);
        const int firstHitting = static_cast<int>(Sampler::FirstHitting);
        QTest::newRow("one step") << ancestral << "H"
                                  << "";
        QTest::newRow("three steps, many reveals at once") << ancestral << "HLH"
                                                           << "";
        QTest::newRow("sandwich over eight steps") << ancestral << "LLHHHHLL"
                                                   << "";
        QTest::newRow("more steps than positions") << ancestral << "LLLLLLLLLLHHHHHHHHHH"
                                                   << "";
        QTest::newRow("with a fixed token in the middle") << ancestral << "HHLL"
                                                          << "[mask]b[mask]";
        QTest::newRow("first-hitting") << firstHitting << "LHHL"
                                       << "";
        QTest::newRow("first-hitting with a prefix") << firstHitting << "HL"
                                                     << "ca";
    }
    void generatorHasTheLawOfTheReference() {
        QFETCH(int, sampler);
        QFETCH(QString, schedule);
        QFETCH(QString, templateText);
        const std::string letters = schedule.toStdString();
        const Comparison result =
            compared(static_cast<Sampler>(sampler), letters, letters, templateText.toStdString());
        QVERIFY2(result.steps.p() > kSmallestP, qPrintable(QString("steps: p = %1").arg(result.steps.p())));
        QVERIFY2(result.tokens.p() > kSmallestP,
                 qPrintable(QString("tokens: p = %1").arg(result.tokens.p())));
        QVERIFY2(result.both.p() > kSmallestP, qPrintable(QString("both: p = %1").arg(result.both.p())));
    }

    /// The comparison itself must see a wrong law: one swapped step out of eight.
    void aSingleWrongStepIsSeen() {
        QVERIFY(compared(Sampler::Ancestral, "LLHHHHLL", "LLHHHHHL", "").tokens.p() < 1e-8);
        QVERIFY(compared(Sampler::FirstHitting, "LHHL", "LHHH", "").tokens.p() < 1e-8);
    }
};

QTEST_GUILESS_MAIN(TestReferenceAgreement)
#include "test_reference_agreement.moc"
