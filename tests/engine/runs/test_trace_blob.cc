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

SampleTrace remasked(SampleTrace trace) {
    trace.remasked = {{3, 50'000, 4, 9, 1, -0.25f, 1.5f}, {19, 0, 0, 10'000, 0, -3.0f, 0.0f}};
    return trace;
}

SampleTrace remaskedTrace() { return remasked(makeSample(1, 20).trace); }

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

    void packedTracesComeBackBitForBit() {
        SampleTrace extremes = makeSample(0, 4).trace;
        extremes.tokens = {0, 127, 128, std::numeric_limits<std::int32_t>::max()};
        extremes.revealStep = {-1, 0, 127, std::numeric_limits<std::int32_t>::max()};
        extremes.member = {-1, 0, 25, 127};
        SampleTrace byHand = makeSample(3, 50).trace; // one step's positions by different hands
        byHand.revealStep.assign(50, 7);
        byHand.member[9] = -1;
        SampleTrace likely = remaskedTrace();
        likely.topTokens = 2;
        likely.likely.assign(likely.tokens.size() * 2, LikelyToken{5, -0.5f});
        SampleTrace chunks = likely; // of CALM
        chunks.chunkDraws = {0, 200, 1, 100'000};
        for (const SampleTrace& trace : {makeSample(1, 20).trace, makeSample(2, 1000).trace, remaskedTrace(),
                                         extremes, byHand, likely, chunks, SampleTrace{}}) {
            const std::vector<std::byte> packed = traceToCompactBlob(trace);
            QVERIFY(traceToBlob(readBack(packed)) == traceToBlob(trace));
            for (std::size_t size = 0; size < packed.size(); ++size) // cut short anywhere
                expectError([&] { readBack(std::span(packed).first(size)); }, ErrorKind::Store,
                            {"stored trace"});
            std::vector<std::byte> longer = packed;
            longer.push_back(std::byte{0});
            expectError([&] { readBack(longer); }, ErrorKind::Store, {"1 bytes follow"});
        }
    }

    void aPackedPositionTakesAtMostTwelveBytes() {
        SampleTrace trace = makeSample(0, 1024).trace;
        for (std::size_t i = 0; i < 1024; ++i) {
            trace.tokens[i] = static_cast<std::int32_t>(65'535 - i);
            // As many different steps as there can be, of two models in turn.
            trace.revealStep[i] = static_cast<std::int32_t>(StepSchedule::kMaximumSteps - 9 * i);
            trace.member[i] = static_cast<std::int8_t>(i % 2);
        }
        const auto perToken = [&] { return static_cast<double>(traceToCompactBlob(trace).size()) / 1024; };
        QVERIFY2(perToken() <= 12, std::to_string(perToken()).c_str());
        for (std::size_t i = 0; i < 1024; ++i) {
            trace.revealStep[i] = static_cast<std::int32_t>(i % 256);
            trace.member[i] = static_cast<std::int8_t>(i % 256 < 64 ? 1 : 0);
        }
        QVERIFY2(perToken() <= 11.3, std::to_string(perToken()).c_str());
    }

    void remaskedTokensComeBack() {
        const SampleTrace trace = remaskedTrace();
        const SampleTrace back = readBack(traceToBlob(trace));
        QVERIFY(back.remasked == trace.remasked);
        QCOMPARE(back.tokens, trace.tokens);
        QCOMPARE(back.entropy, trace.entropy);
    }

    void withoutRemaskingTheBytesAreThoseOfVersionOne() {
        SampleTrace trace = remaskedTrace();
        const std::vector<std::byte> with = traceToBlob(trace);
        trace.remasked.clear();
        const std::vector<std::byte> without = traceToBlob(trace);
        QCOMPARE(std::to_integer<int>(without[0]), 1);
        QCOMPARE(std::to_integer<int>(with[0]), 2);
        QVERIFY(std::equal(without.begin() + 1, without.end(), with.begin() + 1));
        SampleTrace reused = remasked(trace); // a trace that is read into forgets what it held
        traceFromBlob(without, kWhere, reused);
        QVERIFY(reused.remasked.empty());
    }

    void likeliestTokensComeBackWithWhatIsMissing() {
        for (SampleTrace trace : {makeSample(1, 20).trace, remaskedTrace()}) {
            trace.topTokens = 3;
            trace.likely.assign(60, {});
            for (std::size_t i = 2; i < 20; ++i)
                for (std::size_t n = 0; n < 1 + i % 3; ++n)
                    trace.likely[3 * i + n] = {static_cast<std::int32_t>(40 * i + n),
                                               -0.1f * static_cast<float>(n + 1)};
            const std::vector<std::byte> blob = traceToBlob(trace);
            QCOMPARE(std::to_integer<int>(blob[0]), 3);
            SampleTrace back = readBack(blob);
            QCOMPARE(back.topTokens, 3);
            QVERIFY(back.likely == trace.likely);
            QVERIFY(back.remasked == trace.remasked);
            traceFromBlob(traceToBlob(makeSample(1, 20).trace), kWhere, back); // an older one holds none
            QVERIFY(back.topTokens == 0 && back.likely.empty());
            for (std::size_t size = 0; size < blob.size(); ++size)
                expectError([&] { readBack(std::span(blob).first(size)); }, ErrorKind::Store,
                            {kWhere.c_str()});
        }
        SampleTrace uneven = makeSample(1, 20).trace;
        uneven.topTokens = 2;
        uneven.likely.resize(39);
        expectError([&] { traceToBlob(uneven); }, ErrorKind::Store, {"39 likeliest", "20 positions"});
    }

    void moreLikeliestTokensThanClaimedAreRefused() {
        SampleTrace trace = makeSample(1, 2).trace;
        trace.topTokens = 1;
        trace.likely.assign(2, {});
        std::vector<std::byte> blob = traceToBlob(trace);
        blob.back() = std::byte{7};
        expectError([&] { readBack(blob); }, ErrorKind::Store, {"position 1 claims 7"});
        blob[blob.size() - 3] = std::byte{200};
        expectError([&] { readBack(blob); }, ErrorKind::Store, {"claims 200 likeliest"});
    }

    void aRemaskedTokenTakesAtMostEighteenBytes() {
        SampleTrace trace = makeSample(0, 1024).trace;
        const std::size_t plain = traceToBlob(trace).size();
        for (int i = 0; i < 100; ++i)
            trace.remasked.push_back({1023, (1 << 21) - 1, StepSchedule::kMaximumSteps - 1,
                                      StepSchedule::kMaximumSteps, 1, -1, 1});
        QVERIFY(traceToBlob(trace).size() <= plain + 100 * 18 + 1);
    }

    void aRemaskedPositionBeyondTheSampleIsRefused() {
        SampleTrace trace = remaskedTrace();
        trace.remasked[1].position = 20;
        expectError([&] { readBack(traceToBlob(trace)); }, ErrorKind::Store, {"position 20", "it has 20"});
        trace.remasked[1].position = -1;
        expectError([&] { readBack(traceToBlob(trace)); }, ErrorKind::Store, {"position -1"});
    }

    void lyingNumberOfRemaskedTokensAllocatesNothing() {
        std::vector<std::byte> blob = traceToBlob(SampleTrace{});
        blob[0] = std::byte{2};
        blob.insert(blob.end(),
                    {std::byte{0xFF}, std::byte{0xFF}, std::byte{0xFF}, std::byte{0xFF}, std::byte{0x0F}});
        expectError([&] { readBack(blob); }, ErrorKind::Store, {"4294967295 remasked"});
    }

    void everyShortenedBlobIsRefused() {
        for (const SampleTrace& trace : {makeSample(1, 20).trace, remaskedTrace()}) {
            const std::vector<std::byte> blob = traceToBlob(trace);
            for (std::size_t size = 0; size < blob.size(); ++size)
                expectError([&] { readBack(std::span(blob).first(size)); }, ErrorKind::Store,
                            {kWhere.c_str()});
        }
    }

    void bytesBeyondTheEndAreRefused() {
        std::vector<std::byte> blob = traceToBlob(makeSample(1, 20).trace);
        blob.push_back(std::byte{0});
        expectError([&] { readBack(blob); }, ErrorKind::Store, {"1 bytes follow", "20 positions"});
    }

    void newerFormatIsRefusedNamingBoth() {
        std::vector<std::byte> blob = traceToBlob(makeSample(1, 20).trace);
        blob[0] = std::byte{9};
        expectError([&] { readBack(blob); }, ErrorKind::Store, {"version 9", "versions 1 to 5"});
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
        const std::vector<std::byte> blob = traceToBlob(remaskedTrace());
        for (std::size_t at = 0; at < blob.size(); ++at)
            for (const int flip : {0x01, 0x80, 0xFF}) {
                std::vector<std::byte> broken = blob;
                broken[at] ^= std::byte(flip);
                try {
                    const SampleTrace back = readBack(broken);
                    QCOMPARE(back.entropy.size(), back.tokens.size());
                    for (const RemaskedToken& token : back.remasked)
                        QVERIFY(token.position >= 0 && token.position < std::ssize(back.tokens));
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
