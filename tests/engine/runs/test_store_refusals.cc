// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/run_store.h"
#include "tests/engine/runs/sample_runs.h"
#include "tests/testing/errors.h"
#include "tests/testing/paths.h"

#include <QtTest>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

using namespace steploom;
using namespace steploom::testing;

namespace {

constexpr RunStoreOptions kImpatient{.lockTimeout = std::chrono::milliseconds(20)};

/// A store with one run of `samples` samples, closed again. Returns the run.
std::int64_t writeStore(const std::filesystem::path& file, int samples = 2) {
    RunStore store(file);
    const std::int64_t id = store.begin(makeFullRequest(), makeProvenance(), makeCost());
    for (int index = 0; index < samples; ++index)
        store.addSample(id, makeSample(index));
    store.finish(id, RunState::Finished, 1);
    return id;
}

SQLite::Database openRaw(const std::filesystem::path& file) {
    return SQLite::Database(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
}

/// Gives up root while it lives: to root no file is read-only.
class AsOrdinaryUser {
public:
    AsOrdinaryUser() : m_root(::geteuid() == 0) {
        if (m_root)
            m_root = ::seteuid(65534) == 0;
    }
    ~AsOrdinaryUser() {
        if (m_root && ::seteuid(0) != 0)
            std::abort();
    }

private:
    bool m_root;
};

} // namespace

class TestStoreRefusals : public QObject {
    Q_OBJECT

private slots:
    void folderThatIsMissingIsSaid() {
        const TemporaryFolder folder;
        expectError([&] { RunStore(folder / "nowhere/runs.sqlite"); }, ErrorKind::Store,
                    {"nowhere/runs.sqlite", "folder exists"});
    }

    void folderInPlaceOfAFileIsRefused() {
        const TemporaryFolder folder;
        expectError([&] { RunStore(folder.path()); }, ErrorKind::Store, {"cannot be opened"});
    }

    void textFileIsRefusedAndNotTouched() {
        const TemporaryFolder folder;
        const std::string text(5000, 'x');
        writeText(folder / "notes.txt", text);
        expectError([&] { RunStore(folder / "notes.txt"); }, ErrorKind::Store,
                    {"notes.txt", "not a run store"});
        QCOMPARE(readText(folder / "notes.txt"), text);
    }

    void databaseOfAnotherProgramIsRefusedAndNotTouched() {
        const TemporaryFolder folder;
        openRaw(folder / "bookmarks.sqlite").exec("CREATE TABLE bookmarks (url TEXT)");
        const std::string before = readText(folder / "bookmarks.sqlite");
        expectError([&] { RunStore(folder / "bookmarks.sqlite"); }, ErrorKind::Store, {"another program"});
        QCOMPARE(readText(folder / "bookmarks.sqlite"), before);
        QVERIFY(!std::filesystem::exists(folder / "bookmarks.sqlite-wal"));
    }

    void emptyFileBecomesAStore() {
        const TemporaryFolder folder;
        writeText(folder / "runs.sqlite", "");
        QCOMPARE(RunStore(folder / "runs.sqlite").count(), 0);
    }

    void newerStoreIsRefusedNamingBothVersions() {
        const TemporaryFolder folder;
        writeStore(folder / "runs.sqlite");
        openRaw(folder / "runs.sqlite").exec("PRAGMA user_version = 99");
        expectError(
            [&] { RunStore(folder / "runs.sqlite"); }, ErrorKind::Store,
            {"version 99", ("up to " + std::to_string(RunStore::kSchemaVersion)).c_str(), "newer Steploom"});
        QCOMPARE(openRaw(folder / "runs.sqlite").execAndGet("SELECT count(*) FROM samples").getInt(), 2);
    }

    void truncatedFileIsSaidToBeDamaged() {
        const TemporaryFolder folder;
        writeStore(folder / "runs.sqlite", 40);
        std::filesystem::resize_file(folder / "runs.sqlite", 10'000);
        expectError(
            [&] {
                RunStore store(folder / "runs.sqlite");
                store.load(store.list().at(0).id);
            },
            ErrorKind::Store, {"runs.sqlite", "damaged"});
    }

    void overwrittenPagesAreSaidToBeDamaged() {
        const TemporaryFolder folder;
        const std::int64_t id = writeStore(folder / "runs.sqlite", 40);
        {
            std::fstream file(folder / "runs.sqlite", std::ios::in | std::ios::out | std::ios::binary);
            file.seekp(4096);
            file << std::string(std::filesystem::file_size(folder / "runs.sqlite") - 4096, '\x5A');
        }
        expectError([&] { RunStore(folder / "runs.sqlite").load(id); }, ErrorKind::Store, {"damaged"});
    }

    void requestThatCannotBeReadNamesRunAndColumn() {
        const TemporaryFolder folder;
        const std::int64_t id = writeStore(folder / "runs.sqlite");
        openRaw(folder / "runs.sqlite").exec("UPDATE runs SET request = '{\"pool\":[]}'");
        RunStore store(folder / "runs.sqlite");
        expectError([&] { store.list(); }, ErrorKind::Store, {"run 1", "column request", "tokenizer"});
        store.remove(id); // the way out that the message names
        QVERIFY(store.list().empty());
    }

    void brokenTraceNamesItsSample() {
        const TemporaryFolder folder;
        const std::int64_t id = writeStore(folder / "runs.sqlite");
        openRaw(folder / "runs.sqlite").exec("UPDATE samples SET trace = x'01FF' WHERE sample = 1");
        RunStore store(folder / "runs.sqlite");
        QCOMPARE(store.summary(id).finishedSamples, 2);
        expectError([&] { store.load(id); }, ErrorKind::Store, {"run 1", "sample 1"});
        openRaw(folder / "runs.sqlite").exec("UPDATE samples SET trace = x'' WHERE sample = 1");
        expectError([&] { store.load(id); }, ErrorKind::Store, {"sample 1"});
    }

    void fileThatAnotherHoldsForItselfIsSaidToBeLocked() {
        const TemporaryFolder folder;
        writeStore(folder / "runs.sqlite");
        SQLite::Database other = openRaw(folder / "runs.sqlite");
        other.exec("PRAGMA locking_mode = EXCLUSIVE");
        other.exec("BEGIN EXCLUSIVE");
        other.exec("UPDATE runs SET note = 'x'");
        expectError([&] { RunStore(folder / "runs.sqlite", kImpatient); }, ErrorKind::Store,
                    {"runs.sqlite", "locked"});
    }

    void lockedStoreKeepsItsSamplesAndGoesOnWhenItIsFree() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite", kImpatient);
        const std::int64_t id = store.begin(makeRequest(), makeProvenance(), makeCost());
        store.addSample(id, makeSample(0));
        SQLite::Database other = openRaw(folder / "runs.sqlite");
        other.exec("BEGIN IMMEDIATE");
        expectError([&] { store.addSample(id, makeSample(1)); }, ErrorKind::Store, {"sample 1", "locked"});
        expectError([&] { store.begin(makeRequest(), makeProvenance(), makeCost()); }, ErrorKind::Store,
                    {"locked"});
        QCOMPARE(store.load(id).samples.size(), std::size_t{1}); // reading goes on under another's write lock
        other.exec("ROLLBACK");
        store.addSample(id, makeSample(1));
        QCOMPARE(store.summary(id).finishedSamples, 2);
    }

    void readOnlyFileIsRefused() {
        const TemporaryFolder folder;
        writeStore(folder / "runs.sqlite");
        ::chmod((folder / "runs.sqlite").c_str(), 0444);
        ::chmod(folder.path().c_str(), 0777);
        const AsOrdinaryUser user;
        expectError([&] { RunStore(folder / "runs.sqlite"); }, ErrorKind::Store,
                    {"runs.sqlite", "read-only"});
    }

    void readOnlyFolderIsRefused() {
        const TemporaryFolder folder;
        writeStore(folder / "runs.sqlite");
        ::chmod((folder / "runs.sqlite").c_str(), 0666);
        ::chmod(folder.path().c_str(), 0555);
        {
            const AsOrdinaryUser user;
            expectError([&] { RunStore(folder / "runs.sqlite"); }, ErrorKind::Store, {"runs.sqlite"});
            expectError([&] { RunStore(folder / "new.sqlite"); }, ErrorKind::Store, {"new.sqlite"});
        }
        ::chmod(folder.path().c_str(), 0755);
    }

    void fullStoreKeepsWhatIsCommitted() {
        const TemporaryFolder folder;
        std::int64_t id = 0;
        int stored = 0;
        {
            RunStore store(folder / "runs.sqlite", {.maximumBytes = 200'000});
            id = store.begin(makeRequest(), makeProvenance(), makeCost());
            const auto fill = [&] {
                for (; stored < 1000; ++stored)
                    store.addSample(id, makeSample(stored, 512));
            };
            expectError(fill, ErrorKind::Store, {"runs.sqlite", "full", "Free some space"});
            QVERIFY(stored > 5);
            QCOMPARE(store.summary(id).finishedSamples, stored);
            QCOMPARE(store.load(id).samples.size(), static_cast<std::size_t>(stored));
        }
        RunStore store(folder / "runs.sqlite"); // space was freed
        store.addSample(id, makeSample(stored, 512));
        const Run run = store.load(id);
        QCOMPARE(run.samples.size(), static_cast<std::size_t>(stored) + 1);
        for (int index = 0; index <= stored; ++index)
            QVERIFY(run.samples[static_cast<std::size_t>(index)] == makeSample(index, 512));
    }
};

QTEST_GUILESS_MAIN(TestStoreRefusals)
#include "test_store_refusals.moc"
