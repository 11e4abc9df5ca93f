// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/models/registry.h"

#include "engine/core/error.h"
#include "engine/core/memory.h"
#include "engine/tensor/compute_context.h"
#include "tests/testing/paths.h"
#include "tests/testing/tiny_checkpoint.h"

#include <nlohmann/json.hpp>

#include <QTest>

using namespace steploom;
using namespace steploom::testing;

namespace {

/// Changes one key of a folder's config.json; null removes it.
void editConfig(const std::filesystem::path& folder, const std::string& key, const nlohmann::json& value) {
    auto config = nlohmann::json::parse(readText(folder / "config.json"));
    if (value.is_null())
        config.erase(key);
    else
        config[key] = value;
    writeText(folder / "config.json", config.dump());
}

/// The message of loading `folder` as a masked-diffusion or causal model; empty when it loads.
std::string refusal(const std::filesystem::path& folder, bool causal = false) {
    ComputeContext context(1);
    try {
        const Checkpoint checkpoint = Checkpoint::open(folder);
        if (causal)
            loadCausalModel(checkpoint, Precision::F32, context);
        else
            loadMaskedDiffusionModel(checkpoint, Precision::F32, context);
        return {};
    } catch (const Error& error) {
        const Error::Parts& parts = error.parts();
        // Every refusal answers all four questions.
        return parts.what.empty() || parts.where.empty() || parts.why.empty() || parts.remedy.empty()
                   ? "incomplete"
                   : error.what();
    }
}

bool mentions(const std::string& message, std::initializer_list<const char*> words) {
    return std::all_of(words.begin(), words.end(),
                       [&](const char* word) { return message.find(word) != std::string::npos; });
}

} // namespace

class RegistryTest : public QObject {
    Q_OBJECT

private slots:
    void anUnknownModelTypeNamesTheKnownOnes() {
        const TemporaryFolder folder;
        writeTinyMdlm(folder.path());
        editConfig(folder.path(), "model_type", "mamba");
        QVERIFY(mentions(refusal(folder.path()), {"mamba", "mdlm", "gpt2", "llama"}));
    }

    void aCausalModelIsNoPoolMemberAndTheOtherWayRound() {
        const TemporaryFolder folder;
        writeTinyCausal(folder.path());
        QVERIFY(mentions(refusal(folder.path()), {"masked-diffusion", "llama"}));
        writeTinyMdlm(folder / "mdlm");
        QVERIFY(mentions(refusal(folder / "mdlm", true), {"causal", "mdlm"}));
    }

    void aConfigWithoutAKeyNamesIt() {
        const TemporaryFolder folder;
        writeTinyMdlm(folder.path());
        editConfig(folder.path(), "n_heads", nullptr);
        QVERIFY(mentions(refusal(folder.path()), {"n_heads", "config.json"}));
    }

    void headsThatDoNotDivideTheWidthAreRefused() {
        const TemporaryFolder folder;
        writeTinyMdlm(folder.path(), {.width = 32, .heads = 2});
        editConfig(folder.path(), "n_heads", 3);
        QVERIFY(mentions(refusal(folder.path()), {"32", "3"}));
    }

    void sizesBeyondAnyModelAreRefusedBeforeMemoryIsTaken_data() {
        QTest::addColumn<QString>("key");
        QTest::addColumn<qint64>("value");
        QTest::newRow("too many blocks for memory") << "n_blocks" << qint64{2'000'000'000};
        QTest::newRow("wraps to a negative number") << "n_blocks" << (qint64{1} << 31) + 4;
        QTest::newRow("wraps to the right one") << "hidden_dim" << (qint64{1} << 32) + 32;
        QTest::newRow("no positions") << "model_length" << qint64{0};
        QTest::newRow("wraps to no positions") << "model_length" << (qint64{1} << 40);
        QTest::newRow("mask beyond the vocabulary") << "mask_token_id" << (qint64{1} << 32) + 3;
    }
    void sizesBeyondAnyModelAreRefusedBeforeMemoryIsTaken() {
        QFETCH(QString, key);
        QFETCH(qint64, value);
        const TemporaryFolder folder;
        writeTinyMdlm(folder.path(), {.width = 32});
        editConfig(folder.path(), key.toStdString(), static_cast<std::int64_t>(value));
        const std::string number = std::to_string(value);
        const std::string message = refusal(folder.path());
        QVERIFY2(mentions(message, {key.toUtf8().constData(), number.c_str(), "between"}), message.c_str());
    }

    void sizesThatNoTensorBearsOutAreRefusedBeforeMemoryIsTaken() {
        const TemporaryFolder folder;
        writeTinyMdlm(folder.path());
        for (const char* key : {"hidden_dim", "cond_dim", "vocab_size", "model_length"})
            editConfig(folder.path(), key, Checkpoint::kMostOfAnySize);
        editConfig(folder.path(), "n_blocks", Checkpoint::kMostBlocks);
        const std::string message = refusal(folder.path());
        QVERIFY2(mentions(message, {"missing", "[16777216, 16777216]", "and"}), message.c_str());
    }

    void positionsThatAConfigClaimsTakeNoMemory() {
        // 2^24 positions of 16 rotary frequencies, two floats each: 2 GB if they were tabled at load.
        const TemporaryFolder folder;
        writeTinyCausal(folder.path(), {.width = 32, .heads = 1, .keyValueHeads = 1});
        editConfig(folder.path(), "max_position_embeddings", Checkpoint::kMostOfAnySize);
        ComputeContext context(1);
        const Checkpoint checkpoint = Checkpoint::open(folder.path());
        QCOMPARE(loadCausalModel(checkpoint, Precision::F32, context)->facts().length,
                 Checkpoint::kMostOfAnySize);
    }

    void aModelLargerThanTheMachineIsRefusedBeforeItIsRead() {
        const TemporaryFolder folder;
        writeTinyMdlm(folder.path());
        // One tensor in a file of holes: it takes no space on the disk.
        const auto elements = static_cast<std::int64_t>(physicalMemory() / 4 + 1'000'000);
        const nlohmann::json table = {
            {"a", {{"dtype", "F32"}, {"shape", {elements}}, {"data_offsets", {0, 4 * elements}}}}};
        std::string header = table.dump();
        const auto size = static_cast<std::uint64_t>(header.size());
        header.insert(0, reinterpret_cast<const char*>(&size), sizeof size);
        writeText(folder / "model.safetensors", header);
        std::error_code failure;
        std::filesystem::resize_file(folder / "model.safetensors",
                                     header.size() + 4 * static_cast<std::uintmax_t>(elements), failure);
        if (failure)
            QSKIP("this file system holds no file of the size of the memory");
        const std::string message = refusal(folder.path());
        QVERIFY2(mentions(message, {std::to_string(elements).c_str(), "GB at f32", "this machine has"}),
                 message.c_str());
    }

    void aCheckpointCutOffAfterItWasOpenedIsRefused() {
        const TemporaryFolder folder;
        writeTinyMdlm(folder.path());
        const Checkpoint checkpoint = Checkpoint::open(folder.path());
        std::filesystem::resize_file(folder / "model.safetensors", 4096);
        ComputeContext context(1);
        std::string message;
        try {
            loadMaskedDiffusionModel(checkpoint, Precision::F32, context);
        } catch (const Error& error) {
            message = error.what();
        }
        QVERIFY2(mentions(message, {"model.safetensors", "has 4096 now"}), message.c_str());
    }

    void anEpsilonBelowZeroIsRefused() {
        const TemporaryFolder folder;
        writeTinyCausal(folder.path());
        editConfig(folder.path(), "rms_norm_eps", -1.0);
        QVERIFY(mentions(refusal(folder.path(), true), {"rms_norm_eps", "above zero"}));
    }

    void allTensorsThatDoNotFitTheConfigAreListedAtOnce() {
        const TemporaryFolder folder;
        writeTinyMdlm(folder.path(), {.blocks = 2, .vocabulary = 64});
        editConfig(folder.path(), "n_blocks", 3);
        editConfig(folder.path(), "vocab_size", 65);
        const std::string message = refusal(folder.path());
        QVERIFY2(mentions(message,
                          {"backbone.blocks.2.", "backbone.vocab_embed.embedding", "[64, 32]", "[65, 32]"}),
                 message.c_str());
    }

    void gpt2WithoutThePrefixLoads() {
        const TemporaryFolder folder;
        writeTinyCausal(folder.path(), {.modelType = "gpt2"});
        QCOMPARE(refusal(folder.path(), true), std::string());
    }

    void rescaledRotaryFrequenciesAreRefusedRatherThanIgnored() {
        const TemporaryFolder folder;
        writeTinyCausal(folder.path());
        editConfig(folder.path(), "rope_scaling", {{"rope_type", "llama3"}, {"factor", 8.0}});
        QVERIFY(mentions(refusal(folder.path(), true), {"rope_scaling"}));
    }

    void describingNeedsNoWeights() {
        const auto facts = describe(Checkpoint::open(resourcePath("checkpoints/reader")));
        QCOMPARE(facts.architecture, std::string("llama"));
        QCOMPARE(facts.blocks, 8);
        QCOMPARE(facts.vocabulary, 4096);
        QCOMPARE(facts.stored, DType::BF16);
    }
};

QTEST_GUILESS_MAIN(RegistryTest)
#include "registry_test.moc"
