// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/checkpoint.h"

#include "tests/testing/errors.h"
#include "tests/testing/paths.h"
#include "tests/testing/tiny_checkpoint.h"
#include "tests/testing/torch_writer.h"

#include <QtTest>

#include <nlohmann/json.hpp>

using namespace steploom;
using namespace steploom::testing;
using nlohmann::json;

namespace {

std::string stateDictArchive(const std::vector<TorchItem>& items, const TorchStorages& storages) {
    PickleText pickle;
    pickleStateDict(pickle, items, storages);
    return torchArchive(pickle.bytes(), storages);
}

/// One number under each name.
std::string archiveOfNames(const std::vector<std::string>& names) {
    TorchStorages storages;
    std::vector<TorchItem> items;
    for (const std::string& name : names) {
        const std::string key = std::to_string(items.size());
        storages[key] = floatStorage({static_cast<float>(items.size())});
        items.push_back({.name = name, .storage = key, .shape = {1}});
    }
    return stateDictArchive(items, storages);
}

std::vector<std::string> namesOf(const Checkpoint& checkpoint) {
    std::vector<std::string> names;
    for (const auto& [name, tensor] : checkpoint.tensors())
        names.push_back(name);
    return names;
}

std::string configOf(const char* modelType) { return json{{"model_type", modelType}}.dump(); }

/// A training checkpoint with one matrix and one vector; `shadow` are the shapes of the averages.
struct Training {
    std::vector<std::vector<std::int64_t>> shadow = {{4, 2}, {2}};
    std::string parameterization = "subs";
    std::string blocksKey = "n_blocks";
    bool hasEma = true;
    bool omegaconf = false;
    std::string prefix = "backbone.";
};

std::string trainingArchive(const Training& training) {
    TorchStorages storages = {{"0", floatStorage({1, 2, 3, 4, 5, 6, 7, 8})},
                              {"1", floatStorage({9, 10})},
                              {"2", floatStorage(std::vector<float>(16, 0.5f))}};
    PickleText pickle;
    pickle.op("}(").text("state_dict");
    pickleStateDict(pickle,
                    {{.name = training.prefix + "vocab_embed.embedding", .storage = "0", .shape = {4, 2}},
                     {.name = training.prefix + "rotary_emb.inv_freq", .storage = "1", .shape = {1}},
                     {.name = training.prefix + "norm.weight", .storage = "1", .shape = {2}},
                     {.name = "valid_metrics.nll.mean_value", .storage = "1", .shape = {}}},
                    storages);
    if (training.hasEma) {
        pickle.text("ema").op("}(").text("decay").op(std::string("G\x3f\xef\0\0\0\0\0\0", 9));
        pickle.text("shadow_params").op("](");
        for (const auto& shape : training.shadow)
            pickleTensor(pickle, {.name = "", .storage = "2", .shape = shape}, storages);
        pickle.op("eu");
    }
    // A value of the configuration, plain or in the nodes of omegaconf.
    const auto value = [&](const char* key, auto put) {
        pickle.text(key);
        if (training.omegaconf)
            pickle.global("omegaconf.nodes", "AnyNode").op(")\x81}").text("_val");
        put();
        if (training.omegaconf)
            pickle.op("sb");
    };
    const auto openMapping = [&] {
        if (training.omegaconf)
            pickle.global("omegaconf.dictconfig", "DictConfig").op(")\x81}").text("_content");
        pickle.op("}(");
    };
    const auto closeMapping = [&] { pickle.op(training.omegaconf ? "usb" : "u"); };
    pickle.text("hyper_parameters").op("}(").text("config");
    openMapping();
    pickle.text("model");
    openMapping();
    for (const auto& [key, number] :
         {std::pair{"hidden_size", 2}, std::pair{"cond_dim", 3}, std::pair{"length", 5},
          std::pair{training.blocksKey.c_str(), 1}, std::pair{"n_heads", 1}})
        value(key, [&] { pickle.integer(number); });
    closeMapping();
    value("time_conditioning", [&] { pickle.boolean(false); });
    value("parameterization", [&] { pickle.text(training.parameterization); });
    closeMapping();
    pickle.op("uu");
    return torchArchive(pickle.bytes(), storages);
}

} // namespace

class TorchCheckpointTest : public QObject {
    Q_OBJECT

private slots:
    void bothFileKindsHoldTheSameTensors_data() {
        QTest::addColumn<QString>("model");
        for (const char* model : {"mdlm_random", "gpt2_random", "llama_random_gqa"})
            QTest::newRow(model) << QString::fromLatin1(model);
    }
    void bothFileKindsHoldTheSameTensors() {
        QFETCH(const QString, model);
        const auto safe = Checkpoint::open(goldenPath(model.toStdString()));
        const TemporaryFolder folder;
        std::filesystem::copy_file(safe.folder() / "config.json", folder / "config.json");
        writeText(folder / "pytorch_model.bin", torchArchiveOf(safe.tensors()));
        for (const std::filesystem::path& path : {folder.path(), folder / "pytorch_model.bin"}) {
            const auto pickled = Checkpoint::open(path);
            QCOMPARE(namesOf(pickled), namesOf(safe));
            for (const auto& [name, tensor] : safe.tensors()) {
                QVERIFY2(std::ranges::equal(tensor.bytes, pickled.tensor(name).bytes), name.c_str());
                QCOMPARE(pickled.tensor(name).shape, tensor.shape);
            }
            QCOMPARE(pickled.weights(), WeightSet::Only);
            QCOMPARE(pickled.parameters(), safe.parameters());
            QCOMPARE(pickled.folder(), folder.path());
        }
    }

    void shardsOfPicklesAreReadByTheirIndex() {
        const TemporaryFolder folder;
        writeText(folder / "config.json", "{}");
        writeText(folder / "pytorch_model.bin.index.json",
                  json{{"weight_map", {{"a", "one.bin"}, {"b", "two.bin"}, {"c", "one.bin"}}}}.dump());
        writeText(folder / "one.bin", archiveOfNames({"a", "c"}));
        writeText(folder / "two.bin", archiveOfNames({"b"}));
        QCOMPARE(namesOf(Checkpoint::open(folder.path())), (std::vector<std::string>{"a", "b", "c"}));
        writeText(folder / "two.bin", archiveOfNames({"x"}));
        expectError([&] { Checkpoint::open(folder.path()); }, ErrorKind::File, {"b (should be in two.bin)"});
        writeText(folder / "pytorch_model.bin.index.json",
                  json{{"weight_map", {{"a", "../one.bin"}}}}.dump());
        expectError([&] { Checkpoint::open(folder.path()); }, ErrorKind::File,
                    {"not the name of a file in this folder"});
    }

    void safetensorsGoBeforePickles() {
        const TemporaryFolder folder;
        writeTinyMdlm(folder.path());
        writeText(folder / "pytorch_model.bin", "no archive at all");
        QVERIFY(Checkpoint::open(folder.path()).has("backbone.vocab_embed.embedding"));
        QVERIFY(Checkpoint::open(folder / "model.safetensors").has("backbone.vocab_embed.embedding"));
    }

    void oneCheckpointInAFolderIsFoundSeveralAreListed() {
        const TemporaryFolder folder;
        writeText(folder / "step-1.pt", archiveOfNames({"a"}));
        writeText(folder / "config.json", "{}");
        QVERIFY(Checkpoint::open(folder.path()).has("a"));
        writeText(folder / "step-2.pt", archiveOfNames({"b"}));
        expectError([&] { Checkpoint::open(folder.path()); }, ErrorKind::File,
                    {"2 checkpoints: step-1.pt, step-2.pt"});
        QVERIFY(Checkpoint::open(folder / "step-2.pt").has("b"));
    }

    void aPlainStateDictAsksForItsConfig() {
        const TemporaryFolder folder;
        writeText(folder / "weights.pt", archiveOfNames({"a"}));
        expectError(
            [&] { Checkpoint::open(folder / "weights.pt"); }, ErrorKind::Config,
            {"config.json", "there is no such file", "Put the model's config.json beside its weights"});
    }

    void aStateDictInsideTrainingsOwnDictionaryIsFound() {
        const TemporaryFolder folder;
        const TorchStorages storages = {{"0", floatStorage({1})}};
        for (const char* key : {"state_dict", "model_state_dict", "model"}) {
            PickleText pickle;
            pickle.op("}(").text("step").integer(7).text(key);
            pickleStateDict(pickle, {{.name = "a", .storage = "0", .shape = {1}}}, storages);
            writeText(folder / "weights.pt", torchArchive(pickle.op('u').bytes(), storages));
            writeText(folder / "config.json", "{}");
            QVERIFY2(Checkpoint::open(folder.path()).has("a"), key);
        }
        writeText(folder / "weights.pt", torchArchive(PickleText().op('}').bytes(), {}));
        expectError([&] { Checkpoint::open(folder.path()); }, ErrorKind::File, {"no dictionary of tensors"});
    }

    void tiedWeightsStayOneAndCountOnce() {
        const TemporaryFolder folder;
        const TorchStorages storages = {{"0", floatStorage({1, 2, 3, 4})}};
        writeText(folder / "pytorch_model.bin",
                  stateDictArchive({{.name = "model.embed_tokens.weight", .storage = "0", .shape = {2, 2}},
                                    {.name = "lm_head.weight", .storage = "0", .shape = {2, 2}}},
                                   storages));
        writeText(folder / "config.json", configOf("llama"));
        const auto checkpoint = Checkpoint::open(folder.path());
        QCOMPARE(checkpoint.tensor("lm_head.weight").bytes.data(),
                 checkpoint.tensor("model.embed_tokens.weight").bytes.data());
        QCOMPARE(checkpoint.parameters(), std::int64_t{4});
    }

    void copiesLiveAsLongAsTheirCheckpoint() {
        const TemporaryFolder folder;
        writeText(folder / "pytorch_model.bin",
                  stateDictArchive({{.name = "a", .storage = "0", .shape = {2, 2}, .stride = {1, 2}}},
                                   {{"0", floatStorage({1, 2, 3, 4})}}));
        writeText(folder / "config.json", "{}");
        auto first = std::make_unique<Checkpoint>(Checkpoint::open(folder.path()));
        const Checkpoint copy = *first;
        first.reset();
        QCOMPARE(copy.tensor("a").toFloats(), (std::vector<float>{1, 3, 2, 4}));
    }

    void legacyNamesBecomeThoseTheLoadersKnow_data() {
        QTest::addColumn<QString>("type");
        QTest::addColumn<QStringList>("stored");
        QTest::addColumn<QStringList>("canonical");
        QTest::newRow("DataParallel")
            << "mdlm" << QStringList{"module.backbone.a"} << QStringList{"backbone.a"};
        QTest::newRow("torch.compile")
            << "mdlm" << QStringList{"_orig_mod.backbone.a"} << QStringList{"backbone.a"};
        QTest::newRow("compiled inside, parallel outside")
            << "other" << QStringList{"module._orig_mod.net._orig_mod.a"} << QStringList{"net.a"};
        QTest::newRow("a member called model")
            << "mdlm" << QStringList{"model.backbone.a", "model.backbone.b"}
            << QStringList{"backbone.a", "backbone.b"};
        QTest::newRow("LayerNorm of old")
            << "gpt2" << QStringList{"transformer.ln_f.beta", "transformer.ln_f.gamma"}
            << QStringList{"transformer.ln_f.bias", "transformer.ln_f.weight"};
        QTest::newRow("GPT-2 without its head")
            << "gpt2" << QStringList{"h.0.ln_1.weight", "wte.weight"}
            << QStringList{"transformer.h.0.ln_1.weight", "transformer.wte.weight"};
        QTest::newRow("GPT-2's buffers")
            << "gpt2"
            << QStringList{"transformer.h.0.attn.bias", "transformer.h.0.attn.masked_bias",
                           "transformer.wte.weight"}
            << QStringList{"transformer.wte.weight"};
        QTest::newRow("Llama keeps its own prefix")
            << "llama" << QStringList{"lm_head.weight", "model.norm.weight"}
            << QStringList{"lm_head.weight", "model.norm.weight"};
        QTest::newRow("Llama as a member called model")
            << "llama" << QStringList{"model.lm_head.weight", "model.model.norm.weight"}
            << QStringList{"lm_head.weight", "model.norm.weight"};
        QTest::newRow("rotary tables")
            << "llama" << QStringList{"model.layers.0.self_attn.rotary_emb.inv_freq", "model.norm.weight"}
            << QStringList{"model.norm.weight"};
        QTest::newRow("unknown kinds keep theirs")
            << "other" << QStringList{"model.transformer.a", "modules.a"}
            << QStringList{"model.transformer.a", "modules.a"};
    }
    void legacyNamesBecomeThoseTheLoadersKnow() {
        QFETCH(const QString, type);
        QFETCH(const QStringList, stored);
        QFETCH(const QStringList, canonical);
        const TemporaryFolder folder;
        std::vector<std::string> names;
        for (const QString& name : stored)
            names.push_back(name.toStdString());
        writeText(folder / "pytorch_model.bin", archiveOfNames(names));
        writeText(folder / "config.json", configOf(qPrintable(type)));
        QStringList found;
        for (const std::string& name : namesOf(Checkpoint::open(folder.path())))
            found << QString::fromStdString(name);
        QCOMPARE(found, canonical);
    }

    void twoNamesOfOneTensorAreRefused() {
        const TemporaryFolder folder;
        writeText(folder / "pytorch_model.bin", archiveOfNames({"a.gamma", "a.weight"}));
        writeText(folder / "config.json", "{}");
        expectError([&] { Checkpoint::open(folder.path()); }, ErrorKind::File,
                    {"\"a.gamma\" and \"a.weight\""});
    }

    void trainingBringsItsConfigAndAveragedWeights_data() {
        QTest::addColumn<bool>("omegaconf");
        QTest::newRow("plain dictionaries") << false;
        QTest::newRow("omegaconf") << true;
    }
    void trainingBringsItsConfigAndAveragedWeights() {
        QFETCH(const bool, omegaconf);
        const TemporaryFolder folder;
        writeText(folder / "last.ckpt", trainingArchive({.omegaconf = omegaconf}));
        const auto averaged = Checkpoint::open(folder / "last.ckpt");
        QCOMPARE(averaged.weights(), WeightSet::Ema);
        QCOMPARE(averaged.text("model_type"), std::string("mdlm"));
        QCOMPARE(averaged.integer("hidden_dim"), std::int64_t{2});
        QCOMPARE(averaged.integer("cond_dim"), std::int64_t{3});
        QCOMPARE(averaged.integer("vocab_size"), std::int64_t{4});
        QCOMPARE(averaged.integer("model_length"), std::int64_t{5});
        QCOMPARE(averaged.boolean("time_conditioning"), false);
        QCOMPARE(namesOf(averaged),
                 (std::vector<std::string>{"backbone.norm.weight", "backbone.vocab_embed.embedding"}));
        QCOMPARE(averaged.tensor("backbone.norm.weight").toFloats(), (std::vector<float>{0.5f, 0.5f}));
        QVERIFY(averaged.configPlace().ends_with("last.ckpt, hyper_parameters"));

        const auto raw = Checkpoint::open((folder / "last.ckpt").string() + "@raw");
        QCOMPARE(raw.weights(), WeightSet::Raw);
        QCOMPARE(raw.tensor("backbone.norm.weight").toFloats(), (std::vector<float>{9, 10}));
        QCOMPARE(Checkpoint::open(folder.path().string() + "@raw").weights(), WeightSet::Raw);
        QCOMPARE(raw.sha256(), averaged.sha256());
    }

    void compiledTrainingIsReadAlike() {
        const TemporaryFolder folder;
        writeText(folder / "last.ckpt", trainingArchive({.prefix = "backbone._orig_mod."}));
        QCOMPARE(Checkpoint::open(folder / "last.ckpt").tensor("backbone.norm.weight").toFloats(),
                 (std::vector<float>{0.5f, 0.5f}));
    }

    void averagesThatDoNotFitAreRefusedWithNumbers() {
        const TemporaryFolder folder;
        const std::filesystem::path file = folder / "last.ckpt";
        writeText(file, trainingArchive({.shadow = {{4, 2}}}));
        expectError([&] { Checkpoint::open(file); }, ErrorKind::Tensors,
                    {"ema.shadow_params", "1 tensors, state_dict has 2 parameters", "@raw"});
        QCOMPARE(Checkpoint::open(file.string() + "@raw").weights(), WeightSet::Raw);
        writeText(file, trainingArchive({.shadow = {{4, 2}, {3}}}));
        expectError([&] { Checkpoint::open(file); }, ErrorKind::Tensors,
                    {"[1] is [3], backbone.norm.weight is [2]"});
    }

    void trainingWithoutAveragesGivesItsRawWeightsAndSaysSo() {
        const TemporaryFolder folder;
        writeText(folder / "last.ckpt", trainingArchive({.hasEma = false}));
        QCOMPARE(Checkpoint::open(folder / "last.ckpt").weights(), WeightSet::Raw);
        expectError([&] { Checkpoint::open((folder / "last.ckpt").string() + "@ema"); }, ErrorKind::Tensors,
                    {"there are none"});
    }

    void otherParameterizationsAreRefused() {
        const TemporaryFolder folder;
        writeText(folder / "last.ckpt", trainingArchive({.parameterization = "sedd"}));
        expectError([&] { Checkpoint::open(folder / "last.ckpt"); }, ErrorKind::Config,
                    {"config.parameterization is \"sedd\""});
    }
};

QTEST_GUILESS_MAIN(TorchCheckpointTest)
#include "torch_checkpoint_test.moc"
