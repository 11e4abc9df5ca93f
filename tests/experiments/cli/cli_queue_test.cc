// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli_process.h"
#include "engine/analyses/analysis_order.h"
#include "engine/runs/known_importance.h"
#include "engine/runs/run_store.h"
#include "tests/testing/paths.h"

#include <QDeadlineTimer>
#include <QtTest>

#include <memory>

using namespace steploom;
using namespace steploom::testing;
using namespace Qt::StringLiterals;

class CliQueueTest : public QObject {
    Q_OBJECT

private:
    static constexpr int kPatience = 120'000; // ms

    std::unique_ptr<TemporaryFolder> m_folder;
    std::unique_ptr<TinyPool> m_pool;

    QStringList words(const QStringList& more) const {
        return QStringList{u"queue"_s} + more + QStringList{u"--store"_s, text(*m_folder / "runs.sqlite")};
    }
    CliResult queue(const QStringList& more) const { return runCli(words(more)); }
    CliResult add(const QStringList& more, int samples = 2) const {
        return queue(QStringList{u"add"_s} + m_pool->models() + more +
                     QStringList{u"--samples"_s, QString::number(samples), u"--batch"_s, u"2"_s});
    }
    nlohmann::json list() const { return queue({u"list"_s, u"--json"_s}).json()["queue"]; }
    /// "1 3 2": the items in order.
    std::string order() const {
        std::string ids;
        for (const nlohmann::json& item : list())
            ids += (ids.empty() ? "" : " ") + item["id"].dump();
        return ids;
    }
    nlohmann::json runs() const {
        return runCli({u"runs"_s, u"list"_s, u"--store"_s, text(*m_folder / "runs.sqlite"), u"--json"_s})
            .json()["runs"];
    }

private slots:
    void init() {
        m_folder = std::make_unique<TemporaryFolder>();
        m_pool = std::make_unique<TinyPool>(m_folder->path());
    }

    void severalSchedulesUnderSeveralSeedsRunUntilNothingWaits() {
        const CliResult added = add({u"--schedule"_s, u"(L2,H4,L2)"_s, u"--schedule"_s, u"all heavy"_s,
                                     u"--steps"_s, u"8"_s, u"--seeds"_s, u"3,5"_s, u"--json"_s});
        QVERIFY2(added.exitCode == 0, added.errors.constData());
        QCOMPARE(added.json()["added"].size(), std::size_t{4});
        QCOMPARE(list()[2]["request"]["seed"].get<int>(), 5);
        QVERIFY(queue({u"list"_s}).output.contains("all heavy"));

        QCOMPARE(queue({u"move"_s, u"4"_s, u"--first"_s}).exitCode, 0);
        QCOMPARE(queue({u"move"_s, u"1"_s, u"--last"_s}).exitCode, 0);
        QCOMPARE(queue({u"move"_s, u"3"_s, u"--before"_s, u"2"_s}).exitCode, 0);
        QCOMPARE(order(), std::string("4 3 2 1"));
        QCOMPARE(queue({u"remove"_s, u"2"_s}).exitCode, 0);

        const CliResult ran = queue({u"run"_s, u"--json"_s});
        QVERIFY2(ran.exitCode == 0, ran.errors.constData());
        const nlohmann::json made = ran.json()["runs"];
        QCOMPARE(made.size(), std::size_t{3});
        QCOMPARE(made[0]["item"].get<int>(), 4);
        QCOMPARE(made[2]["samples"].get<int>(), 2);
        QCOMPARE(ran.json()["left"].size(), std::size_t{0});
        QCOMPARE(runs().size(), std::size_t{3});
        QCOMPARE(order(), std::string());
    }

    void aFailedItemIsMarkedAndTheOthersRun() {
        QCOMPARE(add({u"--schedule"_s, u"(H4)"_s}).exitCode, 0);
        // The tokenizer is looked for when its turn comes.
        QCOMPARE(add({u"--schedule"_s, u"(H4)"_s, u"--tokenizer"_s, text(*m_folder / "nowhere")}).exitCode,
                 0);
        QCOMPARE(queue({u"move"_s, u"2"_s, u"--first"_s}).exitCode, 0);
        const CliResult ran = queue({u"run"_s, u"--json"_s});
        QCOMPARE(ran.exitCode, 1);
        QCOMPARE(ran.json()["runs"].size(), std::size_t{1});
        QCOMPARE(ran.json()["failed"][0]["item"].get<int>(), 2);
        QCOMPARE(list()[0]["state"].get<std::string>(), std::string("failed"));
        QVERIFY(queue({u"list"_s}).output.contains("failed"));
        QCOMPARE(queue({u"clear"_s, u"--failed"_s}).exitCode, 0);
        QCOMPARE(order(), std::string());
    }

    void interruptedAnItemWaitsAndGoesOnWhereItWas() {
        QCOMPARE(add({u"--schedule"_s, u"(L8,H16,L8)"_s}, 500'000).exitCode, 0);
        const auto runUntilSamples = [&](QProcess& process, int samples) {
            startCli(process, words({u"run"_s, u"--threads"_s, u"1"_s, u"--json"_s}));
            const QDeadlineTimer deadline(kPatience);
            while (!deadline.hasExpired() && process.state() == QProcess::Running)
                if (list()[0]["finished_samples"].get<int>() >= samples)
                    return;
            QFAIL("no sample was finished in time");
        };
        QProcess stopped;
        runUntilSamples(stopped, 3);
        stopped.terminate();
        QVERIFY(stopped.waitForFinished(kPatience));
        QCOMPARE(stopped.exitCode(), 1);
        const nlohmann::json waiting = list()[0];
        QCOMPARE(waiting["state"].get<std::string>(), std::string("waiting"));
        const int finished = waiting["finished_samples"].get<int>();
        QVERIFY(finished >= 3);

        QProcess killed;
        runUntilSamples(killed, finished + 1);
        killed.kill(); // SIGKILL
        QVERIFY(killed.waitForFinished(kPatience));
        QCOMPARE(list()[0]["state"].get<std::string>(), std::string("waiting"));
        QVERIFY(list()[0]["finished_samples"].get<int>() > finished);
        QCOMPARE(runs().size(), std::size_t{1}); // the same run all the time
    }

    void anAnalysisIsListedAndRun() {
        std::string tale;
        for (std::size_t i = 0; i < 600; ++i)
            tale += static_cast<char>('a' + i * i % 26);
        writeText(*m_folder / "tale.txt", tale);
        QCOMPARE(add({u"--schedule"_s, u"(L2,H4)"_s}).exitCode, 0);
        {
            RunStore store(*m_folder / "runs.sqlite");
            const GenerationRequest request = store.listQueue().at(0).request;
            const auto importance = [&](const std::string& text) {
                return orderJson(ImportanceOrder{text, {.times = 3, .windows = 4, .length = 8}});
            };
            store.addToQueue(std::vector<WantedGeneration>{
                {"", request, importance((*m_folder / "tale.txt").string())},
                {"mine", request, importance((*m_folder / "nowhere.txt").string())}});
        }
        QCOMPARE(list()[1]["analysis"]["kind"].get<std::string>(), std::string(kImportanceKind));
        QVERIFY(list()[0]["analysis"].is_null());
        const QByteArray listed = queue({u"list"_s}).output;
        QVERIFY(listed.contains("Importance, 4 windows"));
        QVERIFY(listed.contains("mine"));
        const CliResult ran = queue({u"run"_s, u"--json"_s});
        QCOMPARE(ran.exitCode, 1);
        QCOMPARE(ran.json()["runs"].size(), std::size_t{1});
        QCOMPARE(ran.json()["analyses"].size(), std::size_t{1});
        QCOMPARE(ran.json()["analyses"][0]["item"].get<int>(), 2);
        QVERIFY(ran.json()["analyses"][0]["finished"].get<bool>());
        QCOMPARE(ran.json()["failed"][0]["item"].get<int>(), 3);
        QCOMPARE(order(), std::string("3"));
        QCOMPARE(RunStore(*m_folder / "runs.sqlite").listAnalyses(kImportanceKind).size(), std::size_t{1});
    }

    void anAnalysisOfACheckpointThatHasChangedFails() {
        QCOMPARE(add({u"--schedule"_s, u"(L2,H4)"_s}).exitCode, 0);
        {
            RunStore store(*m_folder / "runs.sqlite");
            WantedGeneration wanted{"", store.listQueue().at(0).request, orderJson(SearchOrder{})};
            wanted.request.pool.at(1).sha256 = std::string(64, '0'); // as it was when it was queued
            store.addToQueue(std::vector{wanted});
        }
        const CliResult ran = queue({u"run"_s, u"--json"_s});
        QCOMPARE(ran.exitCode, 1);
        QCOMPARE(ran.json()["runs"].size(), std::size_t{1});
        const nlohmann::json left = list().at(0);
        QCOMPARE(left["state"].get<std::string>(), std::string("failed"));
        QVERIFY(QString::fromStdString(left["error"]["why"].get<std::string>()).contains(u"SHA-256"_s));
        QVERIFY(QString::fromStdString(left["error"]["remedy"].get<std::string>()).contains(u"anew"_s));
    }

    void wrongUseIsExplainedAndNothingIsAdded() {
        const CliResult seeds = add({u"--schedule"_s, u"(H4)"_s, u"--seeds"_s, u"8-1"_s});
        QCOMPARE(seeds.exitCode, 2);
        QVERIFY(seeds.errors.contains("before it begins"));
        QCOMPARE(add({u"--schedule"_s, u"(H4)"_s, u"--schedule"_s, u"(X4)"_s}).exitCode, 2);
        QCOMPARE(add({}).exitCode, 2);
        QCOMPARE(queue({u"list"_s}).exitCode, 1); // no file is no empty queue
        QCOMPARE(add({u"--schedule"_s, u"(H4)"_s}).exitCode, 0);
        QCOMPARE(queue({u"move"_s, u"1"_s}).exitCode, 2);
        QCOMPARE(queue({u"move"_s, u"9"_s, u"--last"_s}).exitCode, 1);
        const CliResult gone = queue({u"remove"_s, u"1"_s, u"9"_s});
        QCOMPARE(gone.exitCode, 1);
        QVERIFY(gone.errors.contains("no item 9"));
        QCOMPARE(order(), std::string("1"));
    }
};

QTEST_GUILESS_MAIN(CliQueueTest)
#include "cli_queue_test.moc"
