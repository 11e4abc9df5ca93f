// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sampling/masked_diffusion.h"

#include "engine/checkpoint/checkpoint.h"
#include "engine/tensor/compute_context.h"
#include "tests/engine/sampling/fake_pool.h"
#include "tests/testing/errors.h"
#include "tests/testing/paths.h"
#include "tests/testing/tiny_checkpoint.h"

#include <filesystem>

using namespace steploom;
using namespace steploom::testing;

namespace {

constexpr int kVocabulary = 258; ///< the byte tokenizer's 257 ids and the mask

std::string heavyIn(const TemporaryFolder& folder) {
    return writeTinyMdlm(folder / "heavy", {.blocks = 3, .vocabulary = kVocabulary, .seed = 1}).string();
}

std::string lightIn(const TemporaryFolder& folder) {
    return writeTinyMdlm(folder / "light", {.blocks = 1, .vocabulary = kVocabulary, .seed = 2}).string();
}

PoolMemberSpec spec(char letter, const std::string& path, Precision precision = Precision::F32) {
    return {.letter = letter, .path = path, .precision = precision};
}

} // namespace

class TestPoolLoading : public QObject {
    Q_OBJECT
private slots:
    void aPairSharesTheTokenizerInOneOfItsFolders() {
        const TemporaryFolder folder;
        const std::string heavy = heavyIn(folder), light = lightIn(folder);
        writeByteTokenizer(light);
        ComputeContext context(1);
        const ModelPool pool = ModelPool::load({spec('H', heavy), spec('L', light)}, {}, context);
        QCOMPARE(pool.letters(), std::string("HL"));
        QCOMPARE(pool.tokenizer()->size(), 257);
        QCOMPARE(pool.maskToken(), 257);
        QCOMPARE(pool.members()[1].spec.name, std::string("light"));
        QCOMPARE(pool.members()[0].spec.sha256, Checkpoint::open(heavy).sha256());
        QVERIFY(pool.members()[0].spec.sha256 != pool.members()[1].spec.sha256);
    }

    void oneCheckpointInTwoPrecisionsIsAPool() {
        const TemporaryFolder folder;
        const std::string heavy = heavyIn(folder);
        writeByteTokenizer(folder / "tokenizer");
        ComputeContext context(1);
        const ModelPool pool = ModelPool::load({spec('H', heavy), spec('B', heavy, Precision::BF16)},
                                               folder / "tokenizer", context);
        QCOMPARE(pool.members()[0].spec.sha256, pool.members()[1].spec.sha256);
        QVERIFY(pool.members()[1].model->facts().requested == Precision::BF16);
    }

    void loadedModelsGiveTheSameBytesInAnyBatchOnAnyThreads() {
        const TemporaryFolder folder;
        const std::string heavy = heavyIn(folder), light = lightIn(folder);
        writeByteTokenizer(heavy);
        GenerationRequest request;
        request.pool = {spec('H', heavy), spec('L', light)};
        request.schedule = parseSchedule("(L4,H8,L4)");
        request.length = 16;
        request.samples = 9;
        request.prompt = "Hi ";
        Trace first;
        for (int threads : {1, 2}) {
            ComputeContext context(threads);
            ModelPool pool = ModelPool::load(request.pool, {}, context);
            for (int batch : {1, 8}) {
                request.batch = batch;
                GenerationObserver nobody;
                const Trace trace = MaskedDiffusionGenerator(pool).run(request, nobody, {});
                QCOMPARE(trace.samples.size(), std::size_t{9});
                if (first.samples.empty())
                    first = trace;
                QVERIFY(sameBytes(trace, first));
            }
        }
    }

    void withoutATokenizerItSaysToNameOne() {
        const TemporaryFolder folder;
        ComputeContext context(1);
        expectError([&] { ModelPool::load({spec('H', heavyIn(folder))}, {}, context); }, ErrorKind::Tokenizer,
                    {"no tokenizer", "heavy", "--tokenizer"});
    }

    void membersWithDifferentTokenizersAreRefused() {
        const TemporaryFolder folder;
        const std::string heavy = heavyIn(folder), light = lightIn(folder);
        writeByteTokenizer(heavy);
        writeByteTokenizer(light, true);
        ComputeContext context(1);
        expectError(
            [&] {
                ModelPool::load({spec('H', heavy), spec('L', light)}, {}, context);
            },
            ErrorKind::Pool, {"L", "light", "heavy", "tokenizer"});
        // The one that is named counts, and the other folder's still differs from it.
        expectError(
            [&] {
                ModelPool::load({spec('H', heavy), spec('L', light)}, light, context);
            },
            ErrorKind::Pool, {"H", "heavy"});
    }

    void aTokenizerOfAnotherVocabularySizeIsRefused() {
        const TemporaryFolder folder;
        const auto model = writeTinyMdlm(folder / "m", {.vocabulary = 300});
        writeByteTokenizer(model);
        ComputeContext context(1);
        expectError([&] { ModelPool::load({spec('H', model.string())}, {}, context); }, ErrorKind::Tokenizer,
                    {"257", "300"});
    }

    void theTokenizersMaskTokenDecidesWhereTheConfigNamesNone() {
        const TemporaryFolder folder;
        // 257 pieces and "<mask>" as 257; the last of the model's 259 ids is 258.
        const auto model = writeTinyMdlm(folder / "m", {.vocabulary = 259});
        writeByteTokenizer(model, true);
        ComputeContext context(1);
        QCOMPARE(ModelPool::load({spec('H', model.string())}, {}, context).maskToken(), 257);

        // A config that names another one contradicts its tokenizer.
        std::string config = readText(model / "config.json");
        config.insert(config.find('{') + 1, "\"mask_token_id\": 258,");
        writeText(model / "config.json", config);
        expectError([&] { ModelPool::load({spec('H', model.string())}, {}, context); }, ErrorKind::Tokenizer,
                    {"257", "258"});
    }

    void anotherCheckpointThanTheRequestsIsRefused() {
        const TemporaryFolder folder;
        const std::string heavy = heavyIn(folder);
        writeByteTokenizer(heavy);
        ComputeContext context(1);
        PoolMemberSpec wanted = spec('H', heavy);
        wanted.sha256 = Checkpoint::open(heavy).sha256();
        QCOMPARE(ModelPool::load({wanted}, {}, context).members()[0].spec.sha256, wanted.sha256);
        wanted.sha256[0] = wanted.sha256[0] == '0' ? '1' : '0';
        expectError([&] { ModelPool::load({wanted}, {}, context); }, ErrorKind::Pool,
                    {"SHA-256", wanted.sha256.c_str(), heavy.c_str()});
    }

    void lettersAreCheckedBeforeAnyFileIsRead() {
        ComputeContext context(1);
        expectError(
            [&] {
                ModelPool::load({spec('H', "/nowhere"), spec('H', "/nowhere")}, {}, context);
            },
            ErrorKind::Pool, {"letter H"});
        expectError([&] { ModelPool::load({}, {}, context); }, ErrorKind::Pool, {"no member"});
        expectError([&] { ModelPool::load({spec('H', "/nowhere")}, {}, context); }, ErrorKind::File,
                    {"/nowhere"});
    }
};

QTEST_GUILESS_MAIN(TestPoolLoading)
#include "test_pool_loading.moc"
