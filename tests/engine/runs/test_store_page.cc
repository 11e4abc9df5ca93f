// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/run_query.h"
#include "engine/runs/run_store.h"
#include "tests/engine/runs/sample_runs.h"
#include "tests/testing/paths.h"

#include <QtTest>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

using namespace steploom;
using namespace steploom::testing;

namespace {

/// The blocks of the page that begin with ``` and a language.
std::vector<std::string> blocks(const std::string& language) {
    const std::string page = readText(STEPLOOM_STORE_PAGE);
    std::vector<std::string> found;
    const std::string opening = "```" + language + "\n";
    for (std::size_t at = page.find(opening); at != std::string::npos; at = page.find(opening, at + 1)) {
        const std::size_t begin = at + opening.size();
        found.push_back(page.substr(begin, page.find("```", begin) - begin));
    }
    return found;
}

} // namespace

class TestStorePage : public QObject {
    Q_OBJECT

private:
    TemporaryFolder m_folder;
    std::filesystem::path file() const { return m_folder / "runs.sqlite"; }

private slots:
    void initTestCase() {
        RunStore store(file());
        for (std::uint64_t seed = 1; seed <= 3; ++seed) {
            GenerationRequest request = makeFullRequest();
            request.seed = seed;
            const std::int64_t id = store.begin(request, makeProvenance(), makeCost());
            store.addSample(id, makeSample(0), makeWork());
            store.addMeasure(id, {.name = "generative_perplexity",
                                  .estimate = {30.0 + static_cast<double>(seed), 29, 35, 4}});
            store.addMeasure(id, {.name = "entropy", .estimate = {4.5, 4, 5, 4}, .unit = "nats"});
            store.finish(id, RunState::Finished, 2);
            store.addTag(std::array{id}, "owt");
            store.addTag(std::array{id}, "first");
        }
        store.setNote(1, "a note");
        store.moveToBin(std::array{std::int64_t{3}});
    }

    void itsQueriesRunInAPlainSqlite() {
        const std::vector<std::string> queries = blocks("sql");
        QVERIFY(queries.size() >= 3);
        // Opened to read, as by another program.
        SQLite::Database database(file().string(), SQLite::OPEN_READONLY);
        for (const std::string& query : queries) {
            SQLite::Statement rows(database, query);
            QVERIFY2(rows.executeStep(), query.c_str());
        }
    }

    void itsExamplesOfQueriesAreRead() {
        const std::vector<std::string> examples = blocks("text");
        QVERIFY(!examples.empty());
        const RunStore store(file());
        for (const QString& line : QString::fromStdString(examples.front()).split('\n', Qt::SkipEmptyParts))
            store.findRuns({.text = line.section("  #", 0, 0).toStdString()});
    }

    void everyTableAndColumnOfItIsThere() {
        const QString page = QString::fromStdString(readText(STEPLOOM_STORE_PAGE));
        SQLite::Database database(file().string(), SQLite::OPEN_READONLY);
        SQLite::Statement tables(database,
                                 "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND "
                                 "name NOT LIKE 'sqlite%' AND name NOT LIKE 'run_text_%'");
        while (tables.executeStep()) {
            const std::string name = tables.getColumn(0).getString();
            QVERIFY2(page.contains(QString::fromStdString('`' + name + '`')), name.c_str());
        }
        for (const char* view : {"run_summary", "measure_long"}) {
            SQLite::Statement columns(database, "SELECT name FROM pragma_table_info(?)");
            columns.bind(1, view);
            while (columns.executeStep()) {
                const std::string name = columns.getColumn(0).getString();
                QVERIFY2(page.contains(QString::fromStdString(name)), name.c_str());
            }
        }
    }

    void viewsShowARowARunAndARowAMeasureWithoutTheBin() {
        SQLite::Database database(file().string(), SQLite::OPEN_READONLY);
        SQLite::Statement run(database,
                              "SELECT count(*) OVER (), tags, note, generative_perplexity, entropy_low, "
                              "light_share, schedule, seed FROM run_summary ORDER BY run");
        QVERIFY(run.executeStep());
        QCOMPARE(run.getColumn(0).getInt(), 2);
        QCOMPARE(run.getColumn(1).getString(), std::string("first, owt"));
        QCOMPARE(run.getColumn(2).getString(), std::string("a note"));
        QCOMPARE(run.getColumn(3).getDouble(), 31.0);
        QCOMPARE(run.getColumn(4).getDouble(), 4.0);
        QCOMPARE(run.getColumn(5).getDouble(), 0.5);
        QCOMPARE(run.getColumn(6).getString(), std::string("sandwich 50%"));
        QCOMPARE(run.getColumn(7).getInt(), 1);
        QCOMPARE(database.execAndGet("SELECT count(*) FROM measure_long").getInt(), 4);
        QCOMPARE(database.execAndGet("SELECT unit FROM measure_long WHERE name = 'entropy'").getString(),
                 std::string("nats"));
    }
};

QTEST_GUILESS_MAIN(TestStorePage)
#include "test_store_page.moc"
