// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli_process.h"
#include "tests/testing/paths.h"

#include <QDeadlineTimer>
#include <QtTest>

using namespace steploom::testing;
using namespace Qt::StringLiterals;

class CliInterruptedTest : public QObject {
    Q_OBJECT

private:
    static constexpr int kPatience = 120'000; // ms

    static nlohmann::json onlyRun(const QString& store) {
        const nlohmann::json list = runCli({u"runs"_s, u"list"_s, u"--store"_s, store, u"--json"_s}).json();
        return list.contains("runs") && list["runs"].size() == 1 ? list["runs"][0] : nlohmann::json();
    }

    /// A generation that would take far longer than the test, let go on until it has finished some samples.
    static void startLongGeneration(QProcess& process, const TinyPool& pool, const QString& store) {
        startCli(process, QStringList{u"generate"_s} + pool.models() +
                              QStringList{u"--schedule"_s, u"(L8,H16,L8)"_s, u"--samples"_s, u"500000"_s,
                                          u"--batch"_s, u"2"_s, u"--threads"_s, u"1"_s, u"--no-timing"_s,
                                          u"--store"_s, store, u"--json"_s});
        const QDeadlineTimer deadline(kPatience);
        while (!deadline.hasExpired() && process.state() == QProcess::Running) {
            const nlohmann::json run = onlyRun(store);
            if (run.is_object() && run["samples_finished"].get<int>() >= 3)
                return;
        }
        QFAIL("no sample was finished in time");
    }

private slots:
    void killedInTheMiddleARunKeepsItsSamplesAndRepeatsThem() {
        const TemporaryFolder folder;
        const TinyPool pool(folder.path());
        const QString store = text(folder / "runs.sqlite");
        QProcess process;
        startLongGeneration(process, pool, store);
        process.kill(); // SIGKILL
        QVERIFY(process.waitForFinished(kPatience));

        const nlohmann::json run = onlyRun(store);
        QCOMPARE(run["state"].get<std::string>(), std::string("cut off"));
        const int finished = run["samples_finished"].get<int>();
        QVERIFY(finished >= 3);

        const CliResult again = runCli({u"runs"_s, u"rerun"_s, QString::fromStdString(run["id"].dump()),
                                        u"--store"_s, store, u"--json"_s});
        QVERIFY2(again.exitCode == 0, again.errors.constData());
        QCOMPARE(again.json()["identical"].get<bool>(), true);
        QCOMPARE(again.json()["compared"].get<int>(), finished);
    }

    void stoppedByASignalItPrintsAndKeepsWhatIsFinished() {
        const TemporaryFolder folder;
        const TinyPool pool(folder.path());
        const QString store = text(folder / "runs.sqlite");
        QProcess process;
        startLongGeneration(process, pool, store);
        process.terminate(); // SIGTERM
        QVERIFY(process.waitForFinished(kPatience));
        QCOMPARE(process.exitStatus(), QProcess::NormalExit);
        QCOMPARE(process.exitCode(), 1);
        const auto json =
            nlohmann::json::parse(process.readAllStandardOutput().toStdString(), nullptr, false);
        QCOMPARE(json["stopped"].get<bool>(), true);
        QVERIFY(json["samples"].size() >= 3);
        QVERIFY(process.readAllStandardError().contains("stopped"));

        const nlohmann::json run = onlyRun(store);
        QCOMPARE(run["state"].get<std::string>(), std::string("stopped"));
        QCOMPARE(run["samples_finished"].get<std::size_t>(), json["samples"].size());
    }
};

QTEST_GUILESS_MAIN(CliInterruptedTest)
#include "cli_interrupted_test.moc"
