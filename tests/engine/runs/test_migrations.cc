// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/migrations.h"
#include "engine/runs/run_json.h"
#include "engine/runs/run_store.h"
#include "tests/engine/runs/sample_runs.h"
#include "tests/engine/runs/sample_trainings.h"
#include "tests/testing/errors.h"
#include "tests/testing/paths.h"

#include <QtTest>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <array>

using namespace steploom;
using namespace steploom::testing;

namespace {

// A made-up history: three schemas of a store of notes.
constexpr Migration kOne{1, "CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT);"};
constexpr Migration kTwo{2, "ALTER TABLE notes ADD COLUMN stars INTEGER NOT NULL DEFAULT 0;"};
constexpr Migration kThree{3, "CREATE TABLE tags (note INTEGER, tag TEXT); UPDATE notes SET stars = 5;"};
constexpr std::array kPast{kOne};
constexpr std::array kPresent{kOne, kTwo, kThree};
/// Its second statement fails after the first has done its work.
constexpr std::array kBroken{kOne, Migration{2, "UPDATE notes SET text = 'lost'; SELECT * FROM nowhere;"}};

SQLite::Database open(const std::filesystem::path& file) {
    return SQLite::Database(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
}

void writePast(const std::filesystem::path& file) {
    SQLite::Database database = open(file);
    migrate(database, file, kPast);
    database.exec("INSERT INTO notes (text) VALUES ('kept')");
}

int version(SQLite::Database& database) { return database.execAndGet("PRAGMA user_version").getInt(); }

std::vector<std::string> schema(SQLite::Database& database) {
    std::vector<std::string> lines;
    SQLite::Statement rows(database,
                           "SELECT name || ' ' || type || ' ' || \"notnull\" FROM "
                           "(SELECT m.name AS t, p.* FROM sqlite_master m, pragma_table_info(m.name) p "
                           "WHERE m.type = 'table') ORDER BY t, cid");
    while (rows.executeStep())
        lines.push_back(rows.getColumn(0).getString());
    // What else there is, word for word.
    SQLite::Statement others(database,
                             "SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_master "
                             "WHERE type <> 'table' ORDER BY name");
    while (others.executeStep())
        lines.push_back(others.getColumn(0).getString());
    return lines;
}

/// A run and a sample with a text, as a program of schema 4 or later wrote them.
void insertRun(SQLite::Database& database, int id, const GenerationRequest& request, const std::string& note,
               const std::string& text) {
    SQLite::Statement run(
        database, "INSERT INTO runs (id, state, started, finished_samples, process_id, process_start, "
                  "boot_id, schedule, note, request, cost, provenance) VALUES (?, 'finished', "
                  "'2026-01-01T00:00:00Z', 1, 1, 1, '', '(L4,H8,L4)', ?, ?, ?, ?)");
    run.bind(1, id);
    run.bind(2, note);
    run.bind(3, nlohmann::json(request).dump());
    run.bind(4, nlohmann::json(makeCost()).dump());
    run.bind(5, nlohmann::json(makeProvenance()).dump());
    run.exec();
    SQLite::Statement sample(database,
                             "INSERT INTO samples (run, sample, flops, seconds, calls, text, trace) "
                             "VALUES (?, 0, 1, 1, '{}', ?, x'0100')");
    sample.bind(1, id);
    sample.bind(2, text);
    sample.exec();
}

} // namespace

class TestMigrations : public QObject {
    Q_OBJECT

private slots:
    void newFileGetsEveryStep() {
        const TemporaryFolder folder;
        SQLite::Database database = open(folder / "a");
        migrate(database, folder / "a", kPresent);
        QCOMPARE(version(database), 3);
        QCOMPARE(database.execAndGet("PRAGMA application_id").getInt(), kStoreApplicationId);
        QVERIFY(!std::filesystem::exists(folder / "a.v0.bak"));
    }

    void olderFileIsUpgradedAfterACopy() {
        const TemporaryFolder folder;
        writePast(folder / "a");
        {
            SQLite::Database database = open(folder / "a");
            migrate(database, folder / "a", kPresent);
            QCOMPARE(version(database), 3);
            QCOMPARE(database.execAndGet("SELECT text || stars FROM notes").getString(),
                     std::string("kept5"));
        }
        SQLite::Database copy = open(folder / "a.v1.bak");
        QCOMPARE(version(copy), 1);
        QCOMPARE(copy.execAndGet("SELECT text FROM notes").getString(), std::string("kept"));
        QCOMPARE(schema(copy).size(), std::size_t{2});
    }

    void migratedAndFreshSchemasAreTheSame() {
        const TemporaryFolder folder;
        writePast(folder / "old");
        SQLite::Database old = open(folder / "old");
        migrate(old, folder / "old", kPresent);
        SQLite::Database fresh = open(folder / "new");
        migrate(fresh, folder / "new", kPresent);
        QCOMPARE(schema(old), schema(fresh));
    }

    void upToDateFileIsNotCopied() {
        const TemporaryFolder folder;
        writePast(folder / "a");
        SQLite::Database database = open(folder / "a");
        migrate(database, folder / "a", kPast);
        QVERIFY(!std::filesystem::exists(folder / "a.v1.bak"));
    }

    void failingStepLeavesTheSchemaBeforeIt() {
        const TemporaryFolder folder;
        writePast(folder / "a");
        SQLite::Database database = open(folder / "a");
        expectError([&] { migrate(database, folder / "a", kBroken); }, ErrorKind::Store,
                    {"version 2", "nowhere"});
        QCOMPARE(version(database), 1);
        QCOMPARE(database.execAndGet("SELECT text FROM notes").getString(), std::string("kept"));
    }

    void newerFileIsRefusedNamingBothVersions() {
        const TemporaryFolder folder;
        {
            SQLite::Database database = open(folder / "a");
            migrate(database, folder / "a", kPresent);
        }
        SQLite::Database database = open(folder / "a");
        expectError([&] { migrate(database, folder / "a", kPast); }, ErrorKind::Store,
                    {"version 3", "up to 1"});
        QCOMPARE(version(database), 3);
    }

    void copyThatCannotBeWrittenKeepsTheFileAsItWas() {
        const TemporaryFolder folder;
        writePast(folder / "a");
        // A folder stands where the copy should go.
        std::filesystem::create_directories(folder / "a.v1.bak" / "full");
        SQLite::Database database = open(folder / "a");
        expectError([&] { migrate(database, folder / "a", kPresent); }, ErrorKind::Store, {"a.v1.bak"});
        QCOMPARE(version(database), 1);
    }

    void stepsOfTheStoreAreNumberedWithoutGaps() {
        int expected = 1;
        for (const Migration& step : storeMigrations())
            QCOMPARE(step.to, expected++);
        QCOMPARE(expected - 1, RunStore::kSchemaVersion);
    }

    void aStoreOfVersionOneIsReadWithWhatItHas() {
        const TemporaryFolder folder;
        const std::filesystem::path file = folder / "runs.sqlite";
        {
            SQLite::Database past = open(file);
            past.exec(readText(goldenPath("run_store/version_1.sql")));
        }
        {
            RunStore store(file);
            const Run run = store.load(1);
            QCOMPARE(run.summary.state, RunState::Finished);
            QCOMPARE(run.summary.finishedSamples, 5);
            QCOMPARE(run.summary.executedFlops, 7596672.0);
            QCOMPARE(run.summary.calls, (std::map<char, std::int64_t>{{'H', 31}, {'L', 32}}));
            QCOMPARE(run.summary.request.batch, 2);
            QCOMPARE(run.summary.request.pool[1].sha256, std::string("light-sha"));
            QCOMPARE(run.summary.measures.size(), std::size_t{2});
            QCOMPARE(run.provenance.version, std::string("0.1.0"));
            QCOMPARE(run.samples.size(), std::size_t{5});
            QCOMPARE(run.samples[4].text, std::string("mwonnrbquuphucffhazlzctr"));
            QCOMPARE(run.samples[4].trace.tokens[0], 'm' - 'a');
            QVERIFY(run.summary.work == RunWork{}); // nobody counted it then
            // The old run takes what new ones do, and new ones are kept beside it.
            store.setNote(1, "old");
            const std::int64_t next = store.begin(makeRequest(), makeProvenance(), makeCost());
            QCOMPARE(next, 2);
            store.finish(next, RunState::Finished, 1, {{{'H', {1, 1, 2, 3, 4}}}, 2, 5});
            QCOMPARE(store.summary(next).work.members.at('H').rows, 2);
            QCOMPARE(store.beginTraining(makeTraining()), 1);
        }
        SQLite::Database copy = open(folder / "runs.sqlite.v1.bak");
        QCOMPARE(version(copy), 1);
        QCOMPARE(copy.execAndGet("SELECT count(*) FROM samples").getInt(), 5);
        QCOMPARE(copy.execAndGet("SELECT count(*) FROM sqlite_master WHERE name = 'run_work'").getInt(), 0);
    }

    void aStoreOfVersionTwoKeepsItsRunAndTakesTrainings() {
        const TemporaryFolder folder;
        const std::filesystem::path file = folder / "runs.sqlite";
        {
            SQLite::Database past = open(file);
            past.exec(readText(goldenPath("run_store/version_2.sql")));
        }
        {
            RunStore store(file);
            const Run run = store.load(1);
            QCOMPARE(run.summary.state, RunState::Finished);
            QCOMPARE(run.samples.size(), std::size_t{3});
            QCOMPARE(run.summary.work.batch, 2);
            QCOMPARE(run.summary.work.members.at('H').rows, 37);
            QCOMPARE(run.summary.measures.size(), std::size_t{2});
            QVERIFY(store.listTrainings().empty());
            const std::int64_t training = store.beginTraining(makeTraining());
            store.addTrainingPoints(training, makeCurve(30));
            QCOMPARE(store.loadTraining(training).points.size(), std::size_t{3});
        }
        SQLite::Database copy = open(folder / "runs.sqlite.v2.bak");
        QCOMPARE(version(copy), 2);
        QCOMPARE(copy.execAndGet("SELECT count(*) FROM samples").getInt(), 3);
        QCOMPARE(copy.execAndGet("SELECT count(*) FROM sqlite_master WHERE name LIKE 'training%'").getInt(),
                 0);
    }

    void aStoreOfVersionThreeKeepsItsRunsAndTakesSchedules() {
        const TemporaryFolder folder;
        const std::filesystem::path file = folder / "runs.sqlite";
        {
            SQLite::Database past = open(file);
            past.exec(readText(goldenPath("run_store/version_3.sql")));
        }
        {
            RunStore store(file);
            QCOMPARE(store.load(1).samples.size(), std::size_t{2});
            QCOMPARE(store.loadTraining(1).points.size(), std::size_t{2});
            QVERIFY(store.listSchedules().empty());
            store.saveSchedule("ends", store.summary(1).request.schedule);
            QCOMPARE(printSchedule(store.findSchedule("ends").schedule), std::string("(L4,H8,L4)"));
        }
        SQLite::Database copy = open(folder / "runs.sqlite.v3.bak");
        QCOMPARE(version(copy), 3);
        QCOMPARE(copy.execAndGet("SELECT count(*) FROM samples").getInt(), 2);
        QCOMPARE(copy.execAndGet("SELECT count(*) FROM sqlite_master WHERE name = 'schedules'").getInt(), 0);
    }

    void aStoreOfVersionFourKeepsItsRunsAndTakesBranches() {
        const TemporaryFolder folder;
        const std::filesystem::path file = folder / "runs.sqlite";
        {
            SQLite::Database past = open(file);
            migrate(past, file, storeMigrations().first(4));
            past.exec(
                "INSERT INTO runs (state, started, process_id, process_start, boot_id, schedule, request, "
                "cost, provenance) VALUES ('finished', '2026-01-01T00:00:00Z', 1, 1, '', 'H16', '" +
                nlohmann::json(makeRequest()).dump() + "', '" + nlohmann::json(makeCost()).dump() + "', '" +
                nlohmann::json(makeProvenance()).dump() + "')");
        }
        RunStore store(file);
        QVERIFY(!store.summary(1).request.branch);
        GenerationRequest request = makeRequest();
        request.branch = branchFrom(makeRequest(), 1, makeSample(0).trace, 26, 4);
        const std::int64_t branch = store.begin(request, makeProvenance(), makeCost());
        QCOMPARE(store.branchesOf(1), std::vector{branch});
        SQLite::Database copy = open(folder / "runs.sqlite.v4.bak");
        QCOMPARE(version(copy), 4);
    }

    void aStoreOfVersionFiveKeepsItsSchedulesAndTakesAQueue() {
        const TemporaryFolder folder;
        const std::filesystem::path file = folder / "runs.sqlite";
        {
            SQLite::Database past = open(file);
            migrate(past, file, storeMigrations().first(5));
            past.exec("INSERT INTO schedules (name, created, notation) "
                      "VALUES ('ends', '2026-01-01T00:00:00Z', '(L4,H8,L4)')");
        }
        RunStore store(file);
        QCOMPARE(printSchedule(store.findSchedule("ends").schedule), std::string("(L4,H8,L4)"));
        QVERIFY(store.listQueue().empty());
        store.addToQueue(std::array{WantedGeneration{"ends", makeRequest()}});
        QVERIFY(store.listQueue().at(0).request == makeRequest());
        SQLite::Database copy = open(folder / "runs.sqlite.v5.bak");
        QCOMPARE(version(copy), 5);
        QCOMPARE(copy.execAndGet("SELECT count(*) FROM sqlite_master WHERE name = 'queue'").getInt(), 0);
    }

    void aStoreOfVersionSixKeepsItsQueueAndTakesAnalyses() {
        const TemporaryFolder folder;
        const std::filesystem::path file = folder / "runs.sqlite";
        {
            SQLite::Database past = open(file);
            migrate(past, file, storeMigrations().first(6));
            past.exec("INSERT INTO queue (position, state, added, name, request) VALUES (1, 'waiting', "
                      "'2026-01-01T00:00:00Z', 'ends', '" +
                      nlohmann::json(makeRequest()).dump() + "')");
        }
        RunStore store(file);
        QVERIFY(store.listQueue().at(0).request == makeRequest());
        QVERIFY(!store.findAnalysis("step importance", {{"length", 128}}));
        store.keepAnalysis(
            {.kind = "step importance", .settings = {{"length", 128}}, .result = {{"windows", 3}}});
        QCOMPARE(store.findAnalysis("step importance", {{"length", 128}})->result["windows"].get<int>(), 3);
        QVERIFY(!store.findAnalysis("step importance", {{"length", 64}}));
        store.keepAnalysis(
            {.kind = "step importance", .settings = {{"length", 128}}, .result = {{"windows", 4}}});
        QCOMPARE(store.findAnalysis("step importance", {{"length", 128}})->result["windows"].get<int>(), 4);
        SQLite::Database copy = open(folder / "runs.sqlite.v6.bak");
        QCOMPARE(version(copy), 6);
    }

    void aQueueOfVersionSevenTakesAnalysesToo() {
        const TemporaryFolder folder;
        const std::filesystem::path file = folder / "runs.sqlite";
        {
            SQLite::Database past = open(file);
            migrate(past, file, storeMigrations().first(7));
            past.exec("INSERT INTO queue (position, state, added, name, request) VALUES (1, 'waiting', "
                      "'2026-01-01T00:00:00Z', 'ends', '" +
                      nlohmann::json(makeRequest()).dump() + "')");
        }
        RunStore store(file);
        QVERIFY(!store.listQueue().at(0).isAnalysis());
        const nlohmann::json search = {{"kind", "segment search"}, {"segments", 10}};
        store.addToQueue(std::array{WantedGeneration{"search", makeRequest(), search}});
        QVERIFY(store.listQueue().at(1).isAnalysis());
        QVERIFY(store.listQueue().at(1).analysis == search);
        QVERIFY(store.listQueue().at(1).request == makeRequest());
        const std::array both{store.listQueue().at(0).id, store.listQueue().at(1).id};
        store.restoreToQueue(store.removeFromQueue(both));
        QVERIFY(!store.listQueue().at(0).isAnalysis());
        QVERIFY(store.listQueue().at(1).analysis == search);
    }

    void runsOfVersionEightAreFound_data() {
        QTest::addColumn<int>("past");
        for (int version = 4; version <= 8; ++version) // the ninth migration fills what runs are found by
            QTest::addRow("version %d", version) << version;
    }
    void runsOfVersionEightAreFound() {
        QFETCH(int, past);
        const TemporaryFolder folder;
        const std::filesystem::path file = folder / "runs.sqlite";
        {
            SQLite::Database database = open(file);
            migrate(database, file, storeMigrations().first(static_cast<std::size_t>(past)));
            insertRun(database, 1, makeRequest(), "", "an early storm");
            insertRun(database, 2, makeFullRequest(), "kept for later", "a calm");
            insertRun(database, 3, makeRequest(), "", "another calm");
            database.exec("UPDATE runs SET request = '{\"pool\":' WHERE id = 3"); // damaged
            database.exec("INSERT INTO measures (run, name, value, n, seconds, unit, estimator, settings) "
                          "VALUES (1, 'entropy', 4.5, 1, 0, 'nats', '', '{}')");
        }
        RunStore store(file);
        using Ids = std::vector<std::int64_t>;
        const auto found = [&](const char* query) {
            return store.findRuns({.text = query, .sort = "id", .descending = false});
        };
        QCOMPARE(found(""), (Ids{1, 2, 3}));
        QCOMPARE(found("storm"), Ids{1});
        QCOMPARE(found("calm"), (Ids{2, 3}));
        QCOMPARE(found("note:later prompt:einmal temperature:0.7"), Ids{2});
        QCOMPARE(found("steps:16 entropy>4 light:0.5"), Ids{1});
        QCOMPARE(found("schedule:\"(L4,H8,L4)\""), (Ids{1, 2, 3}));
        QCOMPARE(store.checkIntegrity(), std::vector<std::string>());
        store.remove(3);
        QCOMPARE(found("calm"), Ids{2});
        QCOMPARE(store.checkIntegrity(), std::vector<std::string>());
        SQLite::Database copy = open(file.string() + ".v" + std::to_string(past) + ".bak");
        QCOMPARE(version(copy), past);
        QCOMPARE(copy.execAndGet("SELECT count(*) FROM runs").getInt(), 3);
    }

    void aStoreOfVersionNineKeepsItsWorkAndTakesDraws() {
        const TemporaryFolder folder;
        const std::filesystem::path file = folder / "runs.sqlite";
        {
            SQLite::Database past = open(file);
            migrate(past, file, storeMigrations().first(9));
            insertRun(past, 1, makeRequest(), "", "a text");
            past.exec("INSERT INTO run_work (run, letter, sample_calls, network_calls, rows, flops, seconds) "
                      "VALUES (1, 'H', 8, 4, 16, 1e9, 2)");
        }
        RunStore store(file);
        const ExecutedWork old = store.summary(1).work.members.at('H');
        QCOMPARE(old.sampleCalls, 8);
        QCOMPARE(old.draws + old.attempts + old.fallBacks, 0);
        RunSample sample = makeSample(0);
        sample.trace.chunkDraws = {0, 200, 200, 5};
        const RunWork work{
            .members = {{'H', {.sampleCalls = 3, .draws = 405, .attempts = 9, .fallBacks = 1}}}};
        const std::int64_t run = store.begin(makeRequest(), makeProvenance(), makeCost());
        store.addSample(run, sample, work);
        QVERIFY(store.summary(run).work.members.at('H') == work.members.at('H'));
        QVERIFY(store.load(run).samples[0].trace.chunkDraws == sample.trace.chunkDraws);
        SQLite::Database copy = open(folder / "runs.sqlite.v9.bak");
        QCOMPARE(version(copy), 9);
    }

    void analysesAreListedByKindNewestFirst() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        store.keepAnalysis({.kind = "segment search", .settings = {{"segments", 4}}, .result = {{"n", 1}}});
        store.keepAnalysis({.kind = "step importance", .settings = {{"length", 64}}, .result = {{"n", 2}}});
        store.keepAnalysis(
            {.kind = "segment search", .settings = {{"segments", 10}}, .result = {{"n", 3}}, .seconds = 7});
        const std::vector<StoredAnalysis> searches = store.listAnalyses("segment search");
        QCOMPARE(searches.size(), std::size_t{2});
        for (const StoredAnalysis& each : searches) {
            const bool ten = each.settings["segments"] == 10;
            QCOMPARE(each.result["n"].get<int>(), ten ? 3 : 1);
            QCOMPARE(each.seconds, ten ? 7.0 : 0.0);
            QVERIFY(!each.created.empty());
        }
        QVERIFY(store.listAnalyses("temperature frontier").empty());
    }

    void aMigratedStoreHasTheTablesOfANewOne_data() {
        QTest::addColumn<QString>("past");
        QTest::newRow("version 1") << "run_store/version_1.sql";
        QTest::newRow("version 2") << "run_store/version_2.sql";
        QTest::newRow("version 3") << "run_store/version_3.sql";
        for (int later = 4; later < RunStore::kSchemaVersion; ++later)
            QTest::addRow("version %d", later) << QString();
    }
    void aMigratedStoreHasTheTablesOfANewOne() {
        QFETCH(QString, past);
        const TemporaryFolder folder;
        {
            SQLite::Database database = open(folder / "old.sqlite");
            if (past.isEmpty()) {
                const int later = QString(QTest::currentDataTag()).section(' ', 1).toInt();
                migrate(database, folder / "old.sqlite",
                        storeMigrations().first(static_cast<std::size_t>(later)));
            } else {
                database.exec(readText(goldenPath(past.toStdString())));
            }
        }
        const RunStore old(folder / "old.sqlite"), fresh(folder / "new.sqlite");
        SQLite::Database migrated = open(old.file()), created = open(fresh.file());
        QCOMPARE(schema(migrated), schema(created));
    }

    void openedStoreIsInWalWithItsNumbers() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        SQLite::Database database = open(folder / "runs.sqlite");
        QCOMPARE(version(database), RunStore::kSchemaVersion);
        QCOMPARE(database.execAndGet("PRAGMA journal_mode").getString(), std::string("wal"));
        QCOMPARE(database.execAndGet("PRAGMA application_id").getInt(), kStoreApplicationId);
    }
};

QTEST_GUILESS_MAIN(TestMigrations)
#include "test_migrations.moc"
