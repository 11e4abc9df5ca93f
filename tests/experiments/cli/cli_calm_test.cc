// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli_process.h"
#include "tests/testing/paths.h"
#include "tests/testing/tiny_calm.h"
#include "tests/testing/tiny_checkpoint.h"

#include <QtTest>

#include <memory>

using namespace steploom::testing;
using namespace Qt::StringLiterals;

class CliCalmTest : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<TemporaryFolder> m_folder;
    std::filesystem::path m_full, m_small;

    QString store() const { return text(*m_folder / "runs.sqlite"); }
    QStringList command(const char* verb, const QStringList& more = {}) const {
        return QStringList{QString::fromLatin1(verb),
                           u"--pool"_s,
                           u"F="_s + text(m_full),
                           u"--pool"_s,
                           u"S="_s + text(m_small),
                           u"--no-timing"_s,
                           u"--threads"_s,
                           u"1"_s,
                           u"--json"_s} +
               more;
    }
    QStringList generate(const QStringList& more = {}) const {
        return command("generate", QStringList{u"--length"_s, u"24"_s, u"--samples"_s, u"2"_s} + more);
    }

private slots:
    void init() {
        m_folder = std::make_unique<TemporaryFolder>();
        TinyCalm shape{.vocabulary = 257};
        writeTinyAutoencoder(*m_folder / "autoencoder", shape);
        m_full = writeTinyCalm(*m_folder / "full", shape);
        shape.blocks = 1;
        m_small = writeTinyCalm(*m_folder / "small", shape);
        writeByteTokenizer(m_full);
        writeByteTokenizer(m_small);
    }

    void aCalmFolderGeneratesWithoutStepsOrSchedule() {
        const CliResult result =
            runCli({u"generate"_s, u"--pool"_s, u"F="_s + text(m_full), u"--length"_s, u"24"_s,
                    u"--samples"_s, u"2"_s, u"--prompt"_s, u"Once upon"_s, u"--no-timing"_s, u"--json"_s});
        QVERIFY2(result.exitCode == 0, result.errors.constData());
        const nlohmann::json json = result.json();
        QCOMPARE(json["schedule"].get<std::string>(), std::string("(F6)"));
        QCOMPARE(json["samples"].size(), std::size_t{2});
        QCOMPARE(json["samples"][0]["tokens"].size(), std::size_t{24});
        QCOMPARE(json["samples"][0]["tokens"][11].get<int>(), 0); // nine letters, padded to twelve
        QVERIFY(json["samples"][0]["text"].get<std::string>().starts_with("Once upon"));
        QVERIFY(!json["samples"][0]["text"].get<std::string>().starts_with("Once upon!"));
        QCOMPARE(json["cost"]["expected_calls"].get<double>(), 3.0);
        QVERIFY(result.errors.contains("is followed by 3 × padding"));
        QCOMPARE(json["remarks"].size(), std::size_t{1});
    }

    void schedulesMixTheMembersAndRunsAreMadeAgain() {
        const CliResult first = runCli(generate({u"--schedule"_s, u"sandwich:0.5"_s, u"--store"_s, store(),
                                                 u"--temperature"_s, u"0.5"_s, u"--candidates"_s, u"20"_s}));
        QVERIFY2(first.exitCode == 0, first.errors.constData());
        const nlohmann::json json = first.json();
        QCOMPARE(json["cost"]["steps"].get<int>(), 6);
        QVERIFY(json["cost"]["calls"]["F"].get<int>() > 0 && json["cost"]["calls"]["S"].get<int>() > 0);
        QCOMPARE(json["work"]["members"]["S"]["draws"].get<int>(),
                 20 * json["work"]["members"]["S"]["sample_calls"].get<int>());
        const CliResult again = runCli({u"runs"_s, u"rerun"_s, u"1"_s, u"--store"_s, store(), u"--json"_s});
        QVERIFY2(again.exitCode == 0, (again.errors + again.output).constData());
        QVERIFY(again.json()["identical"].get<bool>());
    }

    void whatWaitsInTheQueueIsRun() {
        QStringList add = generate({u"--store"_s, store()});
        add.removeAll(u"--no-timing"_s);
        add.remove(add.indexOf(u"--threads"_s), 2);
        add.prepend(u"queue"_s);
        add[1] = u"add"_s;
        const CliResult added = runCli(add);
        QVERIFY2(added.exitCode == 0, (added.errors + added.output).constData());
        const CliResult run = runCli({u"queue"_s, u"run"_s, u"--store"_s, store(), u"--json"_s});
        QVERIFY2(run.exitCode == 0, (run.errors + run.output).constData());
        const CliResult shown = runCli({u"runs"_s, u"show"_s, u"1"_s, u"--store"_s, store(), u"--json"_s});
        QCOMPARE(shown.json()["samples_finished"].get<int>(), 2);
    }

    void costAndInspectSayWhatCalmIs() {
        const CliResult cost =
            runCli(command("cost", {u"--length"_s, u"24"_s, u"--schedule"_s, u"(F3,S3)"_s}));
        QVERIFY2(cost.exitCode == 0, cost.errors.constData());
        QVERIFY(cost.json()["blocks_only_saving"].get<double>() > 0);
        QCOMPARE(cost.json()["figures"].get<std::string>(), std::string("exact"));
        const CliResult sharpened =
            runCli(command("cost", {u"--length"_s, u"24"_s, u"--schedule"_s, u"(F3,S3)"_s, u"--temperature"_s,
                                    u"0.5"_s, u"--candidates"_s, u"200"_s}));
        QVERIFY2(sharpened.exitCode == 0, sharpened.errors.constData());
        QVERIFY(sharpened.json()["flops"]["executed"].get<double>() >
                10 * cost.json()["flops"]["executed"].get<double>());
        const nlohmann::json full = runCli({u"inspect"_s, text(m_full), u"--json"_s}).json();
        QCOMPARE(full["kind"].get<std::string>(), std::string("calm"));
        QCOMPARE(full["calm"]["chunk"].get<int>(), 4);
        QCOMPARE(full["calm"]["latent"].get<int>(), 8);
        QCOMPARE(full["length"].get<int>(), 64);
        QVERIFY(full["calm"]["flops_per_step"]["draw"].get<double>() > 0);
        const nlohmann::json autoencoder =
            runCli({u"inspect"_s, text(*m_folder / "autoencoder"), u"--json"_s}).json();
        QCOMPARE(autoencoder["architecture"].get<std::string>(), std::string("autoencoder"));
        QCOMPARE(autoencoder["chunk"].get<int>(), 4);
        QVERIFY(autoencoder["flops_per_vector"]["decode"].get<double>() > 0);
        QVERIFY(runCli({u"inspect"_s, text(m_full)}).output.contains("K, tokens a vector"));
        QVERIFY(
            runCli({u"inspect"_s, text(*m_folder / "autoencoder")}).output.contains("autoencoder of CALM"));
    }

    void badInputIsRefusedWithTheRemedy() {
        const auto refused = [](const QStringList& arguments, const char* words) {
            const CliResult result = runCli(arguments);
            QVERIFY2(result.exitCode == 1 || result.exitCode == 2, result.output.constData());
            QVERIFY2(result.errors.contains(words), result.errors.constData());
        };
        refused(generate({u"--temperature"_s, u"0.45"_s}), "0.5 (1/2)");
        refused(generate({u"--temperature"_s, u"0.001"_s, u"--temperature-method"_s, u"exact"_s,
                          u"--most-draws"_s, u"50"_s}),
                "--fall-back");
        refused(generate({u"--steps"_s, u"8"_s}), "Give it 6 steps");
        refused(generate({u"--top-p"_s, u"0.9"_s}), "top-p");
        refused(command("generate", {u"--length"_s, u"26"_s}), "24 or 28");
        refused(command("cost", {u"--length"_s, u"24"_s, u"--schedule"_s, u"F5"_s}), "there are 6 steps");
        refused({u"generate"_s, u"--pool"_s, text(*m_folder / "autoencoder")}, "energy transformer");
        std::filesystem::rename(*m_folder / "autoencoder", *m_folder / "elsewhere");
        refused(generate(), "there is no config.json in");
        refused(generate(), "ae_path");
    }

    void autoregressivePoolsGenerateTokenByToken() {
        const auto reader = writeTinyCausal(*m_folder / "reader", {.vocabulary = 257, .length = 32});
        writeByteTokenizer(reader);
        const CliResult result = runCli({u"generate"_s, u"--pool"_s, u"A="_s + text(reader), u"--samples"_s,
                                         u"2"_s, u"--top-k"_s, u"5"_s, u"--no-timing"_s, u"--json"_s});
        QVERIFY2(result.exitCode == 0, result.errors.constData());
        QCOMPARE(result.json()["schedule"].get<std::string>(), std::string("(A32)"));
        QCOMPARE(result.json()["samples"][0]["tokens"][0].get<int>(), 256); // <|endoftext|>
    }
};

QTEST_GUILESS_MAIN(CliCalmTest)
#include "cli_calm_test.moc"
