// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/bridge/run_list_model.h"
#include "app/pages/recent_runs.h"
#include "app/pages/run_query_bar.h"
#include "app/pages/run_query_completer.h"
#include "app/pages/run_table.h"
#include "app/pages/runs_page.h"
#include "app/widgets/controls.h"
#include "app/widgets/theme.h"
#include "tests/app/stored_runs.h"
#include "tests/testing/paths.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>

using namespace steploom;
using namespace steploom::testing;

class RunsPageTest : public QObject {
    Q_OBJECT

private:
    using Ids = std::vector<std::int64_t>;
    std::unique_ptr<TemporaryFolder> m_folder;
    std::unique_ptr<RunStore> m_store; ///< of another program
    std::unique_ptr<RunLibrary> m_library;
    std::unique_ptr<Session> m_session;
    std::unique_ptr<RunsPage> m_page;

    template <class Widget>
    Widget* find(const QString& name) const {
        auto* found = m_page->findChild<Widget*>(name);
        if (!found)
            qFatal("no %s", qPrintable(name));
        return found;
    }
    RunTable& table() const { return *find<RunTable>("runTable"); }
    QString cell(int row, int column) const { return table().model()->index(row, column).data().toString(); }
    Ids shown() const {
        Ids ids;
        for (int row = 0; row < table().model()->rowCount(); ++row)
            ids.push_back(table().model()->index(row, 0).data(RunListModel::IdRole).toLongLong());
        return ids;
    }
    void click(const char* name) const { QTest::mouseClick(find<QAbstractButton>(name), Qt::LeftButton); }
    void trigger(const char* name) const { find<QAction>(name)->trigger(); }
    QString text(const char* name) const { return find<QLabel>(name)->text(); }
    bool seen(const char* name) const { return find<QWidget>(name)->isVisible(); }
    void search(const QString& query) const {
        find<QLineEdit>("runFilter")->setText(query);
        QTest::keyClick(find<QLineEdit>("runFilter"), Qt::Key_Return);
    }
    QStringList chips() const {
        QStringList texts;
        for (const TermChip* chip : m_page->findChildren<TermChip*>())
            if (!chip->isHidden())
                texts << chip->text();
        return texts;
    }
    void addThree() {
        m_store->addRuns(threeRuns());
        m_library->refresh();
    }
    void addSeeds() { // two schedules under three seeds each
        std::vector<Run> runs;
        for (std::uint64_t seed = 1; seed <= 3; ++seed) {
            runs.push_back(runOf({.id = static_cast<std::int64_t>(seed),
                                  .perplexity = 30.0 + static_cast<double>(seed),
                                  .seed = seed}));
            runs.push_back(runOf({.id = static_cast<std::int64_t>(seed),
                                  .letters = "HHHHHHHHHH",
                                  .saved = 0,
                                  .perplexity = 20.0 + static_cast<double>(seed),
                                  .seed = seed}));
        }
        m_store->addRuns(runs);
        m_library->refresh();
    }

private slots:
    void initTestCase() { Theme::instance().apply(*qApp, Theme::Mode::Light); }
    void init() {
        m_folder = std::make_unique<TemporaryFolder>();
        m_store = std::make_unique<RunStore>(*m_folder / "runs.sqlite");
        m_library = std::make_unique<RunLibrary>(*m_folder / "runs.sqlite");
        m_session = std::make_unique<Session>();
        m_page = std::make_unique<RunsPage>(m_session.get(), *m_library);
        m_page->resize(1360, 640);
        m_page->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_page.get()));
        m_library->refresh();
    }
    void cleanup() {
        m_page.reset();
        m_session.reset();
        m_library.reset();
        m_store.reset();
        m_folder.reset();
    }

    void withoutRunsItSaysHowToGetOne() {
        QVERIFY(seen("runsEmptyText"));
        QVERIFY(text("runsEmptyText").contains(QStringLiteral("Ctrl+Return")));
    }

    void numbersAreWrittenAndSortedByValueWithAbsentOnesLast() {
        QAbstractItemModelTester tester(table().model());
        addThree();
        QCOMPARE(shown(), (Ids{3, 2, 1}));
        QCOMPARE(cell(0, RunListModel::Perplexity), QStringLiteral("30.1 ± 1.0"));
        QCOMPARE(cell(1, RunListModel::Perplexity), QStringLiteral("–"));
        QCOMPARE(cell(1, RunListModel::Saved), QStringLiteral("15.8%"));
        table().sortByColumn(RunListModel::Perplexity, Qt::AscendingOrder);
        QCOMPARE(shown(), (Ids{3, 1, 2})); // as text, 129.5 would come first
        table().sortByColumn(RunListModel::Perplexity, Qt::DescendingOrder);
        QCOMPARE(shown(), (Ids{1, 3, 2}));
        // Notes have no order worth a click: the one before stays.
        table().sortByColumn(RunListModel::Note, Qt::AscendingOrder);
        QCOMPARE(table().horizontalHeader()->sortIndicatorSection(), int{RunListModel::Perplexity});
        QCOMPARE(shown(), (Ids{1, 3, 2}));
    }

    void whatIsTypedIsSearchedAndItsTermsAreChips() {
        addThree();
        auto* line = find<QLineEdit>("runFilter");
        QTest::keyClicks(line, QStringLiteral("rain saved>10%"));
        QTRY_COMPARE(shown(), (Ids{2}));
        QCOMPARE(text("runCount"), QStringLiteral("1 of 3 runs"));
        QCOMPARE(chips(), (QStringList{"rain", "saved>10%"}));
        QTest::mouseClick(m_page->findChildren<TermChip*>().last(), Qt::LeftButton);
        QCOMPARE(line->text(), QStringLiteral("rain"));
        QCOMPARE(shown(), (Ids{2, 1}));
        search(QStringLiteral("nothinglikethis"));
        QVERIFY(text("runsEmptyText").contains(QStringLiteral("nothinglikethis")));
        line->clear();
        QTRY_COMPARE(shown().size(), std::size_t{3});
        QVERIFY(chips().isEmpty());
    }

    void aMistakeIsToldUnderTheLineAndTheListStays() {
        addThree();
        search(QStringLiteral("rain"));
        search(QStringLiteral("entrpy<3"));
        QVERIFY(seen("runQueryError"));
        QVERIFY2(text("runQueryError").contains(QStringLiteral("entropy")),
                 qPrintable(text("runQueryError")));
        QCOMPARE(shown(), (Ids{2, 1}));
        search(QStringLiteral("entropy<3"));
        QVERIFY(!seen("runQueryError"));
        QVERIFY(shown().empty());
    }

    void quickChipsSwitchTermsOfTheLine() {
        addThree();
        m_store->setStarred(Ids{1}, true);
        m_library->refresh();
        click("quickStarred");
        QCOMPARE(shown(), (Ids{1}));
        QCOMPARE(find<QLineEdit>("runFilter")->text(), QStringLiteral("starred"));
        QVERIFY(chips().isEmpty()); // the button says it
        click("quickFinished");
        QCOMPARE(find<QLineEdit>("runFilter")->text(), QStringLiteral("starred state:finished"));
        click("quickStarred");
        QCOMPARE(shown(), (Ids{3, 2, 1}));
        click("quickWeek"); // all of them are of March
        QVERIFY(shown().empty());
    }

    void columnsAndTagsAreCompleted() {
        addThree();
        m_store->addTag(Ids{1}, "owt");
        m_library->refresh();
        auto* line = find<QLineEdit>("runFilter");
        auto* completer = m_page->findChild<RunQueryCompleter*>();
        line->setText(QStringLiteral("rain -ent"));
        QVERIFY(completer->offers().contains(QStringLiteral("entropy")));
        line->setText(QStringLiteral("tag:o"));
        QCOMPARE(completer->offers(), QStringList{"tag:owt"});
        line->setText(QStringLiteral("\"tag:o"));
        QVERIFY(completer->offers().isEmpty());
    }

    void aStarIsGivenByAClickAndByItsKey() {
        addThree();
        const QRect star = table().visualRect(table().model()->index(1, RunListModel::Starred));
        QTest::mouseClick(table().viewport(), Qt::LeftButton, {}, star.center());
        QVERIFY(m_store->summary(2).starred);
        table().setFocus();
        table().selectRuns({1, 2});
        QTest::keyClick(&table(), Qt::Key_S); // not all have one: all get one
        QVERIFY(m_store->summary(1).starred && m_store->summary(2).starred);
        QTest::keyClick(&table(), Qt::Key_S);
        QVERIFY(!m_store->summary(1).starred && !m_store->summary(2).starred);
        QCOMPARE(table().selectedRuns(), (Ids{2, 1}));
    }

    void severalRunsAreTaggedAtOnce() {
        addThree();
        m_store->addTag(Ids{3}, "owt");
        m_library->refresh();
        table().selectRuns({1, 3});
        click("tagRuns");
        auto* popup = find<QWidget>("runTagsPopup");
        QTRY_VERIFY(popup->isVisible());
        QCOMPARE(find<QCheckBox>("runTag:owt")->checkState(), Qt::PartiallyChecked);
        auto* line = find<QLineEdit>("runTagLine");
        QTest::keyClicks(line, QStringLiteral("best"));
        QTest::keyClick(line, Qt::Key_Return);
        QCOMPARE(m_store->summary(1).tags, std::vector<std::string>{"best"});
        QCOMPARE(m_store->summary(3).tags, (std::vector<std::string>{"best", "owt"}));
        QTest::keyClick(line, Qt::Key_Return); // empty: done
        QVERIFY(!popup->isVisible());
        search(QStringLiteral("tag:best -tag:owt"));
        QCOMPARE(shown(), (Ids{1}));
    }

    void aNoteIsWrittenInTheTable() {
        addThree();
        table().setFocus();
        table().setCurrentIndex(table().model()->index(0, RunListModel::Note));
        QTest::keyClick(&table(), Qt::Key_F2);
        auto* editor = qobject_cast<QLineEdit*>(QApplication::focusWidget());
        QVERIFY(editor);
        QTest::keyClicks(editor, QStringLiteral("the best so far")); // S and T are letters here
        QTest::keyClick(editor, Qt::Key_Return);
        QTRY_COMPARE(m_store->summary(3).note, std::string("the best so far"));
        QCOMPARE(cell(0, RunListModel::Note), QStringLiteral("the best so far"));
    }

    void doubleClickAndReturnOpenTheRun() {
        addThree();
        QSignalSpy opened(m_session.get(), &Session::openRunRequested);
        const QPoint second = table().visualRect(table().model()->index(1, RunListModel::Started)).center();
        QTest::mouseClick(table().viewport(), Qt::LeftButton, {}, second);
        QTest::mouseDClick(table().viewport(), Qt::LeftButton, {}, second);
        QCOMPARE(opened.size(), 1);
        QCOMPARE(opened[0][0].toLongLong(), 2);
        table().selectRow(0);
        table().setFocus();
        QTest::keyClick(&table(), Qt::Key_Return);
        QCOMPARE(opened[1][0].toLongLong(), 3);
    }

    void whatIsDeletedIsInTheBinAndComesBack() {
        addThree();
        table().selectRow(1);
        click("deleteRun");
        QCOMPARE(shown(), (Ids{3, 1}));
        QCOMPARE(table().selectedRuns(), (Ids{1})); // pressed again, it takes the next one
        QCOMPARE(text("undoText"), QStringLiteral("Run 2 is in the bin"));
        QCOMPARE(m_store->binCount(), 1);
        click("undoDelete");
        QCOMPARE(shown(), (Ids{3, 2, 1}));
        QVERIFY(!seen("undoBar"));

        table().selectRuns({2, 3});
        table().setFocus();
        QTest::keyClick(&table(), Qt::Key_Delete);
        QCOMPARE(shown(), (Ids{1}));
        click("quickBin");
        QCOMPARE(shown(), (Ids{3, 2}));
        QVERIFY(seen("restoreRun") && seen("emptyBin") && !seen("deleteRun"));
        table().selectRuns({3});
        click("restoreRun");
        QCOMPARE(shown(), (Ids{2}));
        QCOMPARE(m_library->runCount(), 2);
    }

    void theBinIsEmptiedOnPurposeOnly() {
        addThree();
        m_store->moveToBin(Ids{1, 2});
        m_library->refresh();
        click("quickBin");
        click("emptyBin");
        QVERIFY(seen("emptyBinBar"));
        click("emptyBinKeep");
        QCOMPARE(m_store->binCount(), 2);
        click("emptyBin");
        click("emptyBinConfirm");
        QCOMPARE(m_store->binCount(), 0);
        QCOMPARE(m_store->count(), 1);
        QCOMPARE(shown(), (Ids{3})); // and back to what there is
    }

    void groupsShowMeanAndIntervalAndOpen() {
        addSeeds();
        find<QComboBox>("runGrouping")->setCurrentIndex(3); // settings, over seeds
        auto* groups = find<QTableView>("runGroups");
        QTRY_VERIFY(groups->isVisible());
        QCOMPARE(groups->model()->rowCount(), 2);
        groups->sortByColumn(6, Qt::AscendingOrder); // perplexity
        QCOMPARE(groups->model()->index(0, 1).data().toString(), QStringLiteral("3"));
        // 21, 22, 23: mean 22, standard deviation 1, t(2) = 4.303
        QCOMPARE(groups->model()->index(0, 6).data().toString(), QStringLiteral("22.0 ± 2.5"));
        groups->setFocus();
        groups->setCurrentIndex(groups->model()->index(0, 0));
        QTest::keyClick(groups, Qt::Key_Return);
        QVERIFY(table().isVisible());
        QCOMPARE(shown().size(), std::size_t{3});
        QCOMPARE(chips().size(), 1);
        click("runGroupChip");
        QVERIFY(groups->isVisible());
        // The runs of a group are what is compared and reported.
        QSignalSpy compared(m_session.get(), &Session::compareRunsRequested);
        groups->selectRow(0);
        click("compareRuns");
        QCOMPARE(compared[0][0].value<std::vector<qint64>>().size(), std::size_t{3});
    }

    void chosenColumnsAreKept() {
        addThree();
        auto* menu = find<QMenu>("runColumnMenu");
        emit menu->aboutToShow();
        const auto action = [menu](const char* name) { return menu->findChild<QAction*>(name); };
        QVERIFY(table().isColumnHidden(table().model()->columnCount() - 1));
        action("column:self_bleu")->setChecked(true);
        action("column:seed")->setChecked(false);
        QVERIFY(!table().isColumnHidden(table().model()->columnCount() - 1));
        QVERIFY(table().isColumnHidden(RunListModel::Seed));
        const QVariant kept = m_page->columns();
        m_page->setColumns({});
        QVERIFY(!table().isColumnHidden(RunListModel::Seed));
        m_page->setColumns(kept);
        QVERIFY(table().isColumnHidden(RunListModel::Seed));
        QVERIFY(!table().isColumnHidden(table().model()->columnCount() - 1));
    }

    void othersChangesLeaveSelectionAndPlace() {
        std::vector<Run> many;
        for (int i = 1; i <= 100; ++i)
            many.push_back(runOf({.id = i, .perplexity = 20.0 + i}));
        m_store->addRuns(many);
        m_library->refresh();
        table().sortByColumn(RunListModel::Perplexity, Qt::AscendingOrder);
        table().verticalScrollBar()->setValue(1000);
        table().selectRuns({40, 42});
        table().verticalScrollBar()->setValue(1000);
        const auto top = [this] {
            return table().indexAt(QPoint(4, 1)).data(RunListModel::IdRole).toLongLong();
        };
        const qint64 before = top();
        m_store->addRuns(threeRuns()); // some of them above
        m_library->refresh();
        QCOMPARE(table().selectedRuns(), (Ids{40, 42}));
        QVERIFY(std::abs(top() - before) <= 1);
        m_store->addRuns(many); // so much that the list is made anew
        m_library->refresh();
        QCOMPARE(shown().size(), std::size_t{203});
        QCOMPARE(table().selectedRuns(), (Ids{40, 42}));
        QVERIFY(std::abs(top() - before) <= 1);
    }

    void whatWasFoundIsShown() {
        addThree();
        search(QStringLiteral("goose"));
        QVERIFY(seen("runFound"));
        QVERIFY2(text("runFound").contains(QStringLiteral("<b>goose</b>")), qPrintable(text("runFound")));
        QVERIFY(text("runFound").contains(QStringLiteral("Run 1, Sample 2")));
        search(QStringLiteral("ppl<200"));
        QVERIFY(!seen("runFound"));
    }

    void selectedRowsAreCopiedWithNotationAndRerun() {
        addThree();
        QSignalSpy rerun(m_page.get(), &RunsPage::rerunRequested);
        table().selectRow(1);
        trigger("copyRunsAction");
        const QStringList lines = QApplication::clipboard()->text().split(u'\n', Qt::SkipEmptyParts);
        QCOMPARE(lines.size(), 2);
        QCOMPARE(lines[0].count(u'\t'), lines[1].count(u'\t'));
        QVERIFY(lines[1].contains(QStringLiteral("(L2,H6,L2)")));
        click("rerunRun");
        QCOMPARE(rerun[0][0].toLongLong(), 2);
    }

    void twoToFourRunsAreComparedAnyNumberReported() {
        addSeeds();
        QSignalSpy compared(m_session.get(), &Session::compareRunsRequested);
        QSignalSpy reported(m_session.get(), &Session::reportRunsRequested);
        table().selectRuns({1});
        QVERIFY(!find<QAbstractButton>("compareRuns")->isEnabled());
        table().selectRuns({1, 2, 3, 4, 5});
        QVERIFY(!find<QAbstractButton>("compareRuns")->isEnabled());
        click("reportSelectedRuns");
        QCOMPARE(reported[0][0].value<std::vector<qint64>>().size(), std::size_t{5});
        table().selectRuns({1, 2});
        click("compareRuns");
        QCOMPARE(compared.size(), 1);
        // Without an evaluator nobody can judge.
        QVERIFY(!find<QAction>("judgeRunsAction")->isEnabled());
    }

    void aBundleTravelsToAnotherStore() {
        addThree();
        const QString file = QString::fromStdString((*m_folder / "some.steploom").string());
        m_page->exportRuns({1, 3}, file);
        QTRY_VERIFY(seen("runToldBar"));
        QVERIFY2(text("runToldText").contains(QStringLiteral("2 runs")), qPrintable(text("runToldText")));

        // Their models are nowhere: what cannot be brought along is said.
        m_page->exportRuns({1}, QString::fromStdString((*m_folder / "whole.steploom").string()), true);
        QTRY_VERIFY2(text("runToldText").contains(QStringLiteral("Left out")),
                     qPrintable(text("runToldText")));

        RunLibrary other(*m_folder / "other.sqlite");
        RunsPage page(m_session.get(), other);
        page.show();
        other.refresh();
        page.importFiles({file});
        auto* told = page.findChild<QLabel*>(QStringLiteral("runToldText"));
        QTRY_VERIFY(told->isVisible());
        QVERIFY2(told->text().contains(QStringLiteral("2 runs added")), qPrintable(told->text()));
        QCOMPARE(other.runCount(), 2);
        QCOMPARE(page.selectedRuns().size(), std::size_t{2});
        page.importFiles({file});
        QTRY_VERIFY2(told->text().contains(QStringLiteral("2 runs here already")), qPrintable(told->text()));
        QCOMPARE(other.runCount(), 2);
        page.importFiles({QStringLiteral("/nowhere/at-all.steploom")});
        QTRY_VERIFY(page.findChild<InlineMessage*>(QStringLiteral("runsMessage"))->isVisible());
    }

    void latestRunsAreCardsThatOpen() {
        RecentRuns strip(m_session.get());
        strip.resize(1000, 80);
        std::vector<RunSummary> runs{summaryOf({.id = 4}), summaryOf({.id = 3}), summaryOf({.id = 2})};
        strip.setRuns(runs);
        strip.show();
        QSignalSpy opened(m_session.get(), &Session::openRunRequested);
        const auto cards = strip.findChildren<RunCard*>();
        QCOMPARE(cards.size(), RecentRuns::kCards);
        QTest::mouseClick(cards[1], Qt::LeftButton);
        QCOMPARE(opened[0][0].toLongLong(), 3);
        QVERIFY(cards[0]->accessibleName().contains(QStringLiteral("sandwich")));
        QVERIFY(cards[0]->accessibleDescription().contains(QStringLiteral("ppl 31.0 ± 1.0")));
        strip.setRuns({summaryOf({.id = 4})});
        QVERIFY(cards[0]->isVisible());
        QVERIFY(!cards[1]->isVisible());
    }
};

QTEST_MAIN(RunsPageTest)
#include "runs_page_test.moc"
