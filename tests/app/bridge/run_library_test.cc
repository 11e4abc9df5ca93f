// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/bridge/run_library.h"
#include "engine/analyses/kinds.h"
#include "engine/runs/known_importance.h"
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
