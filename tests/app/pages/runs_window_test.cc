// SPDX-License-Identifier: GPL-3.0-or-later
// The Runs page in the window: with engine, evaluator, drag and drop, and a second window on the same store.
#include "app/bridge/run_list_model.h"
#include "app/pages/run_table.h"
#include "app/pages/runs_page.h"
#include "tests/app/pages/window_of_fakes.h"
#include "tests/app/stored_runs.h"

#include <QDragEnterEvent>
#include <QDropEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMimeData>
#include <QSpinBox>

using namespace steploom;
using namespace steploom::testing;

class RunsWindowTest : public QObject {
    Q_OBJECT

private:
    using Ids = std::vector<std::int64_t>;
    std::unique_ptr<WindowOfFakes> m_window;

    template <class Widget>
    Widget* find(const char* name) {
        return m_window->find<Widget>(QLatin1String(name));
    }
    RunTable& table() { return *find<RunTable>("runTable"); }
    QString cell(int row, int column) { return table().model()->index(row, column).data().toString(); }
    void showRuns() {
        m_window->click("railRuns");
        m_window->window().library().refresh();
    }
    void add(const std::vector<Run>& runs) { RunStore(m_window->storeFile()).addRuns(runs); }

private slots:
    void init() { m_window = std::make_unique<WindowOfFakes>(); }
    void cleanup() { m_window.reset(); }

    void whatIsGeneratedIsListedAndRerunToTheSameBytes() {
        m_window->open();
        find<QSpinBox>("lengthField")->setValue(8);
        find<QSpinBox>("samplesField")->setValue(2);
        find<QAction>("generateAction")->trigger();
        showRuns();
        QTRY_COMPARE_WITH_TIMEOUT(table().model()->rowCount(), 1, kPatience);
        QTRY_COMPARE_WITH_TIMEOUT(cell(0, RunListModel::State), QStringLiteral("finished"), kPatience);
        table().selectRow(0);
        m_window->click("rerunRun");
        auto* message = find<InlineMessage>("windowMessage");
        QTRY_VERIFY_WITH_TIMEOUT(message->text().contains("identical bit for bit"), kPatience);
    }

    void selectedRunsAreJudgedByTheEvaluator() {
        m_window->evaluatorLetters = 26;
        m_window->open();
        std::vector<Run> runs{runOf({.id = 1, .perplexity = 0}, {"abc", "hello"}),
                              runOf({.id = 2, .perplexity = 0}, {"world", "again"}), runOf({.id = 3})};
        runs[2].samples.clear();
        runs[2].summary.measures.clear();
        add(runs);
        showRuns();
        QCOMPARE(table().model()->rowCount(), 3);
        table().selectAll();
        find<QAction>("judgeRunsAction")->trigger();
        auto* told = find<QLabel>("runToldText");
        QTRY_VERIFY_WITH_TIMEOUT(told->isVisible(), kPatience);
        QVERIFY2(told->text().startsWith("2 of 3 runs are judged"), qPrintable(told->text()));
        QTRY_VERIFY(cell(2, RunListModel::Perplexity) != QStringLiteral("–"));
        QVERIFY(cell(1, RunListModel::Perplexity) != QStringLiteral("–"));
        QCOMPARE(cell(0, RunListModel::Perplexity), QStringLiteral("–"));
        QVERIFY(!m_window->seen("runWorkBar"));
    }

    void aBundleThatIsDroppedOnTheWindowIsImported() {
        const TemporaryFolder folder;
        {
            RunStore other(folder / "other.sqlite");
            other.addRuns(threeRuns());
            exportBundle(other, Ids{1, 2, 3}, {}, folder / "some.steploom");
        }
        m_window->open();
        QMimeData data;
        data.setUrls({QUrl::fromLocalFile(QString::fromStdString((folder / "some.steploom").string()))});
        QDragEnterEvent enter(QPoint(20, 20), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(&m_window->window(), &enter);
        QVERIFY(enter.isAccepted());
        QDropEvent drop(QPointF(20, 20), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(&m_window->window(), &drop);
        QVERIFY(m_window->seen("runsPage"));
        QTRY_COMPARE_WITH_TIMEOUT(table().model()->rowCount(), 3, kPatience);
        // The list may see the runs in the store before the import has told of its end.
        QTRY_VERIFY_WITH_TIMEOUT(find<QLabel>("runToldText")->text().contains("3 runs added"), kPatience);
        QTRY_COMPARE_WITH_TIMEOUT(table().selectedRuns().size(), std::size_t{3}, kPatience);
    }

    void twoWindowsWorkOnOneStore() {
        m_window->open();
        add(threeRuns());
        showRuns();
        WindowOptions options;
        options.engine.storeFile = m_window->storeFile();
        options.engine.threads = 1;
        options.theme = Theme::Mode::Light;
        MainWindow second(std::move(options));
        second.show();
        QVERIFY(QTest::qWaitForWindowExposed(&second));
        second.findChild<QAbstractButton*>("railRuns")->click();
        auto* there = second.findChild<RunTable*>("runTable");
        QTRY_COMPARE_WITH_TIMEOUT(there->model()->rowCount(), 3, kPatience);
        there->selectRuns({1});

        // What one does the other shows, within the second in which it looks.
        table().selectRuns({3});
        m_window->click("deleteRun");
        QTRY_COMPARE_WITH_TIMEOUT(there->model()->rowCount(), 2, kPatience);
        QCOMPARE(there->selectedRuns(), (Ids{1}));
        there->setFocus();
        second.findChild<QAction*>("starRunsAction")->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(
            table().model()->index(1, RunListModel::Starred).data(RunListModel::ValueRole).toBool(),
            kPatience);
        QCOMPARE(cell(1, RunListModel::Note), QStringLiteral("night run"));
        m_window->click("undoDelete");
        QTRY_COMPARE_WITH_TIMEOUT(there->model()->rowCount(), 3, kPatience);
        QVERIFY(!second.findChild<QWidget*>("windowMessage")->isVisible());
        second.close();
    }

    void theQueryTakesTheKeyboardAndEscapeOfAGroupLeavesIt() {
        m_window->open();
        add(threeRuns());
        showRuns();
        table().setFocus();
        QTest::keyClick(&table(), Qt::Key_F, Qt::ControlModifier);
        QCOMPARE(QApplication::focusWidget(), find<QLineEdit>("runFilter"));
        QTest::keyClicks(find<QLineEdit>("runFilter"), "goose");
        QTRY_COMPARE_WITH_TIMEOUT(table().model()->rowCount(), 1, kPatience);
        QTRY_VERIFY_WITH_TIMEOUT(m_window->seen("runFound"), kPatience);
    }
};

QTEST_MAIN(RunsWindowTest)
#include "runs_window_test.moc"
