// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/bridge/run_list_model.h"
#include "app/pages/recent_runs.h"
#include "app/pages/runs_page.h"
#include "app/widgets/theme.h"
#include "tests/app/sample_runs.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QClipboard>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QStackedWidget>
#include <QTableView>
#include <QTest>

using namespace steploom;
using steploom::testing::summaryOf;

class RunsPageTest : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<Session> m_session;
    std::unique_ptr<RunsPage> m_page;

    template <class Widget>
    Widget* find(const char* name) const {
        return m_page->findChild<Widget*>(QLatin1String(name));
    }
    QTableView& table() const { return *find<QTableView>("runTable"); }
    QString cell(int row, int column) const { return table().model()->index(row, column).data().toString(); }
    std::vector<qint64> shown() const {
        std::vector<qint64> ids;
        for (int row = 0; row < table().model()->rowCount(); ++row)
            ids.push_back(table().model()->index(row, 0).data(RunListModel::IdRole).toLongLong());
        return ids;
    }
    void click(const char* name) const { QTest::mouseClick(find<QPushButton>(name), Qt::LeftButton); }
    static std::vector<RunSummary> threeRuns() {
        std::vector<RunSummary> runs{
            summaryOf({.id = 3, .letters = "HHHHHHHHHH", .saved = 0, .perplexity = 30.1}),
            summaryOf({.id = 2, .saved = 0.158, .perplexity = 0}),
            summaryOf({.id = 1, .letters = "HLHHLLLHHH", .saved = 0.09, .perplexity = 129.5})};
        runs[2].note = "night run";
        return runs;
    }

private slots:
    void initTestCase() { Theme::instance().apply(*qApp, Theme::Mode::Light); }
    void init() {
        m_session = std::make_unique<Session>();
        m_page = std::make_unique<RunsPage>(m_session.get());
        m_page->resize(1300, 500);
        m_page->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_page.get()));
    }

    void withoutRunsItSaysHowToGetOne() {
        QVERIFY(find<QLabel>("runsEmptyText")->isVisible());
        QVERIFY(find<QLabel>("runsEmptyText")->text().contains(QStringLiteral("Ctrl+Return")));
    }

    void numbersAreWrittenAndSortedByValueWithAbsentOnesLast() {
        QAbstractItemModelTester tester(table().model());
        m_page->setRuns(threeRuns());
        QCOMPARE(shown(), (std::vector<qint64>{3, 2, 1}));
        QCOMPARE(cell(0, RunListModel::Perplexity), QStringLiteral("30.1 ± 1.0"));
        QCOMPARE(cell(1, RunListModel::Perplexity), QStringLiteral("–"));
        QCOMPARE(cell(1, RunListModel::Saved), QStringLiteral("15.8%"));
        table().sortByColumn(RunListModel::Perplexity, Qt::AscendingOrder);
        QCOMPARE(shown(), (std::vector<qint64>{3, 1, 2})); // as text, 129.5 would come first
        table().sortByColumn(RunListModel::Perplexity, Qt::DescendingOrder);
        QCOMPARE(shown(), (std::vector<qint64>{1, 3, 2}));
    }

    void theToolTipsOfARunTellTheWorkOfItsMembers() {
        std::vector<RunSummary> runs{summaryOf({.id = 2}), summaryOf({.id = 1})};
        runs[0].work = {.members = {{'H', {12, 4, 30, 5e9, 2.5}}}, .batch = 3, .peakMemory = 2'810'000'000};
        m_page->setRuns(runs);
        const auto tip = [this](int row, int column) {
            return table().model()->index(row, column).data(Qt::ToolTipRole).toString();
        };
        QVERIFY2(tip(0, RunListModel::Flops).contains("H: 12 calls in 4 of the network, 2.50 rows a call"),
                 qPrintable(tip(0, RunListModel::Flops)));
        QVERIFY2(tip(0, RunListModel::Seconds).contains("3 samples in a call at most, peak memory 2.81 GB"),
                 qPrintable(tip(0, RunListModel::Seconds)));
        // A run of an older version shows what it has.
        QVERIFY(tip(1, RunListModel::Flops).endsWith("per sample"));
        QVERIFY(tip(1, RunListModel::Seconds).isEmpty());
    }

    void theFilterFindsWordsInAnyColumn() {
        m_page->setRuns(threeRuns());
        auto* filter = find<QLineEdit>("runFilter");
        QTest::keyClicks(filter, QStringLiteral("sandwich ANCESTRAL"));
        QCOMPARE(shown(), (std::vector<qint64>{2}));
        QCOMPARE(find<QLabel>("runCount")->text(), QStringLiteral("1 of 3"));
        filter->setText(QStringLiteral("night"));
        QCOMPARE(shown(), (std::vector<qint64>{1}));
        filter->setText(QStringLiteral("H1,L1"));
        QCOMPARE(shown(), (std::vector<qint64>{1}));
        filter->setText(QStringLiteral("nothing like this"));
        QVERIFY(find<QLabel>("runsEmptyText")->text().contains(QStringLiteral("nothing like this")));
        filter->clear();
        QCOMPARE(shown().size(), std::size_t{3});
    }

    void doubleClickAndReturnOpenTheRun() {
        m_page->setRuns(threeRuns());
        QSignalSpy opened(m_session.get(), &Session::openRunRequested);
        const QPoint second = table().visualRect(table().model()->index(1, 1)).center();
        QTest::mouseClick(table().viewport(), Qt::LeftButton, {}, second);
        QTest::mouseDClick(table().viewport(), Qt::LeftButton, {}, second);
        QCOMPARE(opened.size(), 1);
        QCOMPARE(opened[0][0].toLongLong(), 2);
        table().selectRow(0);
        click("openRun");
        QCOMPARE(opened[1][0].toLongLong(), 3);
    }

    void aDeletionCanBeTakenBack() {
        m_page->setRuns(threeRuns());
        QSignalSpy deleted(m_page.get(), &RunsPage::deleteRequested);
        table().selectRow(1);
        click("deleteRun");
        QCOMPARE(shown(), (std::vector<qint64>{3, 1}));
        QCOMPARE(find<QLabel>("undoText")->text(), QStringLiteral("Run 2 deleted"));
        QVERIFY(find<QWidget>("undoBar")->isVisible());
        click("undoDelete");
        QCOMPARE(shown(), (std::vector<qint64>{3, 2, 1}));
        QVERIFY(!find<QWidget>("undoBar")->isVisible());
        m_page->hide();
        QCOMPARE(deleted.size(), 0);
    }

    void leavingThePageCarriesTheDeletionOut() {
        m_page->setRuns(threeRuns());
        QSignalSpy deleted(m_page.get(), &RunsPage::deleteRequested);
        table().selectRow(1);
        click("deleteRun");
        m_page->setRuns(threeRuns()); // the store still has it: it stays hidden
        QCOMPARE(shown(), (std::vector<qint64>{3, 1}));
        m_page->hide();
        QCOMPARE(deleted.size(), 1);
        QCOMPARE(deleted[0][0].toLongLong(), 2);
        QCOMPARE(shown(), (std::vector<qint64>{3, 1}));
    }

    void aSecondDeletionCarriesOutTheFirst() {
        m_page->setRuns(threeRuns());
        QSignalSpy deleted(m_page.get(), &RunsPage::deleteRequested);
        table().selectRow(0);
        click("deleteRun");
        table().selectRow(0);
        click("deleteRun");
        QCOMPARE(deleted.size(), 1);
        QCOMPARE(deleted[0][0].toLongLong(), 3);
        QCOMPARE(shown(), (std::vector<qint64>{1}));
        m_page.reset(); // closing the window does the rest
        QCOMPARE(deleted.size(), 2);
    }

    void selectedRowsAreCopiedWithNotationAndRerun() {
        m_page->setRuns(threeRuns());
        QSignalSpy rerun(m_page.get(), &RunsPage::rerunRequested);
        table().selectRow(1);
        click("copyRuns");
        const QStringList lines = QApplication::clipboard()->text().split(u'\n', Qt::SkipEmptyParts);
        QCOMPARE(lines.size(), 2);
        QCOMPARE(lines[0].count(u'\t'), lines[1].count(u'\t'));
        QVERIFY(lines[1].contains(QStringLiteral("(L2,H6,L2)")));
        click("rerunRun");
        QCOMPARE(rerun[0][0].toLongLong(), 2);
    }

    void latestRunsAreCardsThatOpen() {
        RecentRuns strip(m_session.get());
        strip.resize(1000, 80);
        std::vector<RunSummary> runs = threeRuns();
        runs.insert(runs.begin(), summaryOf({.id = 4}));
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
