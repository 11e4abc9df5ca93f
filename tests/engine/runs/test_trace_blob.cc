// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/trace_blob.h"
#include "tests/engine/runs/sample_runs.h"
#include "tests/testing/errors.h"

#include <QtTest>

#include <bit>
#include <cmath>

using namespace steploom;
using namespace steploom::testing;

namespace {

const std::string kWhere = "runs.sqlite, run 3, sample 2";

SampleTrace readBack(std::span<const std::byte> blob) {
    SampleTrace trace;
    traceFromBlob(blob, kWhere, trace);
    return trace;
}

} // namespace

class TestTraceBlob : public QObject {
    Q_OBJECT

private slots:
    void everyColumnComesBack() {
        const SampleTrace trace = makeSample(5, 300).trace;
        const SampleTrace back = readBack(traceToBlob(trace));
        QCOMPARE(back.tokens, trace.tokens);
        QCOMPARE(back.revealStep, trace.revealStep);
        QCOMPARE(back.member, trace.member);
        QCOMPARE(back.logProbability, trace.logProbability);
        QCOMPARE(back.entropy, trace.entropy);
    }

    void emptyTraceComesBack() { QVERIFY(readBack(traceToBlob(SampleTrace{})).tokens.empty()); }

    void floatsKeepTheirBits() {
        SampleTrace trace = makeSample(0, 6).trace;
        const std::vector<std::uint32_t> bits{0x80000000u, 0x00000001u, 0x7F800000u,
                                              0xFF800000u, 0x7FC12345u, 0xBF800001u};
        for (std::size_t i = 0; i < bits.size(); ++i)
            trace.logProbability[i] = trace.entropy[i] = std::bit_cast<float>(bits[i]);
        const SampleTrace back = readBack(traceToBlob(trace));
        for (std::size_t i = 0; i < bits.size(); ++i) {
            QCOMPARE(std::bit_cast<std::uint32_t>(back.logProbability[i]), bits[i]);
            QCOMPARE(std::bit_cast<std::uint32_t>(back.entropy[i]), bits[i]);
        }
    }

    void extremesComeBack() {
        SampleTrace trace = makeSample(0, 4).trace;
        trace.tokens = {0, 127, 128, std::numeric_limits<std::int32_t>::max()};
        trace.revealStep = {-1, 0, 127, std::numeric_limits<std::int32_t>::max()};
        trace.member = {-1, 0, 25, 127};
        const SampleTrace back = readBack(traceToBlob(trace));
        QCOMPARE(back.tokens, trace.tokens);
        QCOMPARE(back.revealStep, trace.revealStep);
        QCOMPARE(back.member, trace.member);
    }

    void aPositionTakesAtMostFourteenBytes() {
        SampleTrace trace = makeSample(0, 1024).trace;
        for (std::int32_t& token : trace.tokens)
            token = (1 << 21) - 1;
        for (std::int32_t& step : trace.revealStep)
            step = StepSchedule::kMaximumSteps;
        QVERIFY(traceToBlob(trace).size() <= 1024 * 14 + 3);
    }

    void everyShortenedBlobIsRefused() {
        const std::vector<std::byte> blob = traceToBlob(makeSample(1, 20).trace);
        for (std::size_t size = 0; size < blob.size(); ++size)
            expectError([&] { readBack(std::span(blob).first(size)); }, ErrorKind::Store, {kWhere.c_str()});
    }

    void bytesBeyondTheEndAreRefused() {
        std::vector<std::byte> blob = traceToBlob(makeSample(1, 20).trace);
        blob.push_back(std::byte{0});
        expectError([&] { readBack(blob); }, ErrorKind::Store, {"1 bytes follow", "20 positions"});
    }

    void newerFormatIsRefusedNamingBoth() {
        std::vector<std::byte> blob = traceToBlob(makeSample(1, 20).trace);
        blob[0] = std::byte{9};
        expectError([&] { readBack(blob); }, ErrorKind::Store, {"version 9", "version 1"});
    }

    void lyingLengthAllocatesNothing() {
        const std::vector<std::byte> blob{std::byte{1},    std::byte{0xFF}, std::byte{0xFF},
                                          std::byte{0xFF}, std::byte{0xFF}, std::byte{0x0F}};
        expectError([&] { readBack(blob); }, ErrorKind::Store, {"4294967295"});
    }

    void numberBeyond32BitsIsRefused() {
        const std::vector<std::byte> blob{std::byte{1},    std::byte{0xFF}, std::byte{0xFF},
                                          std::byte{0xFF}, std::byte{0xFF}, std::byte{0x7F}};
        expectError([&] { readBack(blob); }, ErrorKind::Store, {"32 bits"});
    }

    void anyFlippedByteIsReadOrRefusedButNeverWorse() {
        const std::vector<std::byte> blob = traceToBlob(makeSample(2, 30).trace);
        for (std::size_t at = 0; at < blob.size(); ++at)
            for (const int flip : {0x01, 0x80, 0xFF}) {
                std::vector<std::byte> broken = blob;
                broken[at] ^= std::byte(flip);
                try {
                    const SampleTrace back = readBack(broken);
                    QCOMPARE(back.entropy.size(), back.tokens.size());
                } catch (const Error& error) {
                    QCOMPARE(error.kind(), ErrorKind::Store);
                }
            }
    }

    void columnsOfUnequalLengthAreNotWritten() {
        SampleTrace trace = makeSample(0, 8).trace;
        trace.entropy.pop_back();
        expectError([&] { traceToBlob(trace); }, ErrorKind::Store, {"8 tokens", "7 entropies"});
    }
};

QTEST_GUILESS_MAIN(TestTraceBlob)
#include "test_trace_blob.moc"
