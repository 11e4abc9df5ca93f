// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/checkpoint.h"

#include "engine/checkpoint/safetensors.h"
#include "engine/core/error.h"
#include "engine/core/sha256.h"
#include "tests/testing/paths.h"
#include "tests/testing/tiny_checkpoint.h"

#include <QtTest>

#include <thread>

using namespace steploom;
using namespace steploom::testing;
using nlohmann::json;

namespace {

void writeShard(const std::filesystem::path& file, const std::vector<std::string>& names, float value = 1) {
    std::vector<TensorToWrite> tensors;
    for (const std::string& name : names)
        tensors.push_back({name, DType::F32, {1}, std::as_bytes(std::span(&value, 1))});
    writeSafetensors(file, tensors);
}

void writeIndex(const TemporaryFolder& folder, const json& weightMap) {
    writeText(folder / "config.json", "{}");
    writeText(folder / "model.safetensors.index.json", json{{"weight_map", weightMap}}.dump());
}

template <typename Call>
QByteArray refusalOf(ErrorKind kind, const std::string& where, Call call) {
    try {
        call();
    } catch (const Error& error) {
        const auto& parts = error.parts();
        if (error.kind() != kind)
            return QByteArray("an error of another kind: ") + error.what();
        if (parts.what.empty() || parts.why.empty() || parts.remedy.empty())
            return "a part of the message is missing";
        if (parts.where.find(where) == std::string::npos)
            return QByteArray("the place is not named: ") + error.what();
        return error.what();
    }
    return "accepted";
}

} // namespace

class CheckpointTest : public QObject {
    Q_OBJECT

private slots:
    void aBundledCheckpointOpens() {
        const auto checkpoint = Checkpoint::open(resourcePath("checkpoints/light"));
        QCOMPARE(checkpoint.text("model_type"), std::string("mdlm"));
        QCOMPARE(checkpoint.integer("n_blocks"), std::int64_t{4});
        QCOMPARE(checkpoint.storedType(), DType::BF16);
        QCOMPARE(checkpoint.tensor("backbone.vocab_embed.embedding").shape,
                 (std::vector<std::int64_t>{4097, 192}));
        QVERIFY(!checkpoint.has("backbone.blocks.4.norm1.weight"));
    }

    void shardsGiveWhatTheIndexAssigns() {
        TemporaryFolder folder;
        writeIndex(
            folder,
            {{"a", "model-1.safetensors"}, {"b", "model-2.safetensors"}, {"c", "model-1.safetensors"}});
        writeShard(folder / "model-1.safetensors", {"a", "c"}, 1);
        writeShard(folder / "model-2.safetensors", {"a", "b"}, 2);
        const auto checkpoint = Checkpoint::open(folder.path());
        QCOMPARE(checkpoint.tensors().size(), std::size_t{3});
        QCOMPARE(checkpoint.tensor("a").toFloats(), std::vector<float>{1}); // not the one of the other shard
        QVERIFY(checkpoint.has("c")); // unlisted, but there: requireTensors judges it
        QCOMPARE(checkpoint.tensor("b").toFloats(), std::vector<float>{2});
        Sha256 digest;
        digest.add(readText(folder / "model-1.safetensors"));
        digest.add(readText(folder / "model-2.safetensors"));
        QCOMPARE(checkpoint.sha256(), digest.hex());
    }

    void anIndexMayNotLeaveItsFolder_data() {
        QTest::addColumn<QByteArray>("name");
        for (const char* name : {"../secret.safetensors", "/etc/passwd", "sub/model.safetensors", "..", ".",
                                 "", "sub/../../secret.safetensors", "..\\secret.safetensors"})
            QTest::newRow(*name ? name : "empty") << QByteArray(name);
        QTest::newRow("with a zero byte") << QByteArray("a.safetensors\0/../b", 19);
    }
    void anIndexMayNotLeaveItsFolder() {
        QFETCH(QByteArray, name);
        TemporaryFolder folder;
        writeIndex(folder, {{"a", name.toStdString()}});
        const QByteArray message = refusalOf(ErrorKind::File, "model.safetensors.index.json",
                                             [&] { Checkpoint::open(folder.path()); });
        QVERIFY2(message.contains("tensor \"a\" is assigned to \"") &&
                     message.contains("not the name of a file in this folder"),
                 message);
    }

    void symbolicLinksOfTheHuggingFaceCacheAreFollowed() {
        TemporaryFolder folder;
        std::filesystem::create_directories(folder / "snapshot");
        writeShard(folder / "blob", {"a"});
        std::filesystem::create_symlink("../blob", folder / "snapshot/model.safetensors");
        writeText(folder / "snapshot/config.json", "{}");
        QVERIFY(Checkpoint::open(folder / "snapshot").has("a"));
    }

    void allMissingShardsAreListed() {
        TemporaryFolder folder;
        writeIndex(
            folder,
            {{"a", "one"}, {"b", "two"}, {"c", "three"}, {"d", "three"}, {"e", std::string(300, 'x')}});
        writeShard(folder / "one", {"a"});
        const QByteArray message =
            refusalOf(ErrorKind::File, folder.path().string(), [&] { Checkpoint::open(folder.path()); });
        QVERIFY2(message.contains("3 of 4 shards are missing: three (2 tensors), two (1 tensors), xxx"),
                 message);
    }

    void allTensorsThatTheirShardLacksAreListed() {
        TemporaryFolder folder;
        writeIndex(folder, {{"a", "one"}, {"b", "one"}, {"c", "one"}});
        writeShard(folder / "one", {"a"});
        const QByteArray message =
            refusalOf(ErrorKind::File, "index.json", [&] { Checkpoint::open(folder.path()); });
        QVERIFY2(
            message.contains("2 tensors are not in the shard that the index names: b (should be in one), c"),
            message);
    }

    void aBrokenIndexIsRefused() {
        TemporaryFolder folder;
        writeText(folder / "config.json", "{}");
        for (const char* text : {"{", "[]", "{}", R"({"weight_map": []})", R"({"weight_map": {}})",
                                 R"({"weight_map": {"a": 1}})", R"({"weight_map": {"a": "x", "a": "y"}})"}) {
            writeText(folder / "model.safetensors.index.json", text);
            const QByteArray message =
                refusalOf(ErrorKind::File, "index.json", [&] { Checkpoint::open(folder.path()); });
            QVERIFY2(message.startsWith("cannot load the checkpoint"), text);
        }
    }

    void aFolderWithoutWeightsSaysWhatItHolds() {
        TemporaryFolder folder;
        const auto open = [&] { Checkpoint::open(folder.path()); };
        QVERIFY(refusalOf(ErrorKind::Config, "config.json", open).contains("there is no such file"));
        writeText(folder / "config.json", "{}");
        QVERIFY(
            refusalOf(ErrorKind::File, folder.path().string(), open).contains("neither model.safetensors"));
        writeText(folder / "pytorch_model.bin", "x");
        QVERIFY(refusalOf(ErrorKind::File, folder.path().string(), open).contains("neither as a zip archive"));
        QVERIFY(refusalOf(ErrorKind::File, "absent", [&] {
                    Checkpoint::open(folder / "absent");
                }).contains("there is no such folder or file"));
        QVERIFY(refusalOf(ErrorKind::File, "config.json", [&] {
                    Checkpoint::open(folder / "config.json");
                }).contains("it is not a folder"));
    }

    void aConfigThatIsNoObjectIsRefused() {
        TemporaryFolder folder;
        writeShard(folder / "model.safetensors", {"a"});
        const auto open = [&] { Checkpoint::open(folder.path()); };
        writeText(folder / "config.json", "{\"a\": ");
        QVERIFY(refusalOf(ErrorKind::Config, "config.json", open).contains("not valid JSON"));
        writeText(folder / "config.json", "[1]");
        QVERIFY(refusalOf(ErrorKind::Config, "config.json", open).contains("it is array, not an object"));
        writeText(folder / "config.json", R"({"n": 1, "n": 2})");
        QVERIFY(refusalOf(ErrorKind::Config, "config.json", open).contains("names \"n\" twice"));
    }

    void configValuesAreReadByType() {
        TemporaryFolder folder;
        writeShard(folder / "model.safetensors", {"a"});
        writeText(folder / "config.json", R"({"n": 12, "x": 0.5, "yes": true, "name": "mdlm", "null": null,
                                              "huge": 18446744073709551615, "list": [1]})");
        const auto checkpoint = Checkpoint::open(folder.path());
        QCOMPARE(checkpoint.integer("n"), std::int64_t{12});
        QCOMPARE(checkpoint.number("n"), 12.0);
        QCOMPARE(checkpoint.number("x"), 0.5);
        QCOMPARE(checkpoint.boolean("yes"), true);
        QCOMPARE(checkpoint.text("name"), std::string("mdlm"));
        QCOMPARE(checkpoint.integerOr("absent", 3), std::int64_t{3});
        QCOMPARE(checkpoint.numberOr("null", 1.5), 1.5);
        QCOMPARE(checkpoint.booleanOr("absent", true), true);
        QCOMPARE(checkpoint.textOr("name", "other"), std::string("mdlm"));

        const auto refusal = [](auto call) { return refusalOf(ErrorKind::Config, "config.json", call); };
        QVERIFY(refusal([&] { checkpoint.integer("absent"); }).contains("no key \"absent\""));
        QVERIFY(refusal([&] { checkpoint.integer("null"); }).contains("no key \"null\""));
        QVERIFY(refusal([&] { checkpoint.integer("x"); }).contains("\"x\" is 0.5, not an integer"));
        QVERIFY(refusal([&] { checkpoint.integer("huge"); }).contains("not an integer"));
        QVERIFY(
            refusal([&] { checkpoint.size("n", 13); }).contains("\"n\" is 12, it must lie between 13 and"));
        QVERIFY(refusal([&] {
                    checkpoint.size("n", 1, 11);
                }).contains("\"n\" is 12, it must lie between 1 and 11"));
        QVERIFY(refusal([&] { checkpoint.positiveOr("absent", -1); }).contains("must be above zero"));
        QVERIFY(refusal([&] { checkpoint.number("name"); }).contains("\"name\" is \"mdlm\", not a number"));
        QVERIFY(refusal([&] { checkpoint.boolean("n"); }).contains("\"n\" is 12, not true or false"));
        QVERIFY(refusal([&] { checkpoint.text("list"); }).contains("\"list\" is array, not a string"));
        QVERIFY(refusal([&] { checkpoint.integerOr("name", 1); }).contains("not an integer"));
    }

    void anAbsentTensorIsNamed() {
        TemporaryFolder folder;
        const auto checkpoint = Checkpoint::open(writeTinyMdlm(folder.path()));
        const QByteArray message = refusalOf(ErrorKind::Tensors, folder.path().string(),
                                             [&] { checkpoint.tensor("backbone.nothing"); });
        QVERIFY2(message.contains("no tensor \"backbone.nothing\""), message);
    }

    void tensorsOutliveTheCheckpointTheyWereCopiedFrom() {
        TemporaryFolder folder;
        writeShard(folder / "model.safetensors", {"a"}, 4);
        writeText(folder / "config.json", "{}");
        auto first = std::make_unique<Checkpoint>(Checkpoint::open(folder.path()));
        const Checkpoint copy = *first;
        first.reset();
        std::filesystem::remove(folder / "model.safetensors"); // mapped, so the bytes stay
        QCOMPARE(copy.tensor("a").toFloats(), std::vector<float>{4});
    }

    void theHashIsOneForAllThreadsAndCopies() {
        TemporaryFolder folder;
        const auto checkpoint = Checkpoint::open(writeTinyMdlm(folder.path()));
        std::vector<std::string> hashes(4);
        {
            std::vector<std::jthread> threads;
            for (std::string& hash : hashes)
                threads.emplace_back([&hash, copy = checkpoint] { hash = copy.sha256(); });
        }
        Sha256 digest;
        digest.add(readText(folder / "model.safetensors"));
        const std::string expected = digest.hex();
        for (const std::string& hash : hashes)
            QCOMPARE(hash, expected);
    }

    void integersCountNeitherAsParametersNorAsTheStoredType() {
        TemporaryFolder folder;
        const std::vector<std::int64_t> ids(10);
        const std::vector<std::uint16_t> halves(6);
        const std::vector<float> floats(4);
        writeSafetensors(
            folder / "model.safetensors",
            std::vector<TensorToWrite>{{"ids", DType::I64, {10}, std::as_bytes(std::span(ids))},
                                       {"half", DType::F16, {2, 3}, std::as_bytes(std::span(halves))},
                                       {"float", DType::F32, {4}, std::as_bytes(std::span(floats))}});
        writeText(folder / "config.json", "{}");
        const auto checkpoint = Checkpoint::open(folder.path());
        QCOMPARE(checkpoint.parameters(), std::int64_t{10});
        QCOMPARE(checkpoint.storedType(), DType::F16);
    }
};

QTEST_GUILESS_MAIN(CheckpointTest)
#include "checkpoint_test.moc"
