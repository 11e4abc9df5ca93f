// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/run_json.h"
#include "tests/engine/runs/sample_runs.h"
#include "tests/testing/errors.h"

#include <QtTest>

#include <cmath>
#include <limits>

using namespace steploom;
using namespace steploom::testing;
using nlohmann::json;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

template <class Value>
Value throughText(const Value& value) {
    return json::parse(jsonText(value)).template get<Value>();
}

Measure makeMeasure(const Estimate& estimate) {
    return {"entropy", estimate, "nats", "mean", {{"level", 0.95}}, 0.5};
}

} // namespace

class TestRunJson : public QObject {
    Q_OBJECT

private slots:
    void provenanceComesBack() {
        const Provenance back = throughText(makeProvenance());
        const Provenance made = makeProvenance();
        QCOMPARE(back.version, made.version);
        QCOMPARE(back.processor, made.processor);
        QCOMPARE(back.threads, made.threads);
        QCOMPARE(back.onednn, made.onednn);
        QCOMPARE(back.members.size(), std::size_t{1});
        const ModelFacts& facts = back.members[0];
        const ModelFacts& expected = made.members[0];
        QCOMPARE(facts.architecture, expected.architecture);
        QCOMPARE(facts.parameters, expected.parameters);
        QCOMPARE(facts.blocks, expected.blocks);
        QCOMPARE(facts.width, expected.width);
        QCOMPARE(facts.heads, expected.heads);
        QCOMPARE(facts.keyValueHeads, expected.keyValueHeads);
        QCOMPARE(facts.vocabulary, expected.vocabulary);
        QCOMPARE(facts.length, expected.length);
        QCOMPARE(facts.stored, expected.stored);
        QCOMPARE(facts.requested, expected.requested);
        QCOMPARE(facts.effective, expected.effective);
        QCOMPARE(facts.weightFlopsPerRow, expected.weightFlopsPerRow);
        QCOMPARE(facts.headFlopsPerRow, expected.headFlopsPerRow);
    }

    void factsOfCalmComeBackAndThoseOfOthersAreWrittenAsBefore() {
        ModelFacts facts = makeProvenance().members[0];
        QVERIFY(!json(facts).contains("kind") && !json(facts).contains("chunk"));
        facts.kind = GenerationKind::Calm;
        facts.chunk = 4;
        facts.inputFlopsPerRow = 1.5e6;
        facts.conditionFlops = 2.5e5;
        facts.drawFlops = 1e7;
        const ModelFacts back = throughText(facts);
        QCOMPARE(back.kind, GenerationKind::Calm);
        QCOMPARE(back.chunk, 4);
        QCOMPARE(back.inputFlopsPerRow, facts.inputFlopsPerRow);
        QCOMPARE(back.conditionFlops, facts.conditionFlops);
        QCOMPARE(back.drawFlops, facts.drawFlops);
        facts.kind = GenerationKind::Autoregressive;
        QVERIFY(!json(facts).contains("chunk"));
        QCOMPARE(throughText(facts).kind, GenerationKind::Autoregressive);
    }

    void costComesBackAndHasTheKeysOfTheCommandLine() {
        const json written = makeCost();
        for (const char* key : {"steps", "light_share", "blocks_only_saving", "nominal_saving",
                                "executed_saving", "expected_calls", "seconds"})
            QVERIFY2(written.contains(key), key);
        QCOMPARE(json(throughText(makeCost())), written);
        QCOMPARE(throughText(makeCost()).nominalFlops, 1.2345678901234567e12);
    }

    void finiteMeasureComesBack() {
        const Measure measure = makeMeasure({5.25, 5.125, 5.375, 16});
        QCOMPARE(throughText(measure), measure);
    }

    void oneObservationIsNullInJsonAndUnboundedBehindIt() {
        const Measure measure = makeMeasure({5.25, -kInfinity, kInfinity, 1});
        QVERIFY(json(measure)["low"].is_null());
        QCOMPARE(throughText(measure), measure);

        const Measure perplexity = makeMeasure({20, 0, kInfinity, 1});
        QCOMPARE(throughText(perplexity), perplexity);
    }

    void noObservationIsNullInJsonAndNaNBehindIt() {
        const Measure back = throughText(makeMeasure({kNaN, kNaN, kNaN, 0}));
        QVERIFY(std::isnan(back.estimate.value) && std::isnan(back.estimate.low) &&
                std::isnan(back.estimate.high));
        QVERIFY(jsonText(makeMeasure({kNaN, kNaN, kNaN, 0})).find("nan") == std::string::npos);
    }

    void callsAreNamedByLetter() {
        const std::map<char, std::int64_t> calls{{'H', 12}, {'L', std::int64_t{1} << 40}};
        QCOMPARE(jsonText(callsToJson(calls)), std::string(R"({"H":12,"L":1099511627776})"));
        QCOMPARE(callsFromJson(callsToJson(calls)), calls);
        expectError([] { callsFromJson(json{{"HL", 1}}); }, ErrorKind::Store, {"HL"});
    }

    void pathsThatAreNotUtf8CanBeWritten() {
        Provenance provenance = makeProvenance();
        provenance.processor = "bytes \xFF\xFE";
        QVERIFY(jsonText(provenance).find("bytes") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestRunJson)
#include "test_run_json.moc"
