// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli_process.h"
#include "engine/runs/run_store.h"
#include "tests/engine/runs/sample_runs.h"
#include "tests/testing/paths.h"

#include <QFile>
#include <QtTest>

#include <memory>

using namespace steploom;
using namespace steploom::testing;
using namespace Qt::StringLiterals;

class CliSchedulesTest : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<TemporaryFolder> m_folder;

    CliResult schedules(const QStringList& words) const {
        return runCli(QStringList{u"schedules"_s} + words +
                      QStringList{u"--store"_s, text(*m_folder / "runs.sqlite")});
    }
    std::string notation(const QString& name) const {
        return schedules({u"show"_s, name, u"--json"_s}).json()["notation"].get<std::string>();
    }

private slots:
    void init() { m_folder = std::make_unique<TemporaryFolder>(); }

    void aLibraryIsKeptFromTheFirstSaveOn() {
        QCOMPARE(schedules({u"list"_s}).exitCode, 1); // no file is no empty library
        const nlohmann::json saved =
            schedules({u"save"_s, u"Light ends"_s, u"(L32,H192,L32)"_s, u"--json"_s}).json();
        QCOMPARE(saved["steps"].get<int>(), 256);
        QCOMPARE(saved["shares"]["L"].get<double>(), 0.25);
        QCOMPARE(saved["segments"][1]["from"].get<int>(), 32);
        QCOMPARE(schedules({u"save"_s, u"tail"_s, u"tail:25%"_s, u"--steps"_s, u"8"_s}).exitCode, 0);
        const nlohmann::json list = schedules({u"list"_s, u"--json"_s}).json()["schedules"];
        QCOMPARE(list.size(), std::size_t{2});
        QCOMPARE(list[1]["notation"].get<std::string>(), std::string("(H6,L2)"));
        const CliResult plain = schedules({u"list"_s});
        QVERIFY2(plain.output.contains("Light ends"), plain.output.constData());
        QCOMPARE(schedules({u"rename"_s, u"tail"_s, u"late"_s}).exitCode, 0);
        QCOMPARE(notation(u"LATE"_s), std::string("(H6,L2)"));
        QCOMPARE(schedules({u"remove"_s, u"late"_s}).exitCode, 0);
        QCOMPARE(schedules({u"list"_s, u"--json"_s}).json()["schedules"].size(), std::size_t{1});
    }

    void everyFormOfTheNotationIsTaken() {
        for (const QString& form :
             {u"(L32,H192,L32)"_s, u"(L12.5%,H75%,L12.5%)"_s, u"(L>87.5%,H>12.5%,L>0%)"_s, u"sandwich"_s}) {
            QCOMPARE(schedules({u"save"_s, u"ends"_s, form, u"--replace"_s}).exitCode, 0);
            QCOMPARE(notation(u"ends"_s), std::string("(L32,H192,L32)"));
        }
        QVERIFY(schedules({u"show"_s, u"ends"_s, u"--unit"_s, u"masked"_s})
                    .output.contains("(L>87.5%,H>12.5%,L>0%)"));
    }

    void whatShowPrintsIsAFileToReadFrom() {
        schedules({u"save"_s, u"ends"_s, u"(L32,H192,L32)"_s});
        const QString path = text(*m_folder / "ends.schedule");
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(schedules({u"show"_s, u"ends"_s}).output);
        file.close();
        QCOMPARE(schedules({u"save"_s, u"copy"_s, u"@"_s + path}).exitCode, 0);
        QCOMPARE(notation(u"copy"_s), std::string("(L32,H192,L32)"));
        const CliResult absent = schedules({u"save"_s, u"other"_s, u"@/no/such/file"_s});
        QCOMPARE(absent.exitCode, 1);
        QVERIFY2(absent.errors.contains("No such file"), absent.errors.constData());
    }

    void aSavedScheduleIsTakenByItsName() {
        schedules({u"save"_s, u"Light ends"_s, u"(L2,H4,L2)"_s});
        const auto cost = [&](const QString& schedule, const QStringList& more = {}) {
            const QString pair = text(resourcePath("checkpoints"));
            return runCli(QStringList{u"cost"_s, u"--model"_s, u"H="_s + pair + u"/heavy"_s, u"--model"_s,
                                      u"L="_s + pair + u"/light"_s, u"--schedule"_s, schedule,
                                      u"--no-timing"_s, u"--store"_s, text(*m_folder / "runs.sqlite"),
                                      u"--json"_s} +
                          more);
        };
        const nlohmann::json saved = cost(u"saved:light ENDS"_s).json();
        QCOMPARE(saved, cost(u"(L2,H4,L2)"_s).json());
        QVERIFY(saved != cost(u"(H8)"_s).json());
        QVERIFY(cost(u"saved:light middle"_s).errors.contains("\"Light ends\""));
        QVERIFY(cost(u"saved:light ends"_s, {u"--steps"_s, u"9"_s}).errors.contains("it has 8 steps"));
    }

    void theScheduleOfARunCanBeKept() {
        StepSchedule schedule;
        {
            RunStore store(*m_folder / "runs.sqlite");
            store.begin(makeRequest(), makeProvenance(), makeCost());
            schedule = store.summary(1).request.schedule;
        }
        QCOMPARE(schedules({u"save"_s, u"of run 1"_s, u"--run"_s, u"1"_s}).exitCode, 0);
        QCOMPARE(notation(u"of run 1"_s), printSchedule(schedule));
        QCOMPARE(schedules({u"save"_s, u"of run 2"_s, u"--run"_s, u"2"_s}).exitCode, 1);
    }

    void wrongUseIsSaid() {
        schedules({u"save"_s, u"ends"_s, u"(L32,H192,L32)"_s});
        const CliResult taken = schedules({u"save"_s, u"ENDS"_s, u"(H1)"_s});
        QCOMPARE(taken.exitCode, 1);
        QVERIFY2(taken.errors.contains("is taken"), taken.errors.constData());
        QCOMPARE(schedules({u"save"_s, u"both"_s, u"(H1)"_s, u"--run"_s, u"1"_s}).exitCode, 2);
        QCOMPARE(schedules({u"save"_s, u"none"_s}).exitCode, 2);
        QVERIFY(schedules({u"remove"_s, u"nobody"_s}).errors.contains("\"ends\""));
        QVERIFY(schedules({u"save"_s, u"bad"_s, u"(L>50%,H>60%)"_s}).errors.contains("fall"));
        QCOMPARE(schedules({u"show"_s}).exitCode, 2);
        QCOMPARE(runCli({u"schedules"_s}).exitCode, 2);
    }
};

QTEST_GUILESS_MAIN(CliSchedulesTest)
#include "cli_schedules_test.moc"
