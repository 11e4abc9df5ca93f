// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/reports/repeat_command.h"
#include "experiments/cli/console.h"
#include "experiments/cli/run_values.h"
#include "experiments/cli/table.h"

#include <QtTest>

#include <cmath>
#include <limits>

using namespace steploom;
using namespace steploom::cli;

namespace {

RunSummary someRun() {
    RunSummary run;
    run.id = 7;
    run.request.pool = {
        {.letter = 'H', .name = "heavy", .path = "/models/a heavy one", .sha256 = "ab"},
        {.letter = 'L', .name = "light", .path = "/models/light", .precision = Precision::BF16}};
    run.request.schedule = parseSchedule("(L2,H12,L2)");
    run.request.samples = 4;
    run.finishedSamples = 2;
    run.executedFlops = 4e9;
    run.calls = {{'H', 10}};
    return run;
}

} // namespace

class CliValuesTest : public QObject {
    Q_OBJECT

private slots:
    void columnsAlignByCharactersNotBytes() {
        Table table("lr", {"name", "n"});
        table.add({"ppl ±", "1"});
        table.add({"x", "100"});
        QCOMPARE(table.text(), std::string("name     n\nppl ±    1\nx      100\n"));
    }

    void anEstimateShowsAsManyDecimalsForItsMarginAsForItsValue() {
        QCOMPARE(estimateText({.value = 31.2213, .low = 30.35, .high = 32.09, .n = 16}),
                 std::string("31.22 ± 0.87"));
        QCOMPARE(estimateText({.value = 250.9, .low = 118.1, .high = 533.1, .n = 4}),
                 std::string("250.9 (118.1–533.1)"));
    }

    void anEstimateOfOneSampleHasNoInterval() {
        const double infinity = std::numeric_limits<double>::infinity();
        QCOMPARE(estimateText({.value = 31.2213, .low = -infinity, .high = infinity, .n = 1}),
                 std::string("31.22"));
        QCOMPARE(estimateText({.value = std::nan(""), .n = 0}), std::string("–"));
    }

    void countsAndTimesReadAsPeopleWriteThem() {
        QCOMPARE(countText(8'780'000), std::string("8.78M"));
        QCOMPARE(flopsText(3.2e9), std::string("3.2 GFLOP"));
        QCOMPARE(durationText(0.84), std::string("0.8 s"));
        QCOMPARE(durationText(59.8), std::string("60 s"));
        QCOMPARE(durationText(130), std::string("2 min 10 s"));
    }

    void aLongTextIsCutBetweenCharacters() {
        QCOMPARE(shortened("äöü\nß", 3), std::string("äöü…"));
        QCOMPARE(shortened("a\nb", 3), std::string("a b"));
    }

    void aQuoteInsideAWordSurvivesTheShell() {
        QCOMPARE(shellQuoted("plain/word"), std::string("plain/word"));
        QCOMPARE(shellQuoted("it's"), std::string("'it'\\''s'"));
        QCOMPARE(shellQuoted(""), std::string("''"));
        QCOMPARE(shellQuoted("a\x1B[1m'\\"), std::string("$'a\\033[1m\\'\\\\'"));
    }

    void theCommandOfARunNamesEveryChoice() {
        RunSummary run = someRun();
        run.request.prompt = "-Once";
        const std::string command = commandOf(run);
        for (const char* part : {"--model 'H=/models/a heavy one:f32'", "--model L=/models/light:bf16",
                                 "--schedule '(L2,H12,L2)'", "--seed 1", "--samples 4", "--prompt=-Once"})
            QVERIFY2(command.find(part) != std::string::npos, (std::string(part) + " in " + command).c_str());
    }

    void lettersThatWereNeverCalledAreCountedAsZero() {
        const nlohmann::json cost = measuredCostJson(someRun());
        QCOMPARE(cost["calls"]["H"].get<int>(), 10);
        QCOMPARE(cost["calls"]["L"].get<int>(), 0);
        QVERIFY(cost["seconds"].is_null());
    }

    void workIsShownWhereItWasCounted() {
        RunSummary run = someRun();
        QVERIFY(workJson(run).is_null());
        QVERIFY(measuredText(run).find("H 10\n") != std::string::npos);
        run.work = {.members = {{'H', {12, 4, 30, 5e9, 2.5}}}, .batch = 3, .peakMemory = 2'810'000'000};
        QCOMPARE(workJson(run)["members"]["H"]["rows_per_call"].get<double>(), 2.5);
        const std::string text = measuredText(run);
        for (const char* part : {"3, chosen by timing", "2.81 GB", "H         12             4          2.5"})
            QVERIFY2(text.find(part) != std::string::npos, text.c_str());
        run.request.batch = 4;
        QVERIFY(measuredText(run).find("timing") == std::string::npos);
    }

    void aFallBackOfPrecisionSaysWhy() {
        Run run;
        run.summary = someRun();
        ModelFacts facts;
        facts.stored = DType::BF16;
        facts.requested = Precision::Int8;
        facts.effective = Precision::BF16;
        run.provenance.members = {facts, facts};
        const std::string why = "int8 asked for, bf16 used: the processor has no VNNI";
        QVERIFY(membersText(run).find("stored bf16, computed in " + why) != std::string::npos);
        facts.effective = Precision::Int8;
        run.provenance.members = {facts, facts};
        QVERIFY(membersText(run).find("stored bf16, computed in int8 ") != std::string::npos);
    }

    void aScheduleOrRequestThatCannotBeIsWrongUse() {
        QCOMPARE(exitCodeOf(ErrorKind::Schedule), kWrongUse);
        QCOMPARE(exitCodeOf(ErrorKind::Request), kWrongUse);
        QCOMPARE(exitCodeOf(ErrorKind::File), kFailed);
        QCOMPARE(exitCodeOf(ErrorKind::Store), kFailed);
    }
};

QTEST_GUILESS_MAIN(CliValuesTest)
#include "cli_values_test.moc"
