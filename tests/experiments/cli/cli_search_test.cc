// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli_process.h"
#include "engine/runs/run_store.h"
#include "tests/testing/paths.h"

#include <QProcess>
#include <QtTest>

#include <set>

using namespace steploom;
using namespace steploom::testing;
using namespace Qt::StringLiterals;

class CliSearchTest : public QObject {
    Q_OBJECT

private:
    TemporaryFolder m_folder;
    const QString m_checkpoints = text(resourcePath("checkpoints"));

    QStringList words(const QString& store, const QStringList& more = {}, const QString& segments = u"3"_s,
                      const QString& light = u"1"_s) const {
        return QString(
                   "search --model H=%1/heavy:bf16 --model L=%1/light:bf16 --evaluator %1/reader --steps 12 "
                   "--length 24 --samples 4 --no-timing --segments %2 --light %3 --store %4")
                   .arg(m_checkpoints, segments, light, text(m_folder / store.toStdString()))
                   .split(u' ') +
               more;
    }

private slots:
    void allChoicesAreHeldAgainstAllHeavy() {
        const CliResult result = runCli(words(u"a.sqlite"_s, {u"--json"_s}));
        QVERIFY2(result.exitCode == 0, result.errors.constData());
        const nlohmann::json json = result.json();
        QCOMPARE(json["entries"].size(), std::size_t{3});
        std::set<std::string> schedules;
        for (const nlohmann::json& entry : json["entries"]) {
            schedules.insert(entry["schedule"].get<std::string>());
            QCOMPARE(entry["nats_per_token"]["n"].get<int>(), 4);
            QVERIFY(entry["saved"].get<double>() > 0);
        }
        QCOMPARE(schedules, (std::set<std::string>{"(L4,H8)", "(H4,L4,H4)", "(H8,L4)"}));
        const RunStore store(m_folder / "a.sqlite");
        QCOMPARE(store.count(), 4);
        QCOMPARE(printSchedule(store.summary(json["baseline"].get<std::int64_t>()).request.schedule),
                 std::string("(H12)"));
    }

    void killedInTheMiddleItComesToTheSameTable() {
        const QByteArray whole = runCli(words(u"whole.sqlite"_s)).output;
        QProcess process;
        process.start(QStringLiteral(STEPLOOM_CLI), words(u"killed.sqlite"_s));
        QVERIFY(process.waitForStarted());
        // As soon as the second run has begun; a quick machine may have finished more of them.
        const std::filesystem::path file = m_folder / "killed.sqlite";
        QTRY_VERIFY_WITH_TIMEOUT(std::filesystem::exists(file) && RunStore(file).count() >= 2, 30'000);
        process.kill();
        QVERIFY(process.waitForFinished());
        const CliResult resumed = runCli(words(u"killed.sqlite"_s, {u"--resume"_s}));
        QVERIFY2(resumed.exitCode == 0, resumed.errors.constData());
        QVERIFY2(resumed.errors.contains("in the store"), resumed.errors.constData());
        QCOMPARE(resumed.output, whole);
    }

    void whatExplodesIsNotBegunByMistake() {
        const CliResult many = runCli(words(u"b.sqlite"_s, {}, u"12"_s, u"6"_s));
        QVERIFY(many.exitCode != 0);
        QVERIFY2(many.errors.contains("924 schedules") && many.errors.contains("--yes"),
                 many.errors.constData());
        const CliResult some =
            runCli(words(u"b.sqlite"_s, {u"--most"_s, u"2"_s, u"--json"_s}, u"12"_s, u"6"_s));
        QVERIFY2(some.exitCode == 0, some.errors.constData());
        QCOMPARE(some.json()["entries"].size(), std::size_t{2});
        const CliResult wide = runCli(words(u"b.sqlite"_s, {}, u"13"_s));
        QVERIFY2(wide.errors.contains("the number of steps"), wide.errors.constData());
        const CliResult one = runCli({u"search"_s, u"--model"_s, m_checkpoints + u"/heavy"_s,
                                      u"--evaluator"_s, m_checkpoints + u"/reader"_s});
        QVERIFY2(one.errors.contains("one model only"), one.errors.constData());
    }
};

QTEST_GUILESS_MAIN(CliSearchTest)
#include "cli_search_test.moc"
