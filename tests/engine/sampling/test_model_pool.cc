// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sampling/model_pool.h"

#include "tests/engine/sampling/fake_pool.h"
#include "tests/testing/errors.h"
#include "tests/testing/paths.h"

#include <filesystem>

using namespace steploom;
using namespace steploom::testing;

namespace {

PoolMember member(char letter, int vocabulary, int length = 16) {
    return {{.letter = letter, .name = "fake"}, std::make_shared<FakeDenoiser>(vocabulary, length)};
}

/// A denoiser whose config named the mask token.
class NamedMask : public FakeDenoiser {
public:
    NamedMask(int vocabulary, std::int32_t mask) : FakeDenoiser(vocabulary, 16), m_mask(mask) {}
    std::int32_t maskToken() const noexcept override { return m_mask; }
    bool maskTokenStated() const noexcept override { return true; }

private:
    std::int32_t m_mask;
};

PoolMember namedMask(char letter, int vocabulary, std::int32_t mask) {
    return {{.letter = letter, .name = "fake"}, std::make_shared<NamedMask>(vocabulary, mask)};
}

} // namespace

class TestModelPool : public QObject {
    Q_OBJECT
private slots:
    void membersKeepTheirOrder() {
        const ModelPool pool({member('L', 10), member('H', 10)}, makeLetterTokenizer(9));
        QCOMPARE(pool.letters(), std::string("LH"));
        QCOMPARE(pool.indexOf('H'), 1);
        QCOMPARE(pool.maskToken(), 9);
        expectError([&] { pool.indexOf('X'); }, ErrorKind::Schedule, {"X", "L, H"});
    }

    void poolsThatCannotBeAreRefused() {
        expectError([] { ModelPool({}, makeLetterTokenizer(9)); }, ErrorKind::Pool, {"no member"});
        expectError(
            [] {
                ModelPool({member('H', 10), member('H', 10)}, makeLetterTokenizer(9));
            },
            ErrorKind::Pool, {"members 1 and 2", "letter H"});
        expectError([] { ModelPool({member('h', 10)}, makeLetterTokenizer(9)); }, ErrorKind::Pool,
                    {"104", "A to Z"});
        expectError(
            [] {
                ModelPool({{{.letter = 'H'}, nullptr}}, makeLetterTokenizer(9));
            },
            ErrorKind::Pool, {"no model"});
        expectError([] { ModelPool({member('H', 10)}, nullptr); }, ErrorKind::Tokenizer, {"--tokenizer"});
    }

    void vocabulariesThatDifferAreNamed() {
        expectError(
            [] {
                ModelPool({member('H', 10), member('L', 11)}, makeLetterTokenizer(9));
            },
            ErrorKind::Pool, {"vocabularies", "H", "L", "10 and 11"});
    }

    void maskTokensThatDifferAreNamed() {
        expectError(
            [] {
                ModelPool({namedMask('H', 12, 9), namedMask('L', 12, 10)}, makeLetterTokenizer(9));
            },
            ErrorKind::Pool, {"mask tokens", "9 and 10"});
    }

    void aTokenizerOfAnotherVocabularySizeIsRefusedWithBothNumbers() {
        ModelPool({member('H', 10)}, makeLetterTokenizer(10));
        for (int size : {5, 8, 11, 400})
            expectError([size] { ModelPool({member('H', 10)}, makeLetterTokenizer(size)); },
                        ErrorKind::Tokenizer,
                        {"vocabulary of 10", std::to_string(size).c_str(), "--tokenizer"});
    }

    void aPaddedVocabularyNeedsItsMaskNamed() {
        ModelPool({namedMask('H', 64, 50)}, makeLetterTokenizer(50));
        expectError([] { ModelPool({member('H', 64)}, makeLetterTokenizer(50)); }, ErrorKind::Tokenizer,
                    {"50", "64"});
        expectError([] { ModelPool({namedMask('H', 64, 49)}, makeLetterTokenizer(50)); },
                    ErrorKind::Tokenizer, {"50", "64"});
    }

    void callCostsAreTheFactsOfEachMember() {
        const FakePool fake("HL", 12);
        const auto costs = fake.pool.callCosts(32);
        QCOMPARE(costs.size(), std::size_t{2});
        QCOMPARE(costs[1].letter, 'L');
        QCOMPARE(costs[0].blocks, 6.0 * (24 * 8 * 8 + 4 * 32 * 8) * 32);
        QCOMPARE(costs[1].blocks, 4.0 * (24 * 8 * 8 + 4 * 32 * 8) * 32);
        QCOMPARE(costs[0].headPerRow, 2.0 * 8 * 12);
        QCOMPARE(costs[0].secondsPerCall, 0.0);
    }

    void calibrationGivesSecondsForThatLengthOnly() {
        FakePool fake("HL", 12);
        fake.pool.calibrate(32, 4, 2);
        for (const CallCost& cost : fake.pool.callCosts(32))
            QVERIFY(cost.secondsPerCall > 0);
        for (const CallCost& cost : fake.pool.callCosts(31))
            QCOMPARE(cost.secondsPerCall, 0.0);
        for (const auto& model : fake.models) {
            QVERIFY(model->calls.size() >= 2);
            QCOMPARE(model->calls[0].samples, 4);
            QCOMPARE(model->calls[0].rows, (std::vector<std::int32_t>{0, 1, 32, 33, 64, 65, 96, 97}));
        }
        fake.pool.calibrate(32, 4, 2);
        fake.pool.calibrate(16, 1);
        QVERIFY(fake.pool.callCosts(16)[0].secondsPerCall > 0);
        expectError([&] { fake.pool.calibrate(65, 1); }, ErrorKind::Request, {"65", "64"});
        expectError([&] { fake.pool.calibrate(8, 1, 9); }, ErrorKind::Request, {"9 rows", "8 positions"});
        expectError([&] { fake.pool.calibrate(8, 0); }, ErrorKind::Request, {"0 samples"});
    }

    void memberSpecsReadLetterFolderAndPrecision() {
        PoolMemberSpec spec = parseMemberSpec("L=/models/small/:bf16");
        QCOMPARE(spec.letter, 'L');
        QCOMPARE(spec.path, std::string("/models/small/"));
        QCOMPARE(spec.name, std::string("small"));
        QVERIFY(spec.precision == Precision::BF16);

        spec = parseMemberSpec("h=models/full");
        QCOMPARE(spec.letter, 'H');
        QCOMPARE(spec.path, std::string("models/full"));
        QVERIFY(spec.precision == Precision::F32);

        spec = parseMemberSpec("models/full");
        QCOMPARE(spec.letter, 'H');
        QCOMPARE(spec.name, std::string("full"));
        QVERIFY(spec.sha256.empty());
    }

    void foldersMayHoldTheSignsOfASpec() {
        const TemporaryFolder folder;
        const std::string odd = (folder / "lr=3:run").string();
        std::filesystem::create_directories(odd);
        QCOMPARE(parseMemberSpec(odd).path, odd);
        QCOMPARE(parseMemberSpec("L=" + odd).path, odd);
        const PoolMemberSpec spec = parseMemberSpec("L=" + odd + ":bf16");
        QCOMPARE(spec.path, odd);
        QVERIFY(spec.precision == Precision::BF16);
    }

    void memberSpecsThatCannotBeAreRefused() {
        expectError([] { parseMemberSpec("HL=/models"); }, ErrorKind::Request, {"HL=/models", "letter"});
        expectError([] { parseMemberSpec("=/models"); }, ErrorKind::Request, {"letter"});
        expectError([] { parseMemberSpec("3=/models"); }, ErrorKind::Request, {"letter"});
        expectError([] { parseMemberSpec("H="); }, ErrorKind::Request, {"folder is missing"});
        expectError([] { parseMemberSpec(""); }, ErrorKind::Request, {"folder is missing"});
        expectError([] { parseMemberSpec("H=/models/a:int7"); }, ErrorKind::Request, {"int7"});
    }
};

QTEST_GUILESS_MAIN(TestModelPool)
#include "test_model_pool.moc"
