// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli_process.h"
#include "tests/testing/paths.h"

#include <QtTest>

#include <memory>

using namespace steploom::testing;
using namespace Qt::StringLiterals;

class CliBundlesTest : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<TemporaryFolder> m_folder;
    std::unique_ptr<TinyPool> m_pool;

    QString path(const std::string& name) const { return text(*m_folder / name); }
    CliResult runs(const QString& verb, const QStringList& more, const std::string& store) const {
        return runCli(QStringList{u"runs"_s, verb, u"--store"_s, path(store), u"--json"_s} + more);
    }
    void generate(int seed) const {
        const CliResult result =
            runCli(QStringList{u"generate"_s} + m_pool->models() +
                   QStringList{u"--schedule"_s, u"(L2,H4,L2)"_s, u"--samples"_s, u"2"_s, u"--seed"_s,
                               QString::number(seed), u"--threads"_s, u"1"_s, u"--no-timing"_s, u"--store"_s,
                               path("here.sqlite")});
        QVERIFY2(result.exitCode == 0, result.errors.constData());
    }

private slots:
    void init() {
        m_folder = std::make_unique<TemporaryFolder>();
        m_pool = std::make_unique<TinyPool>(m_folder->path() / "models");
        std::filesystem::create_directories(*m_folder / "there");
    }

    void runsTravelWithTheirModelsAndAreVerifiedThere() {
        generate(1);
        generate(2);
        const QString file = path("all.steploom");
        const CliResult written =
            runs(u"export"_s, {u"--out"_s, file, u"--with-checkpoints"_s}, "here.sqlite");
        QVERIFY2(written.exitCode == 0, written.errors.constData());
        QCOMPARE(written.json()["runs"].size(), std::size_t{2});
        QCOMPARE(written.json()["checkpoints"].size(), std::size_t{2});
        std::filesystem::remove_all(*m_folder / "models");

        const CliResult read = runs(u"import"_s, {file}, "there/runs.sqlite");
        QVERIFY2(read.exitCode == 0, read.errors.constData());
        QCOMPARE(read.json()["added"].get<int>(), 2);
        QVERIFY(read.json()["checkpoints"][0]["unpacked"].get<bool>());
        QCOMPARE(read.json()["runs"][1]["outcome"].get<std::string>(), std::string("added"));
        const CliResult again = runs(u"import"_s, {file}, "there/runs.sqlite");
        QCOMPARE(again.json()["known"].get<int>(), 2);
        QVERIFY(runCli({u"runs"_s, u"import"_s, file, u"--store"_s, path("there/runs.sqlite")})
                    .output.startsWith("0 runs added, 0 completed, 2 known\n"));

        const CliResult verified = runs(u"verify"_s, {u"--threads"_s, u"1"_s}, "there/runs.sqlite");
        QVERIFY2(verified.exitCode == 0, (verified.output + verified.errors).constData());
        QCOMPARE(verified.json()["identical"].get<int>(), 2);
        QCOMPARE(verified.json()["runs"][0]["compared"].get<int>(), 1);
        // Where they were made the models are gone.
        const CliResult lost = runs(u"verify"_s, {u"1"_s}, "here.sqlite");
        QCOMPARE(lost.exitCode, 1);
        QCOMPARE(lost.json()["not_verified"].get<int>(), 1);
        QVERIFY2(lost.json()["runs"][0]["reason"]["why"].get<std::string>().find("not there") !=
                     std::string::npos,
                 lost.output.constData());
    }

    void aDamagedFileChangesNothing() {
        generate(1);
        const QString file = path("all.steploom");
        QCOMPARE(runs(u"export"_s, {u"1"_s, u"--out"_s, file}, "here.sqlite").exitCode, 0);
        const std::string whole = readText(*m_folder / "all.steploom");
        writeText(*m_folder / "all.steploom", whole.substr(0, whole.size() / 2));
        const CliResult result = runs(u"import"_s, {file}, "there/runs.sqlite");
        QCOMPARE(result.exitCode, 1);
        QVERIFY(result.json()["error"]["where"].get<std::string>().find("all.steploom") != std::string::npos);
        QVERIFY(runs(u"list"_s, {}, "there/runs.sqlite").json()["runs"].empty());
    }

    void pruningSaysWhatItWouldDoAndDoesItOnlyWhenTold() {
        for (int seed = 1; seed <= 3; ++seed)
            generate(seed);
        const QStringList condition{u"--keep-newest"_s, u"1"_s, u"--state"_s, u"finished"_s};
        const CliResult dry = runs(u"prune"_s, condition, "here.sqlite");
        QCOMPARE(dry.exitCode, 0);
        QCOMPARE(dry.json()["runs"].dump(), std::string("[2,1]"));
        QVERIFY(!dry.json()["removed"].get<bool>());
        QCOMPARE(runs(u"list"_s, {}, "here.sqlite").json()["runs"].size(), std::size_t{3});
        QVERIFY(runs(u"prune"_s, condition + QStringList{u"--yes"_s}, "here.sqlite")
                    .json()["removed"]
                    .get<bool>());
        const nlohmann::json left = runs(u"list"_s, {}, "here.sqlite").json()["runs"];
        QCOMPARE(left.size(), std::size_t{1});
        QCOMPARE(left[0]["id"].get<int>(), 3);
        QVERIFY(runs(u"prune"_s, {u"--older-than"_s, u"1"_s}, "here.sqlite").json()["runs"].empty());
        const CliResult unconditional = runs(u"prune"_s, {u"--yes"_s}, "here.sqlite");
        QCOMPARE(unconditional.exitCode, 2);
        QVERIFY(unconditional.errors.contains("--keep-newest"));
    }
};

QTEST_GUILESS_MAIN(CliBundlesTest)
#include "cli_bundles_test.moc"
