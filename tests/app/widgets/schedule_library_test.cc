// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/controls.h"
#include "app/widgets/schedule_library.h"
#include "tests/app/sample_runs.h"
#include "tests/testing/paths.h"

#include <QAbstractItemModelTester>
#include <QLineEdit>
#include <QListView>
#include <QPushButton>
#include <QSignalSpy>
#include <QtTest>

using namespace steploom;
using namespace steploom::testing;

namespace {

struct Bench {
    TemporaryFolder folder;
    RunLibrary library{folder / "runs.sqlite"};
    ScheduleLibraryPanel panel;
    QListView& list;
    QLineEdit& name;
    QAbstractItemModelTester tester;

    Bench()
        : list(*panel.findChild<QListView*>("libraryList")),
          name(*panel.findChild<QLineEdit*>("libraryName")),
          tester(list.model(), QAbstractItemModelTester::FailureReportingMode::QtTest) {
        library.refresh();
        panel.setLibrary(&library);
        panel.setPresent(parseSchedule("(L32,H192,L32)"), "HL");
        panel.resize(420, 440);
        panel.show();
    }

    void save(const QString& as) {
        name.setText(as);
        click("librarySave");
    }
    void click(const char* button) {
        auto* found = panel.findChild<QAbstractButton*>(button);
        QVERIFY2(found && found->isEnabled(), button);
        found->click();
    }
    bool enabled(const char* button) { return panel.findChild<QAbstractButton*>(button)->isEnabled(); }
    void choose(int row) { list.setCurrentIndex(list.model()->index(row, 0)); }
    QStringList names() const {
        QStringList result;
        for (int row = 0; row < list.model()->rowCount(); ++row)
            result << list.model()->index(row, 0).data().toString();
        return result;
    }
};

} // namespace

class ScheduleLibraryTest : public QObject {
    Q_OBJECT
private slots:
    void whatIsSavedCanBeLoaded() {
        Bench b;
        QVERIFY(!b.enabled("librarySave") && !b.enabled("libraryLoad")); // no name, nothing to load
        b.save("ends");
        QCOMPARE(b.names(), QStringList{"ends"});
        QVERIFY(b.name.text().isEmpty());
        b.panel.setPresent(parseSchedule("(H256)"), "HL");
        QSignalSpy chosen(&b.panel, &ScheduleLibraryPanel::chosen);
        b.choose(0);
        b.click("libraryLoad");
        QCOMPARE(printSchedule(chosen.first().first().value<StepSchedule>()), std::string("(L32,H192,L32)"));
        QCOMPARE(chosen.first().last().toString(), "ends");
        QVERIFY(!b.panel.isVisible());
        QVERIFY(RunStore(b.folder / "runs.sqlite").findSchedule("ends").schedule.steps() == 256);
    }

    void aNameThatIsTakenReplaces() {
        Bench b;
        b.save("ends");
        b.panel.setPresent(parseSchedule("(H200,L56)"), "HL");
        b.name.setText("ENDS");
        QCOMPARE(b.panel.findChild<QPushButton*>("librarySave")->text(), "Replace");
        b.click("librarySave");
        QCOMPARE(b.names(), QStringList{"ends"});
        QCOMPARE(printSchedule(b.library.schedules().front().schedule), std::string("(H200,L56)"));
    }

    void duplicatesGetNamesOfTheirOwn() {
        Bench b;
        b.save("ends");
        b.choose(0);
        b.click("libraryDuplicate");
        b.choose(0);
        b.click("libraryDuplicate");
        QCOMPARE(b.names(), (QStringList{"ends", "ends (2)", "ends (3)"}));
    }

    void renamingIsDoneInTheListAndRefusedInPlace() {
        Bench b;
        b.save("ends");
        b.save("other");
        QVERIFY(b.list.model()->setData(b.list.model()->index(0, 0), "light ends"));
        QTRY_COMPARE(b.names(), (QStringList{"light ends", "other"}));
        QVERIFY(b.list.model()->setData(b.list.model()->index(1, 0), "Light Ends"));
        auto* message = b.panel.findChild<InlineMessage*>("libraryMessage");
        QTRY_VERIFY(!message->isHidden());
        QVERIFY2(message->text().contains("is taken"), qPrintable(message->text()));
        QCOMPARE(b.names(), (QStringList{"light ends", "other"}));
    }

    void aDeletedOneComesBackAsItWas() {
        Bench b;
        b.save("ends");
        const NamedSchedule before = b.library.schedules().front();
        b.choose(0);
        b.click("libraryDelete");
        QVERIFY(b.names().isEmpty());
        b.click("libraryUndo");
        QVERIFY(b.library.schedules() == std::vector{before});
        QVERIFY(b.list.currentIndex().isValid());
    }

    void schedulesOfStoredRunsCanBeLoadedAndKept() {
        Bench b;
        {
            RunStore store(b.folder / "runs.sqlite");
            GenerationRequest request;
            request.pool = {{.letter = 'H', .name = "heavy", .path = "h"},
                            {.letter = 'L', .name = "light", .path = "l"}};
            request.length = 16;
            for (const char* notation : {"(H8,L8)", "(L4,H8,L4)", "(H8,L8)"}) {
                request.schedule = parseSchedule(notation);
                store.begin(request, {}, {});
            }
        }
        b.library.refresh();
        b.panel.findChild<SegmentedSwitch*>("librarySource")->setCurrentIndex(1);
        QCOMPARE(b.names().size(), 2); // each schedule once, as its newest run had it
        QVERIFY2(b.names().first().startsWith("Run 3"), qPrintable(b.names().first()));
        b.choose(0);
        QVERIFY(!b.enabled("libraryDelete") && !b.enabled("libraryRename"));
        b.click("libraryDuplicate");
        QCOMPARE(b.library.schedules().size(), std::size_t{1});
        QCOMPARE(printSchedule(b.library.schedules().front().schedule), std::string("(H8,L8)"));
    }

    void theListFollowsOtherPrograms() {
        Bench b;
        RunStore(b.folder / "runs.sqlite").saveSchedule("from elsewhere", parseSchedule("(H4)"));
        b.library.refresh();
        QCOMPARE(b.names(), QStringList{"from elsewhere"});
    }
};

QTEST_MAIN(ScheduleLibraryTest)
#include "schedule_library_test.moc"
