// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/training/training_config.h"

#include "tests/testing/errors.h"
#include "tests/testing/paths.h"

#include <QtTest>

#include <algorithm>
#include <cmath>

using namespace steploom;
using namespace steploom::testing;
namespace fs = std::filesystem;

namespace {

using Overrides = std::vector<std::string>;

TrainingConfig defaults(const Overrides& overrides = {}, TrainingKind kind = TrainingKind::MaskedDiffusion) {
    return readTrainingConfig({}, kind, overrides);
}

TrainingConfig configOf(const std::string& content, const std::string& name = "training.toml",
                        const Overrides& overrides = {}, TrainingKind kind = TrainingKind::MaskedDiffusion) {
    const TemporaryFolder folder;
    writeText(folder / name, content);
    return readTrainingConfig(folder / name, kind, overrides);
}

void expectRefusal(const std::string& content, std::initializer_list<const char*> words) {
    expectError([&] { configOf(content); }, ErrorKind::Config, words);
}

TrainingConfig schedule(const std::string& decay) {
    TrainingConfig config;
    config.steps = 100;
    config.warmUp = 10;
    config.learningRate = 0.8;
    config.lastLearningRate = 0.25;
    config.decay = decay;
    return config;
}

void compareRates(double found, double expected) {
    QVERIFY2(std::abs(found - expected) < 1e-12, qPrintable(QString("%1, not %2").arg(found).arg(expected)));
}

} // namespace

class TrainingConfigTest : public QObject {
    Q_OBJECT

private slots:
    void withoutAFileTheDefaultsFitEveryKind() {
        for (const TrainingKind kind :
             {TrainingKind::MaskedDiffusion, TrainingKind::Distillation, TrainingKind::Causal,
              TrainingKind::Autoencoder, TrainingKind::Energy}) {
            const TrainingConfig config = defaults({}, kind);
            QVERIFY(toJson(config) == toJson(TrainingConfig{}));
        }
        QCOMPARE(trainingKindName(TrainingKind::MaskedDiffusion), "mdlm");
        QCOMPARE(trainingKindName(TrainingKind::Distillation), "distil");
        QCOMPARE(trainingKindName(TrainingKind::Causal), "causal");
        QCOMPARE(trainingKindName(TrainingKind::Autoencoder), "calm-autoencoder");
        QCOMPARE(trainingKindName(TrainingKind::Energy), "calm");
    }

    void tomlAndJsonAreReadAlike() {
        const TrainingConfig toml = configOf("[network]\nwidth = 32\nheads = 2\ntime_conditioning = true\n"
                                             "[training]\nlearning_rate = 1\nsteps = 1_000\n"
                                             "decay = \"constant\"\n"
                                             "[[phase]]\nuntil = 0.5\nmost_masked = 0.4\n"
                                             "nelbo_weights = false\n[[phase]]\nuntil = 1\n");
        const TrainingConfig json = configOf(
            R"({"network": {"width": 32, "heads": 2, "time_conditioning": true},
                "training": {"learning_rate": 1, "steps": 1000, "decay": "constant"},
                "phase": [{"until": 0.5, "most_masked": 0.4, "nelbo_weights": false}, {"until": 1}]})",
            "training.json");
        QVERIFY(toJson(toml) == toJson(json));
        QCOMPARE(toml.network.width, 32);
        QCOMPARE(toml.network.heads, 2);
        QVERIFY(toml.network.timeConditioning);
        QCOMPARE(toml.learningRate, 1.0); // a whole number is a number
        QCOMPARE(toml.steps, std::int64_t{1000});
        QCOMPARE(toml.decay, std::string("constant"));
        QCOMPARE(toml.phases.size(), std::size_t{2});
        QCOMPARE(toml.phases[0].until, 0.5);
        QCOMPARE(toml.phases[0].mostMasked, 0.4);
        QVERIFY(!toml.phases[0].nelboWeights);
        QVERIFY(toml.phases[1].nelboWeights);
        QCOMPARE(toml.batch, TrainingConfig{}.batch); // what is not named stays
    }

    void overridesGoOverTheFile() {
        const TrainingConfig config =
            configOf("[training]\nsteps = 5\nbatch = 7\n", "training.toml",
                     {"training.steps=9", "training.learning_rate=1e-4", "training.decay=constant",
                      "network.tied=false", "start.from=1", "training.seed=18446744073709551615"});
        QCOMPARE(config.steps, std::int64_t{9});
        QCOMPARE(config.batch, 7);
        QCOMPARE(config.learningRate, 1e-4);
        QCOMPARE(config.decay, std::string("constant"));
        QVERIFY(!config.network.tied);
        QCOMPARE(config.startFrom, std::string("1")); // a folder's name, not a number
        QCOMPARE(config.seed, ~std::uint64_t{0});
        QCOMPARE(defaults({"start.from=\"in quotes\""}).startFrom, std::string("in quotes"));

        expectError([] { defaults({"training.steps"}); }, ErrorKind::Config, {"--set training.steps", "="});
        expectError([] { defaults({"=3"}); }, ErrorKind::Config, {"--set =3"});
        expectError([] { defaults({"training.step=3"}); }, ErrorKind::Config,
                    {"--set", "training.step", "training.steps"});
        expectError([] { defaults({"steps=3"}); }, ErrorKind::Config, {"training.steps"});
        expectError([] { defaults({"training.steps=many"}); }, ErrorKind::Config,
                    {"training.steps", "whole number"});
        expectError([] { defaults({"training.steps="}); }, ErrorKind::Config, {"training.steps"});
    }

    void whatIsPrintedIsReadBack() {
        const TrainingConfig config = configOf(
            "[network]\ntime_conditioning = true\nrope_theta = 1e6\nrms_epsilon = 1e-12\n"
            "[start]\nfrom = 'a \"quoted\" \\ folder, ü'\n[training]\nlearning_rate = 0.1234567890123\n"
            "epsilon = 1e-16\nsteps = 1000000000000\n[[phase]]\nuntil = 0.25\n[[phase]]\nuntil = 1.0\n");
        QVERIFY(toJson(config) != toJson(TrainingConfig{}));
        QVERIFY(toJson(configOf(toToml(config))) == toJson(config));
        QVERIFY(toJson(configOf(toJson(config).dump(), "training.json")) == toJson(config));
        QVERIFY(toJson(configOf(toToml(TrainingConfig{}))) == toJson(TrainingConfig{}));
        // Every key has its comment.
        const QStringList lines = QString::fromStdString(toToml(config)).split('\n', Qt::SkipEmptyParts);
        for (const QString& line : lines)
            QVERIFY2(line.startsWith('[') || line.indexOf("# ") > line.indexOf('='), qPrintable(line));
    }

    void anUnknownKeyIsRefusedWithTheNearestOne_data() {
        QTest::addColumn<QString>("content");
        QTest::addColumn<QString>("named");
        QTest::addColumn<QString>("nearest");
        QTest::newRow("a slip") << "[training]\nlerning_rate = 1"
                                << "\"training.lerning_rate\""
                                << "\"training.learning_rate\"";
        QTest::newRow("no section") << "steps = 5"
                                    << "\"steps\""
                                    << "\"training.steps\"";
        QTest::newRow("another section") << "[network]\nbatch = 5"
                                         << "\"network.batch\""
                                         << "\"training.batch\"";
        QTest::newRow("of a phase") << "[[phase]]\nuntill = 1"
                                    << "\"phase.untill\""
                                    << "\"phase.until\"";
        QTest::newRow("an unknown section") << "[trainig]\nsteps = 5"
                                            << "\"trainig.steps\""
                                            << "\"training.steps\"";
        QTest::newRow("a list of phases") << "[[phases]]\nuntil = 1"
                                          << "\"phases.until\""
                                          << "\"phase.until\"";
    }
    void anUnknownKeyIsRefusedWithTheNearestOne() {
        QFETCH(QString, content);
        QFETCH(QString, named);
        QFETCH(QString, nearest);
        expectRefusal(content.toStdString(),
                      {"training.toml", "there is no key", qPrintable(named), qPrintable(nearest)});
    }

    void aValueOfAnotherKindIsRefused_data() {
        QTest::addColumn<QString>("content");
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("expected");
        QTest::newRow("text for a number") << "[training]\nlearning_rate = \"fast\""
                                           << "training.learning_rate"
                                           << "a number";
        QTest::newRow("fraction for a count") << "[training]\nsteps = 1.5"
                                              << "training.steps"
                                              << "a whole number";
        QTest::newRow("number for a switch") << "[network]\ntied = 1"
                                             << "network.tied"
                                             << "true or false";
        QTest::newRow("number for a text") << "[training]\ndecay = 1"
                                           << "training.decay"
                                           << "a text";
        QTest::newRow("list for a count") << "[training]\nbatch = [1]"
                                          << "training.batch"
                                          << "whole number";
        QTest::newRow("not a number") << "[training]\nlearning_rate = nan"
                                      << "training.learning_rate"
                                      << "a number";
        QTest::newRow("another word") << "[training]\nprecision = \"f16\""
                                      << "training.precision"
                                      << "bf16, f32";
        QTest::newRow("not a section") << "training = 3"
                                       << "training"
                                       << "section";
        QTest::newRow("one phase") << "[phase]\nuntil = 1"
                                   << "phase"
                                   << "[[phase]]";
        QTest::newRow("no phase") << "phase = []"
                                  << "phase"
                                  << "[[phase]]";
        QTest::newRow("a number for a phase") << "phase = [1]"
                                              << "phase"
                                              << "section";
    }
    void aValueOfAnotherKindIsRefused() {
        QFETCH(QString, content);
        QFETCH(QString, key);
        QFETCH(QString, expected);
        expectRefusal(content.toStdString(), {qPrintable(key), qPrintable(expected)});
    }

    void aValueBeyondItsBoundsIsRefused_data() {
        QTest::addColumn<QString>("override_");
        for (const char* each :
             {"training.steps=0", "training.steps=-1", "training.batch=0", "training.parts=0",
              "training.learning_rate=-0.001", "training.learning_rate=11", "training.beta1=1",
              "training.averaging=1", "training.seed=-1", "data.held_out=0.6", "network.dropout=1",
              "network.blocks=0", "network.width=100000", "saving.every=0", "distillation.share=1.01",
              "distillation.temperature=0", "training.threads=-1"})
            QTest::newRow(each) << each;
    }
    void aValueBeyondItsBoundsIsRefused() {
        QFETCH(QString, override_);
        const std::string key = override_.section('=', 0, 0).toStdString();
        expectError([&] { defaults({override_.toStdString()}); }, ErrorKind::Config,
                    {key.c_str(), "is", "Take"});
    }

    void headsThatDoNotDivideAreRefused() {
        expectRefusal("[network]\nwidth = 100\nheads = 3", {"100", "3 heads", "network.width"});
        // Rotary positions turn pairs of numbers.
        expectRefusal("[network]\nwidth = 15\nheads = 3", {"15", "3 heads", "even"});
        const std::string shared = "[network]\nwidth = 32\nheads = 4\nkey_value_heads = 3";
        expectError([&] { configOf(shared, "a.toml", {}, TrainingKind::Causal); }, ErrorKind::Config,
                    {"4 heads", "3 key and value heads"});
        configOf(shared); // masked diffusion reads no key_value_heads
    }

    void windowsOfCalmAreWholeChunks() {
        for (const TrainingKind kind : {TrainingKind::Autoencoder, TrainingKind::Energy}) {
            expectError([&] { defaults({"network.length=130"}, kind); }, ErrorKind::Config,
                        {"network.length is 130", "network.chunk, 4", "Take 128 or 132"});
            expectError(
                [&] {
                    defaults({"network.length=6", "network.chunk=8"}, kind);
                },
                ErrorKind::Config, {"Take 8"});
        }
        QCOMPARE(defaults({"network.length=130"}).network.length, 130); // no other kind has chunks
    }

    void theEnergyLossHasAtLeastTwoDrawsASampleAndAnExponentBetweenZeroAndTwo() {
        const auto refused = [](const char* override_, std::initializer_list<const char*> words) {
            expectError([&] { defaults({override_}, TrainingKind::Energy); }, ErrorKind::Config, words);
        };
        refused("energy.samples=1", {"energy.samples", "1", "2"});
        refused("energy.posterior_samples=0", {"energy.posterior_samples", "0", "1"});
        for (const char* value : {"energy.exponent=0", "energy.exponent=2", "energy.exponent=2.5"})
            refused(value, {"energy.exponent", "2"});
        QCOMPARE(defaults({"energy.exponent=1.5"}, TrainingKind::Energy).exponent, 1.5);
    }

    void thePapersSettingsAreTheDefaults() {
        const TrainingConfig config;
        QCOMPARE(config.network.chunk, 4);
        QCOMPARE(config.network.latent, 128);
        QCOMPARE(config.tokenDropout, 0.15);
        QCOMPARE(config.latentDropout, 0.15);
        QCOMPARE(config.klWeight, 1e-3);
        QCOMPARE(config.klClip, 0.5);
        QCOMPARE(config.samples, 8);
        QCOMPARE(config.posteriorSamples, 100);
        QCOMPARE(config.exponent, 1.0);
    }

    void whatDecidesTheWeightsIsOfTheKind() {
        TrainingConfig config;
        const auto changes = [&](TrainingKind kind, auto change) {
            TrainingConfig other = config;
            change(other);
            return decisive(other, kind) != decisive(config, kind);
        };
        const auto latent = [](TrainingConfig& c) { c.network.latent = 32; };
        const auto kl = [](TrainingConfig& c) { c.klClip = 1; };
        const auto draws = [](TrainingConfig& c) { c.samples = 3; };
        const auto measured = [](TrainingConfig& c) { c.brierDraws = 9; };
        for (const TrainingKind kind : {TrainingKind::MaskedDiffusion, TrainingKind::Causal})
            QVERIFY(!changes(kind, latent) && !changes(kind, kl) && !changes(kind, draws));
        QVERIFY(changes(TrainingKind::Autoencoder, latent) && changes(TrainingKind::Autoencoder, kl));
        QVERIFY(!changes(TrainingKind::Autoencoder, draws));
        QVERIFY(changes(TrainingKind::Energy, latent) && changes(TrainingKind::Energy, draws));
        QVERIFY(!changes(TrainingKind::Energy, kl) && !changes(TrainingKind::Energy, measured));
    }

    void phasesThatDoNotFollowEachOtherAreRefused() {
        expectRefusal("[[phase]]\nuntil = 0.5\n[[phase]]\nuntil = 0.5\n[[phase]]\nuntil = 1", {"0.5"});
        expectRefusal("[[phase]]\nuntil = 0.7\n[[phase]]\nuntil = 0.5\n[[phase]]\nuntil = 1",
                      {"0.5", "not after 0.7"});
        expectRefusal("[[phase]]\nuntil = 0\n[[phase]]\nuntil = 1", {"phase.until"});
        expectRefusal("[[phase]]\nuntil = 0.9", {"0.9", "phase.until be 1"});
        expectRefusal("[[phase]]\nleast_masked = 0.4\nmost_masked = 0.4", {"0.4", "phase.least_masked"});
    }

    void aFileThatCannotBeParsedIsNamedWithItsLine() {
        expectRefusal("[training]\nsteps = \n", {"training.toml", "line 2"});
        expectError([] { configOf("{\"training\": ", "training.json"); }, ErrorKind::Config,
                    {"training.json"});
        expectError([] { configOf("[1]", "training.json"); }, ErrorKind::Config, {"sections"});
        expectError(
            [] { readTrainingConfig("/nonexistent/training.toml", TrainingKind::Causal, Overrides{}); },
            ErrorKind::Config, {"/nonexistent/training.toml"});
        QVERIFY(toJson(configOf("")) == toJson(TrainingConfig{}));
    }

    void theLearningRateWarmsUp() {
        for (const char* decay : {"cosine", "constant"}) {
            const TrainingConfig config = schedule(decay);
            compareRates(learningRateAt(config, 0), 0.08);
            compareRates(learningRateAt(config, 4), 0.4);
            compareRates(learningRateAt(config, 9), 0.8);
            compareRates(learningRateAt(config, 10), 0.8);
        }
        TrainingConfig cold = schedule("constant");
        cold.warmUp = 0;
        compareRates(learningRateAt(cold, 0), 0.8);
        cold.warmUp = 1000; // longer than the training
        compareRates(learningRateAt(cold, 99), 0.08);
    }

    void cosineFallsToTheLastRate() {
        const TrainingConfig config = schedule("cosine");
        compareRates(learningRateAt(config, 55), 0.5 * (0.8 + 0.2)); // half of the 90 steps behind warm-up
        compareRates(learningRateAt(config, 100), 0.2);
        for (std::int64_t step = 10; step < 99; ++step)
            QVERIFY(learningRateAt(config, step + 1) < learningRateAt(config, step));
        QVERIFY(learningRateAt(config, 99) > 0.2 && learningRateAt(config, 99) < 0.201);
        TrainingConfig whole = config;
        whole.warmUp = 100;
        compareRates(learningRateAt(whole, 99), 0.8);
    }

    void constantStaysUntilItCoolsDown() {
        TrainingConfig config = schedule("constant");
        compareRates(learningRateAt(config, 99), 0.8);
        config.coolDown = 0.25;
        compareRates(learningRateAt(config, 74), 0.8);
        compareRates(learningRateAt(config, 75), 0.8);
        compareRates(learningRateAt(config, 80), 0.8 - 0.6 * 5 / 25);
        compareRates(learningRateAt(config, 100), 0.2);
        config.coolDown = 1;
        compareRates(learningRateAt(config, 50), 0.5);
    }

    void aStepBelongsToThePhaseThatEndsBehindIt() {
        TrainingConfig config;
        config.steps = 10;
        config.phases = {{.until = 0.3}, {.until = 0.35}, {.until = 1}};
        const auto indexAt = [&](std::int64_t step) {
            return static_cast<int>(&phaseAt(config, step) - config.phases.data());
        };
        QCOMPARE(indexAt(0), 0);
        QCOMPARE(indexAt(2), 0);
        QCOMPARE(indexAt(3), 1);
        QCOMPARE(indexAt(4), 2);
        QCOMPARE(indexAt(9), 2);
        QCOMPARE(indexAt(10), 2);
    }

    void differencesNameEachValueThatDiffers() {
        TrainingConfig before, now;
        QVERIFY(differences(toJson(before), toJson(now)).empty());
        now.steps = 200;
        now.decay = "constant";
        now.phases.push_back({});
        const auto found = differences(toJson(before), toJson(now));
        QCOMPARE(found.size(), std::size_t{3});
        const auto has = [&](const std::string& line) {
            return std::find(found.begin(), found.end(), line) != found.end();
        };
        QVERIFY(has("training.steps: 10000 there, 200 here"));
        QVERIFY(has("training.decay: \"cosine\" there, \"constant\" here"));
        QVERIFY(std::any_of(found.begin(), found.end(),
                            [](const std::string& line) { return line.starts_with("phase: "); }));
        const nlohmann::json kind = {{"kind", "mdlm"}};
        QCOMPARE(differences(nlohmann::json::object(), kind).size(), std::size_t{1});
        QCOMPARE(differences({{"training", 3}}, {{"training", {{"steps", 1}}}}).size(), std::size_t{1});
    }
};

QTEST_GUILESS_MAIN(TrainingConfigTest)
#include "training_config_test.moc"
