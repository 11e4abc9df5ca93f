// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sampling/masked_diffusion.h"
#include "engine/tensor/compute_context.h"
#include "tests/engine/sampling/fake_pool.h"
#include "tests/testing/errors.h"
#include "tests/testing/paths.h"
#include "tests/testing/tiny_checkpoint.h"

#include <nlohmann/json.hpp>

#include <QtTest>

using namespace steploom;
using namespace steploom::testing;

namespace {

constexpr int kTokens = 258;     ///< 256 bytes, "<|endoftext|>", "<mask>"
constexpr int kVocabulary = 304; ///< padded, as LLaDA's and Dream's are
constexpr int kMask = 257;

std::filesystem::path writeModel(const std::filesystem::path& folder, const QString& kind, int blocks) {
    writeByteTokenizer(folder, true);
    if (kind == "LLaDA")
        return writeTinyLlada(folder, {.blocks = blocks, .vocabulary = kVocabulary, .maskToken = kMask});
    return writeTinyDream(folder, {.blocks = blocks, .vocabulary = kVocabulary, .maskToken = kMask});
}

PoolMemberSpec spec(char letter, const std::filesystem::path& path, Precision precision = Precision::F32) {
    return {.letter = letter, .path = path.string(), .precision = precision};
}

GenerationRequest requestFor(std::vector<PoolMemberSpec> pool) {
    GenerationRequest request;
    request.pool = std::move(pool);
    request.schedule = parseSchedule("(L3,H6,L3)");
    request.length = 16;
    request.samples = 5;
    request.prompt = "Hi ";
    return request;
}

Trace generate(const GenerationRequest& request, int threads) {
    ComputeContext context(threads);
    ModelPool pool = ModelPool::load(request.pool, {}, context);
    GenerationObserver nobody;
    return MaskedDiffusionGenerator(pool).run(request, nobody, {});
}

} // namespace

class TestStackPools : public QObject {
    Q_OBJECT
private slots:
    void aScheduleOverTwoMembersGivesTheSameBytesInAnyBatchOnAnyThreads_data() {
        QTest::addColumn<QString>("kind");
        QTest::addColumn<Precision>("light");
        for (const char* kind : {"LLaDA", "Dream"})
            for (const Precision precision : {Precision::F32, Precision::BF16, Precision::Int8})
                QTest::addRow("%s, light in %s", kind, precisionName(precision).data())
                    << QString::fromLatin1(kind) << precision;
    }
    void aScheduleOverTwoMembersGivesTheSameBytesInAnyBatchOnAnyThreads() {
        QFETCH(QString, kind);
        QFETCH(Precision, light);
        const TemporaryFolder folder;
        GenerationRequest request = requestFor({spec('H', writeModel(folder / "heavy", kind, 3)),
                                                spec('L', writeModel(folder / "light", kind, 1), light)});
        Trace first;
        for (const int threads : {1, 2})
            for (const int batch : {1, 4}) {
                request.batch = batch;
                const Trace trace = generate(request, threads);
                if (first.samples.empty())
                    first = trace;
                QVERIFY(sameBytes(trace, first));
            }
        QVERIFY(first.work.at('H').networkCalls > 0 && first.work.at('L').networkCalls > 0);
        for (const SampleTrace& sample : first.samples)
            for (const std::int32_t token : sample.tokens)
                QVERIFY(token < kTokens && token != kMask);
    }

    void aTemplateKeepsItsTextAndDreamSeesWhatFollows() {
        const TemporaryFolder folder;
        GenerationRequest request = requestFor({spec('L', writeModel(folder / "dream", "Dream", 2))});
        request.schedule = parseSchedule("(L4)");
        request.prompt.clear();
        request.samples = 1;
        // The first position, which no row stands before, is a hole.
        request.templateText = "[mask:3]abc[mask]xyz";
        const auto tokens = [&] { return generate(request, 1).samples.front().tokens; };
        const auto entropies = [&] { return generate(request, 1).samples.front().entropy; };
        const auto found = tokens();
        const auto tokenizer = Tokenizer::load(folder / "dream");
        QCOMPARE(tokenizer->decode(std::span(found).subspan(3, 3)), std::string("abc"));
        QCOMPARE(tokenizer->decode(std::span(found).subspan(7, 3)), std::string("xyz"));
        const auto before = entropies();
        request.templateText = "[mask:3]abc[mask]xyw";
        QVERIFY(entropies().front() != before.front());
    }

    void lladaAndDreamShareAPoolWhenTheirTokenizerDoes() {
        const TemporaryFolder folder;
        const Trace trace = generate(requestFor({spec('H', writeModel(folder / "llada", "LLaDA", 2)),
                                                 spec('L', writeModel(folder / "dream", "Dream", 2))}),
                                     2);
        QCOMPARE(trace.samples.size(), std::size_t{5});
    }

    void aTokenizerThatIsSimplyAnotherOneIsRefused() {
        const TemporaryFolder folder;
        const auto model = writeModel(folder / "m", "LLaDA", 1);
        writeByteTokenizer(model); // 257 ids
        auto config = nlohmann::json::parse(readText(model / "config.json"));
        config["mask_token_id"] = 290;
        writeText(model / "config.json", config.dump());
        ComputeContext context(1);
        expectError([&] { ModelPool::load({spec('H', model)}, {}, context); }, ErrorKind::Tokenizer,
                    {"257", "304", "290"});
    }
};

QTEST_GUILESS_MAIN(TestStackPools)
#include "test_stack_pools.moc"
