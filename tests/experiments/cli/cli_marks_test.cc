// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli_process.h"
#include "engine/runs/run_store.h"
#include "tests/engine/runs/sample_runs.h"
#include "tests/testing/paths.h"

#include <QtTest>

#include <memory>

using namespace steploom;
using namespace steploom::testing;
using namespace Qt::StringLiterals;

class CliMarksTest : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<TemporaryFolder> m_folder;

    CliResult runs(const QString& verb, const QStringList& more = {}) const {
        return runCli(
            QStringList{u"runs"_s, verb, u"--store"_s, text(*m_folder / "runs.sqlite"), u"--json"_s} + more);
    }
    std::vector<std::int64_t> found(const QStringList& more) const {
        std::vector<std::int64_t> ids;
        const nlohmann::json list = runs(u"list"_s, more).json()["runs"];
        for (const nlohmann::json& run : list)
            ids.push_back(run["id"]);
        return ids;
    }

private slots:
    void init() {
        m_folder = std::make_unique<TemporaryFolder>();
        RunStore store(*m_folder / "runs.sqlite");
        for (int i = 0; i < 3; ++i) {
            GenerationRequest request = makeRequest();
            request.seed = static_cast<std::uint64_t>(i + 1);
            const std::int64_t id = store.begin(request, makeProvenance(), makeCost());
            store.addSample(id, makeSample(i));
            store.addMeasure(id, {.name = "entropy", .estimate = {5.0 - i, 4.0 - i, 6.0 - i, 1}});
            store.finish(id, RunState::Finished, 1);
        }
    }

    void runsAreListedByQuerySortedAndGrouped() {
        using Ids = std::vector<std::int64_t>;
        QCOMPARE(found({}), (Ids{3, 2, 1}));
        QCOMPARE(found({u"--limit"_s, u"2"_s}), (Ids{3, 2}));
        QCOMPARE(found({u"--query"_s, u"entropy<5 sample"_s}), (Ids{3, 2}));
        QCOMPARE(found({u"--sort"_s, u"entropy"_s}), (Ids{1, 2, 3}));
        QCOMPARE(found({u"--sort"_s, u"seed"_s, u"--ascending"_s}), (Ids{1, 2, 3}));
        const nlohmann::json groups = runs(u"list"_s, {u"--group"_s, u"settings"_s}).json()["groups"];
        QCOMPARE(groups.size(), std::size_t{1});
        QCOMPARE(groups[0]["runs"].size(), std::size_t{3});
        QCOMPARE(groups[0]["measures"]["entropy"]["value"].get<double>(), 4.0);
        const CliResult wrong = runs(u"list"_s, {u"--query"_s, u"entrpy<5"_s});
        QVERIFY(wrong.exitCode != 0);
        QVERIFY2(wrong.errors.contains("entropy"), wrong.errors.constData());
    }

    void runsAreMarkedBinnedAndRestored() {
        using Ids = std::vector<std::int64_t>;
        QCOMPARE(runs(u"tag"_s, {u"1"_s, u"2"_s, u"--tag"_s, u"owt"_s}).exitCode, 0);
        QCOMPARE(found({u"--query"_s, u"tag:owt"_s}), (Ids{2, 1}));
        QCOMPARE(runs(u"untag"_s, {u"--query"_s, u"seed:1"_s, u"--tag"_s, u"OWT"_s}).exitCode, 0);
        QCOMPARE(runs(u"tags"_s).json()["tags"][0]["runs"].get<int>(), 1);
        QCOMPARE(runs(u"star"_s, {u"3"_s}).exitCode, 0);
        QCOMPARE(found({u"--query"_s, u"starred"_s}), Ids{3});
        QCOMPARE(runs(u"unstar"_s, {u"3"_s}).exitCode, 0);
        QCOMPARE(found({u"--query"_s, u"starred"_s}), Ids{});
        QCOMPARE(runs(u"bin"_s, {u"1"_s, u"2"_s}).exitCode, 0);
        QCOMPARE(found({}), Ids{3});
        QCOMPARE(found({u"--bin"_s}), (Ids{2, 1}));
        QCOMPARE(runs(u"restore"_s, {u"--query"_s, u"seed:2"_s}).json()["runs"].dump(), std::string("[2]"));
        QCOMPARE(runs(u"empty-bin"_s).json()["removed"].get<int>(), 1);
        QCOMPARE(found({}), (Ids{3, 2}));
        const CliResult nothing = runs(u"bin"_s);
        QVERIFY(nothing.exitCode != 0);
        QVERIFY2(nothing.errors.contains("--query"), nothing.errors.constData());
    }

    void theFileIsCheckedAndCopied() {
        QVERIFY(runs(u"check"_s).json()["faults"].empty());
        const QString copy = text(*m_folder / "copy.sqlite");
        QCOMPARE(runs(u"backup"_s, {copy}).exitCode, 0);
        QCOMPARE(RunStore(copy.toStdString()).count(), 3);
    }
};

QTEST_GUILESS_MAIN(CliMarksTest)
#include "cli_marks_test.moc"
