// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sampling/model_pool.h"

#include "tests/engine/sampling/fake_pool.h"
#include "tests/testing/errors.h"
#include "tests/testing/paths.h"
#include "tests/testing/tiny_checkpoint.h"

#include <cmath>
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
    NamedMask(int vocabulary, std::int32_t mask, Rule rule = {})
        : FakeDenoiser(vocabulary, 16, 2, std::move(rule)), m_mask(mask) {}
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
        // A piece of text; and an id that a tokenizer of other sizes would have as its mask.
        for (const std::int32_t mask : {49, 60})
            expectError([mask] { ModelPool({namedMask('H', 64, mask)}, makeLetterTokenizer(50)); },
                        ErrorKind::Tokenizer, {"50", "64"});
    }

    void aPaddedVocabularyMayHaveItsMaskAmongTheTokenizersSpecialTokens() {
        const TemporaryFolder folder; // 256 bytes, "<|endoftext|>" as 256, "<mask>" as 257
        const auto tokenizer = Tokenizer::load(writeByteTokenizer(folder.path(), true));
        QCOMPARE(ModelPool({namedMask('H', 320, 257)}, tokenizer).drawableTokens(), 258);
        QCOMPARE(ModelPool({namedMask('H', 259, 257)}, tokenizer).drawableTokens(), 258);
        // A piece of text, padding, and another special token than the one the tokenizer names.
        for (const std::int32_t mask : {40, 259, 300, 256})
            expectError([&] { ModelPool({namedMask('H', 320, mask)}, tokenizer); }, ErrorKind::Tokenizer,
                        {std::to_string(mask).c_str()});
        // Not stated, the last id would be it.
        expectError([&] { ModelPool({member('H', 320)}, tokenizer); }, ErrorKind::Tokenizer, {"258", "320"});
    }

    void whatPadsTheVocabularyIsNeverDrawn() {
        const TemporaryFolder folder;
        const auto tokenizer = Tokenizer::load(writeByteTokenizer(folder.path(), true));
        // The padding and the mask are the likeliest by far.
        const auto rule = [](std::span<const std::int32_t>, float, int, std::span<float> logits) {
            for (std::size_t id = 0; id < logits.size(); ++id)
                logits[id] = id >= 257 ? 50.0f : 0.0f;
        };
        const auto model = std::make_shared<NamedMask>(320, 257, rule);
        ModelPool pool({{{.letter = 'H', .name = "fake"}, model}}, tokenizer);
        GenerationRequest request;
        request.schedule = parseSchedule("(H4)");
        request.length = 16;
        request.samples = 8;
        GenerationObserver nobody;
        const Trace trace = MaskedDiffusionGenerator(pool).run(request, nobody, {});
        for (const SampleTrace& sample : trace.samples)
            for (std::size_t position = 0; position < sample.tokens.size(); ++position) {
                QVERIFY(sample.tokens[position] < 257);
                // Uniform over 257 ids, not a crumb beside the padding.
                QVERIFY(std::abs(sample.entropy[position] - std::log(257.0f)) < 1e-4f);
            }
    }

    void callCostsAreTheFactsOfEachMember() {
        const FakePool fake("HL", 12);
        const auto costs = fake.pool.callCosts(32);
        QCOMPARE(costs.size(), std::size_t{2});
        QCOMPARE(costs[1].letter, 'L');
        QCOMPARE(costs[0].blocks, 6.0 * (24 * 8 * 8 + 4 * 32 * 8) * 32);
        QCOMPARE(costs[1].blocks, 4.0 * (24 * 8 * 8 + 4 * 32 * 8) * 32);
        QCOMPARE(costs[0].headPerRow, 2.0 * 8 * 12);
        QCOMPARE(costs[0].seconds.call, 0.0);
    }

    void calibrationGivesSecondsForThatLengthOnly() {
        FakePool fake("HL", 12);
        fake.pool.calibrate(32, 4, 2);
        for (const CallCost& cost : fake.pool.callCosts(32))
            QVERIFY(cost.seconds.call > 0);
        for (const CallCost& cost : fake.pool.callCosts(31))
            QCOMPARE(cost.seconds.call, 0.0);
        for (const auto& model : fake.models) {
            QVERIFY(model->calls.size() >= 2);
            QCOMPARE(model->calls[0].samples, 4);
            QCOMPARE(model->calls[0].rows, (std::vector<std::int32_t>{0, 1, 32, 33, 64, 65, 96, 97}));
        }
        fake.pool.calibrate(32, 4, 2);
        fake.pool.calibrate(16, 1);
        QVERIFY(fake.pool.callCosts(16)[0].seconds.call > 0);
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
