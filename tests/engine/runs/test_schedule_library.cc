// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/run_store.h"
#include "tests/testing/errors.h"
#include "tests/testing/paths.h"

#include <QtTest>
#include <SQLiteCpp/Database.h>

using namespace steploom;
using namespace steploom::testing;

namespace {

const StepSchedule kSandwich = parseSchedule("(L32,H192,L32)");
const StepSchedule kTail = parseSchedule("(H192,L64)");

std::vector<std::string> names(const RunStore& store) {
    std::vector<std::string> result;
    for (const NamedSchedule& schedule : store.listSchedules())
        result.push_back(schedule.name);
    return result;
}

} // namespace

class TestScheduleLibrary : public QObject {
    Q_OBJECT
private slots:
    void whatIsSavedIsFoundInAnyCaseAndByEveryStore() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        const NamedSchedule saved = store.saveSchedule("  Light ends ", kSandwich);
        QCOMPARE(saved.name, std::string("Light ends"));
        QCOMPARE(saved.created.size(), std::string("2026-01-31T12:00:00Z").size());
        const RunStore other(folder / "runs.sqlite");
        QVERIFY(other.findSchedule("light ENDS") == saved);
        QVERIFY(other.listSchedules() == std::vector{saved});
    }

    void theListIsByNameWhateverTheOrderOfSaving() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        for (const char* name : {"tail", "Head", "middle"})
            store.saveSchedule(name, kTail);
        QCOMPARE(names(store), (std::vector<std::string>{"Head", "middle", "tail"}));
    }

    void aNameIsGivenOnce() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        const NamedSchedule ends = store.saveSchedule("ends", kSandwich);
        const NamedSchedule tail = store.saveSchedule("tail", kTail);
        expectError([&] { store.saveSchedule("ENDS", kTail); }, ErrorKind::Store,
                    {"\"ends\" is taken", "(L32,H192,L32)", "another name"});
        expectError([&] { store.renameSchedule(tail.id, "ends "); }, ErrorKind::Store, {"is taken"});
        store.renameSchedule(ends.id, "Ends"); // its own name in another case
        QCOMPARE(names(store), (std::vector<std::string>{"Ends", "tail"}));
        expectError([&] { store.saveSchedule(" \t", kTail); }, ErrorKind::Store, {"empty"});
        expectError([&] { store.saveSchedule(std::string(201, 'a'), kTail); }, ErrorKind::Store,
                    {"201", "200"});
        expectError([&] { store.saveSchedule("nothing", {}); }, ErrorKind::Store, {"no steps"});
        QCOMPARE(store.listSchedules().size(), std::size_t{2});
    }

    void aRemovedOneComesBackAsItWas() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        const NamedSchedule ends = store.saveSchedule("ends", kSandwich);
        store.removeSchedule(ends.id);
        QVERIFY(store.listSchedules().empty());
        const NamedSchedule later = store.saveSchedule("tail", kTail);
        QVERIFY(later.id != ends.id); // never given twice
        store.restoreSchedule(ends);
        QVERIFY(store.findSchedule("ends") == ends);
        expectError([&] { store.restoreSchedule(ends); }, ErrorKind::Store, {"is taken"});
    }

    void changingReplacesTheSchedule() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        const NamedSchedule ends = store.saveSchedule("ends", kSandwich);
        store.changeSchedule(ends.id, kTail);
        QVERIFY(store.findSchedule("ends").schedule == kTail);
        QCOMPARE(store.findSchedule("ends").created, ends.created);
    }

    void whatIsNotThereIsSaid() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        expectError([&] { store.removeSchedule(7); }, ErrorKind::Store, {"no schedule 7"});
        expectError([&] { store.changeSchedule(7, kTail); }, ErrorKind::Store, {"no schedule 7"});
        expectError([&] { store.renameSchedule(7, "a"); }, ErrorKind::Store, {"no schedule 7"});
        store.saveSchedule("sandwich, a quarter", kSandwich);
        expectError([&] { store.findSchedule("sandwich"); }, ErrorKind::Store,
                    {"named \"sandwich\"", "\"sandwich, a quarter\""});
    }

    void savingIsSeenByOtherStores() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        const RunStore other(folder / "runs.sqlite");
        const std::int64_t before = other.changeCounter();
        store.saveSchedule("ends", kSandwich);
        QVERIFY(other.changeCounter() > before);
    }

    void aDamagedOneIsNamed() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        store.saveSchedule("ends", kSandwich);
        SQLite::Database((folder / "runs.sqlite").string(), SQLite::OPEN_READWRITE)
            .exec("UPDATE schedules SET notation = '(L32,'");
        expectError([&] { store.listSchedules(); }, ErrorKind::Store, {"schedule 1 \"ends\"", "expected"});
    }

    void tenThousandSegmentsAreKept() {
        const TemporaryFolder folder;
        RunStore store(folder / "runs.sqlite");
        std::string letters;
        for (int i = 0; i < StepSchedule::kMaximumSteps; ++i)
            letters += i % 2 ? 'L' : 'H';
        store.saveSchedule("alternating", StepSchedule(letters));
        QCOMPARE(store.findSchedule("alternating").schedule.letters(), letters);
    }
};

QTEST_GUILESS_MAIN(TestScheduleLibrary)
#include "test_schedule_library.moc"
