// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/testing/tiny_checkpoint.h"

#include "engine/checkpoint/checkpoint.h"
#include "engine/text/tokenizer.h"
#include "tests/testing/paths.h"

#include <QtTest>

#include <cmath>

using namespace steploom;
using namespace steploom::testing;

namespace {

/// The shapes of all tensors by name.
std::map<std::string, std::vector<std::int64_t>> shapesOf(const Checkpoint& checkpoint) {
    std::map<std::string, std::vector<std::int64_t>> shapes;
    for (const auto& [name, tensor] : checkpoint.tensors())
        shapes[name] = tensor.shape;
    return shapes;
}

} // namespace

/// The tests' own checkpoints have the layout of the published ones, as far as the golden files show it.
class TinyCheckpointTest : public QObject {
    Q_OBJECT

private slots:
    void mdlmHasTheTensorsOfTheGoldenOne() {
        const auto golden = Checkpoint::open(goldenPath("mdlm_random"));
        TinyMdlm shape;
        shape.width = static_cast<int>(golden.integer("hidden_dim"));
        shape.heads = static_cast<int>(golden.integer("n_heads"));
        shape.blocks = static_cast<int>(golden.integer("n_blocks"));
        shape.condition = static_cast<int>(golden.integer("cond_dim"));
        shape.vocabulary = static_cast<int>(golden.integer("vocab_size"));
        TemporaryFolder folder;
        QCOMPARE(shapesOf(Checkpoint::open(writeTinyMdlm(folder.path(), shape))), shapesOf(golden));
    }

    void causalOnesHaveTheTensorsOfTheGoldenOnes() {
        TemporaryFolder folder;
        const auto gpt2 = Checkpoint::open(goldenPath("gpt2_random"));
        TinyCausal shape{
            .modelType = "gpt2", .width = 72, .heads = 3, .blocks = 3, .vocabulary = 157, .length = 64};
        QCOMPARE(shapesOf(Checkpoint::open(writeTinyCausal(folder / "gpt2", shape))), shapesOf(gpt2));
        const auto llama = Checkpoint::open(goldenPath("llama_random_gqa"));
        shape = {
            .width = 96, .heads = 6, .keyValueHeads = 2, .blocks = 3, .feedForward = 260, .vocabulary = 173};
        QCOMPARE(shapesOf(Checkpoint::open(writeTinyCausal(folder / "llama", shape))), shapesOf(llama));
    }

    void storedTypesRoundTheSameWeights() {
        TemporaryFolder folder;
        const auto weightsAs = [&](DType stored, const char* name) {
            TinyMdlm shape;
            shape.stored = stored;
            const auto checkpoint = Checkpoint::open(writeTinyMdlm(folder / name, shape));
            return std::pair(checkpoint.storedType(),
                             checkpoint.tensor("backbone.blocks.0.attn_qkv.weight").toFloats());
        };
        const auto [f32, exact] = weightsAs(DType::F32, "f32");
        const auto [f16, halves] = weightsAs(DType::F16, "f16");
        const auto [bf16, brains] = weightsAs(DType::BF16, "bf16");
        QVERIFY(f32 == DType::F32 && f16 == DType::F16 && bf16 == DType::BF16);
        for (std::size_t i = 0; i < exact.size(); ++i) {
            QVERIFY(std::fabs(halves[i] - exact[i]) <= std::fabs(exact[i]) * 0x1p-11f + 0x1p-25f);
            QVERIFY(std::fabs(brains[i] - exact[i]) <= std::fabs(exact[i]) * 0x1p-8f);
        }
    }

    void theSeedDecidesTheWeights() {
        TemporaryFolder folder;
        const auto hashOf = [&](const char* name, std::uint32_t seed) {
            TinyMdlm shape;
            shape.seed = seed;
            return Checkpoint::open(writeTinyMdlm(folder / name, shape)).sha256();
        };
        const std::string one = hashOf("a", 1);
        QCOMPARE(hashOf("b", 1), one);
        QVERIFY(hashOf("c", 2) != one);
    }
};

QTEST_GUILESS_MAIN(TinyCheckpointTest)
#include "tiny_checkpoint_test.moc"
