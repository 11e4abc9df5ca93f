// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/experiments/cli/cli_process.h"
#include "tests/testing/paths.h"
#include "tiny_training.h"

#include <QDeadlineTimer>
#include <QtTest>

#include <csignal>

using namespace steploom;
using namespace steploom::testing;
using namespace Qt::StringLiterals;
namespace fs = std::filesystem;

namespace {

constexpr int kPatience = 300'000; // ms; a hung program must not hang the suite

void startTrain(QProcess& process, const QStringList& arguments) {
    process.start(QStringLiteral(STEPLOOM_TRAIN), arguments);
    process.waitForStarted(kPatience);
}

CliResult runTrain(const QStringList& arguments) {
    QProcess process;
    startTrain(process, arguments);
    const bool ended = process.waitForFinished(kPatience);
    CliResult result;
    if (ended && process.exitStatus() == QProcess::NormalExit)
        result.exitCode = process.exitCode();
    result.output = process.readAllStandardOutput();
    result.errors = process.readAllStandardError();
    return result;
}

/// Reads what the process tells until `seen` holds of all of it, and says whether it did while it ran.
template <typename Condition>
bool waitWhileItTells(QProcess& process, const Condition& seen) {
    const QDeadlineTimer deadline(kPatience);
    process.setReadChannel(QProcess::StandardError);
    QByteArray told;
    while (!deadline.hasExpired() && process.state() == QProcess::Running) {
        process.waitForReadyRead(1000);
        told += process.readAllStandardError();
        if (seen(told))
            return process.state() == QProcess::Running;
    }
    return false;
}

} // namespace

class CliTrainTest : public QObject {
    Q_OBJECT

private:
    static constexpr int kSteps = 400; ///< long enough to be ended in the middle
    const TinyTraining m_tiny;

    /// A training of `steps` that tells every step and saves every fifth.
    QStringList training(const QString& out, int steps) const {
        QStringList words{u"mdlm"_s,
                          u"--text"_s,
                          text(m_tiny.text),
                          u"--tokenizer"_s,
                          text(m_tiny.folder / "tokenizer"),
                          u"--out"_s,
                          text(path(out)),
                          u"--no-store"_s};
        for (const char* value :
             {"network.width=16", "network.blocks=2", "network.heads=2", "network.length=16",
              "network.condition=8", "training.batch=4", "training.parts=2", "training.precision=f32",
              "training.device=cpu", "training.threads=1", "training.warm_up=2", "data.held_out=0.2",
              "saving.every=5", "saving.validation_windows=8", "saving.log_every=1", "saving.stored_as=f32"})
            words << u"--set"_s << QString::fromLatin1(value);
        return words << u"--set"_s << u"training.steps=%1"_s.arg(steps);
    }
    fs::path path(const QString& out) const { return m_tiny.folder / out.toStdString(); }
    std::string weightsOf(const QString& out) const { return readText(path(out) / "model.safetensors"); }

private slots:
    void initTestCase() {
        const CliResult unbroken = runTrain(training(u"unbroken"_s, kSteps));
        QVERIFY2(unbroken.exitCode == 0, unbroken.errors.constData());
        QVERIFY2(unbroken.errors.contains("step     400 of 400"), unbroken.errors.constData());
    }

    void killedInTheMiddleItGoesOnToTheWeightsOfAnUnbrokenTraining() {
        QProcess process;
        startTrain(process, training(u"killed"_s, kSteps));
        const fs::path state = path(u"killed"_s) / "training-state.safetensors";
        QVERIFY(waitWhileItTells(process, [&](const QByteArray&) { return fs::exists(state); }));
        process.kill(); // SIGKILL
        QVERIFY(process.waitForFinished(kPatience));
        QCOMPARE(process.exitStatus(), QProcess::CrashExit);

        const CliResult again = runTrain(training(u"killed"_s, kSteps));
        QVERIFY2(again.exitCode == 0, again.errors.constData());
        QVERIFY2(again.errors.contains("going on after step"), again.errors.constData());
        QVERIFY(weightsOf(u"killed"_s) == weightsOf(u"unbroken"_s));
    }

    void interruptedItSavesAndTheSameCommandGoesOn() {
        QProcess process;
        startTrain(process, training(u"interrupted"_s, kSteps));
        QVERIFY(waitWhileItTells(process, [](const QByteArray& told) { return told.contains("step "); }));
        ::kill(static_cast<pid_t>(process.processId()), SIGINT);
        QVERIFY(process.waitForFinished(kPatience));
        QCOMPARE(process.exitStatus(), QProcess::NormalExit);
        QCOMPARE(process.exitCode(), 1);
        QVERIFY(process.readAllStandardError().contains("stopped"));
        const auto record = nlohmann::json::parse(readText(path(u"interrupted"_s) / "training.json"));
        const int stopped = record["steps"].get<int>();
        QVERIFY(stopped > 0 && stopped < kSteps);

        const CliResult again = runTrain(QStringList{u"--json"_s} + training(u"interrupted"_s, kSteps));
        QVERIFY2(again.exitCode == 0, again.errors.constData());
        QVERIFY(again.errors.contains("going on after step " + QByteArray::number(stopped)));
        QCOMPARE(again.json()["finished"].get<bool>(), true);
        QCOMPARE(again.json()["steps"].get<int>(), kSteps);
        QVERIFY(again.json()["held_out"]["value"].is_number());
        QVERIFY(weightsOf(u"interrupted"_s) == weightsOf(u"unbroken"_s));
    }

    void whatItMakesIsInspectedAndGenerates() {
        const QString out = u"made"_s;
        const CliResult made = runTrain(training(out, 10));
        QVERIFY2(made.exitCode == 0, made.errors.constData());
        const CliResult inspected = runCli({u"inspect"_s, text(path(out)), u"--json"_s});
        QVERIFY2(inspected.exitCode == 0, inspected.errors.constData());
        QVERIFY(inspected.json().is_object());
        QVERIFY(inspected.output.contains("mdlm"));
        const CliResult generated =
            runCli({u"generate"_s, u"--model"_s, u"M="_s + text(path(out)), u"--schedule"_s, u"(M8)"_s,
                    u"--samples"_s, u"2"_s, u"--threads"_s, u"1"_s, u"--json"_s});
        QVERIFY2(generated.exitCode == 0, generated.errors.constData());
        QCOMPARE(generated.json()["samples"].size(), std::size_t{2});

        const auto record = nlohmann::json::parse(readText(path(out) / "training.json"));
        QCOMPARE(record["kind"].get<std::string>(), std::string("mdlm"));
        QCOMPARE(record["steps"].get<int>(), 10);
        QCOMPARE(record["tokens"].get<int>(), 10 * 4 * 16);
        QCOMPARE(record["text"][0]["name"].get<std::string>(), std::string("text.txt"));
        QCOMPARE(record["text"][0]["sha256"].get<std::string>().size(), std::size_t{64});
        QCOMPARE(record["config"]["network"]["width"].get<int>(), 16);
        QVERIFY(record["held_out"]["nats_per_token"].get<double>() > 0);

        const CliResult measured = runTrain(
            {u"--json"_s, u"measure"_s, u"--model"_s, text(path(out)), u"--text"_s, text(m_tiny.text)});
        QVERIFY2(measured.exitCode == 0, measured.errors.constData());
        QCOMPARE(measured.json()["measure"].get<std::string>(), std::string("NELBO"));
    }

    void calmIsTrainedInTwoPartsAndMeasured() {
        const auto words = [&](const char* kind, const QString& out) {
            QStringList changed = training(out, 10);
            changed[0] = QString::fromLatin1(kind);
            for (const char* value : {"network.latent=8", "network.key_value_heads=2", "network.hidden=24",
                                      "energy.posterior_samples=5", "network.head_blocks=1"})
                changed << u"--set"_s << QString::fromLatin1(value);
            return changed;
        };
        const CliResult alone = runTrain(words("calm", u"alone"_s));
        QVERIFY(alone.exitCode > 0);
        QVERIFY2(alone.errors.contains("--autoencoder"), alone.errors.constData());

        const CliResult autoencoder = runTrain(words("calm-autoencoder", u"autoencoder"_s));
        QVERIFY2(autoencoder.exitCode == 0, autoencoder.errors.constData());
        QVERIFY2(autoencoder.output.contains("chunk accuracy"), autoencoder.output.constData());
        const CliResult energy =
            runTrain(QStringList{u"--json"_s} << words("calm", u"energy"_s) << u"--autoencoder"_s
                                              << text(path(u"autoencoder"_s)));
        QVERIFY2(energy.exitCode == 0, energy.errors.constData());
        QCOMPARE(energy.json()["measure"].get<std::string>(), std::string("BrierLM"));
        QVERIFY(energy.json()["held_out_beside"].contains("energy loss"));
        const CliResult measured = runTrain({u"--json"_s, u"measure"_s, u"--model"_s, text(path(u"energy"_s)),
                                             u"--text"_s, text(m_tiny.text), u"--draws"_s, u"3"_s});
        QVERIFY2(measured.exitCode == 0, measured.errors.constData());
        QVERIFY(measured.json()["beside"]["Brier-1"]["n"].get<int>() > 1);
    }

    void printedConfigurationsAreReadBack() {
        for (const char* kind : {"mdlm", "causal", "calm-autoencoder", "calm"}) {
            const QString command = QString::fromLatin1(kind);
            const CliResult printed =
                runTrain({command, u"--print-config"_s, u"--set"_s, u"training.steps=77"_s});
            QVERIFY2(printed.exitCode == 0, printed.errors.constData());
            QVERIFY(printed.output.contains("steps = 77"));
            writeText(m_tiny.folder / "printed.toml", printed.output.toStdString());
            const CliResult again =
                runTrain({command, u"--print-config"_s, u"--config"_s, text(m_tiny.folder / "printed.toml")});
            QVERIFY2(again.exitCode == 0, again.errors.constData());
            QCOMPARE(again.output, printed.output);
        }
    }

    void wrongUseIsRefused() {
        const CliResult large = runTrain({u"tokenizer"_s, u"--text"_s, text(m_tiny.text), u"--vocab"_s,
                                          u"100000"_s, u"--out"_s, text(path(u"large"_s))});
        QVERIFY(large.exitCode > 0);
        QVERIFY2(large.errors.contains("100000"), large.errors.constData());
        QVERIFY(!fs::exists(path(u"large"_s) / "tokenizer.json"));

        const CliResult nowhere = runTrain({u"mdlm"_s, u"--text"_s, text(m_tiny.text), u"--out"_s,
                                            text(path(u"nowhere"_s)), u"--no-store"_s});
        QVERIFY(nowhere.exitCode > 0);
        QVERIFY2(nowhere.errors.contains("--tokenizer"), nowhere.errors.constData());

        const CliResult slip = runTrain(training(u"slip"_s, 5) << u"--set"_s << u"training.step=5"_s);
        QVERIFY(slip.exitCode > 0);
        QVERIFY2(slip.errors.contains("training.steps"), slip.errors.constData());
        QVERIFY(!fs::exists(path(u"slip"_s)));
    }
};

QTEST_GUILESS_MAIN(CliTrainTest)
#include "cli_train_test.moc"
