// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/bridge/run_library.h"
#include "engine/analyses/kinds.h"
#include "engine/runs/known_importance.h"
#include "tests/app/stored_runs.h"
#include "tests/testing/paths.h"

#include <SQLiteCpp/Database.h>

#include <QSignalSpy>
#include <QTest>

using namespace steploom;
using steploom::testing::TemporaryFolder;

namespace {

StoredAnalysis analysis(const char* kind, int number) {
    return {.kind = kind, .settings = {{"number", number}}, .result = {{"stopped", true}}};
}

} // namespace

class RunLibraryTest : public QObject {
    Q_OBJECT

private slots:
    void analysesOfAnotherProgramAreSeen() {
        const TemporaryFolder folder;
        RunStore other(folder / "runs.sqlite");
        RunLibrary library(folder / "runs.sqlite");
        library.refresh();
        QSignalSpy changed(&library, &RunLibrary::analysesChanged);
        other.keepAnalysis(analysis(kSearchKind, 1));
        other.keepAnalysis(analysis(kSearchKind, 2));
        other.keepAnalysis(analysis(kImportanceKind, 1));
        library.refresh();
        QCOMPARE(changed.count(), 1);
        QCOMPARE(library.analyses().at(kSearchKind).size(), std::size_t{2});
        QCOMPARE(library.analyses().at(kImportanceKind).size(), std::size_t{1});
        QVERIFY(library.analyses().at(kFrontierKind).empty());

        StoredAnalysis whole = analysis(kSearchKind, 2);
        whole.result["stopped"] = false;
        other.keepAnalysis(whole); // in place of the partial one
        library.refresh();
        QCOMPARE(changed.count(), 2);
        QCOMPARE(library.analyses().at(kSearchKind).size(), std::size_t{2});
        other.saveSchedule("mine", StepSchedule("HL"));
        library.refresh();
        QCOMPARE(changed.count(), 2); // nothing of theirs
    }

    void itHoldsTheNewestAndFindsAll() {
        const TemporaryFolder folder;
        RunStore other(folder / "runs.sqlite");
        std::vector<Run> runs;
        for (int i = 1; i <= RunLibrary::kNewest + 5; ++i)
            runs.push_back(steploom::testing::runOf({.id = i}));
        other.addRuns(runs);
        other.moveToBin(std::vector<std::int64_t>{3, 4});
        RunLibrary library(folder / "runs.sqlite");
        library.refresh();
        QCOMPARE(library.runs().size(), std::size_t{RunLibrary::kNewest});
        QCOMPARE(library.runCount(), RunLibrary::kNewest + 3);
        QCOMPARE(library.binCount(), 2);
        QCOMPARE(library.findRuns({}).value.size(), std::size_t{RunLibrary::kNewest + 3});
        QSignalSpy changed(&library, &RunLibrary::runsChanged);
        QVERIFY(!library.changeTags(std::vector<std::int64_t>{1, 2}, {"owt"}, {}));
        QCOMPARE(changed.count(), 1);
        QCOMPARE(library.tags().value, (std::vector<std::pair<std::string, int>>{{"owt", 2}}));
        QCOMPARE(library.findRuns({.text = "tag:owt"}).value.size(), std::size_t{2});
        // What goes wrong is a value, and changes nothing.
        QVERIFY(library.setNote(999'999, "nobody"));
        const auto wrong = library.findRuns({.text = "lihgt<1"});
        QVERIFY(wrong.error && wrong.value.empty());
        QCOMPARE(library.emptyBin().value, 2);
        QCOMPARE(library.binCount(), 0);
    }

    void aDamagedOneLeavesTheOtherKindsAlone() {
        const TemporaryFolder folder;
        RunStore other(folder / "runs.sqlite");
        other.keepAnalysis(analysis(kSearchKind, 1));
        other.keepAnalysis(analysis(kFrontierKind, 1));
        SQLite::Database(folder / "runs.sqlite", SQLite::OPEN_READWRITE)
            .exec("UPDATE analyses SET result = '{' WHERE kind = 'segment search'");
        RunLibrary library(folder / "runs.sqlite");
        QSignalSpy failed(&library, &RunLibrary::failed);
        QSignalSpy runs(&library, &RunLibrary::runsChanged);
        library.refresh();
        QCOMPARE(failed.count(), 1);
        QCOMPARE(runs.count(), 1);
        QCOMPARE(library.analyses().at(kFrontierKind).size(), std::size_t{1});
        QVERIFY(!library.analyses().contains(kSearchKind));
        other.keepAnalysis(analysis(kFrontierKind, 2));
        library.refresh();
        QCOMPARE(failed.count(), 1);                  // once is enough
        other.keepAnalysis(analysis(kSearchKind, 1)); // measured again
        library.refresh();
        QCOMPARE(library.analyses().at(kSearchKind).size(), std::size_t{1});
    }
};

QTEST_GUILESS_MAIN(RunLibraryTest)
#include "run_library_test.moc"
