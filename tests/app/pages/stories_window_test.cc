// SPDX-License-Identifier: GPL-3.0-or-later
// What people use the window for, from end to end, as the README tells it.
#include "app/bridge/run_list_model.h"
#include "app/pages/compare_page.h"
#include "app/pages/report_page.h"
#include "app/pages/run_table.h"
#include "tests/app/pages/window_of_fakes.h"

#include <QDateTime>
#include <QDialog>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMimeData>
#include <QSpinBox>
#include <QTableView>
#include <QTimer>

using namespace steploom;
using namespace steploom::testing;

class StoriesWindowTest : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<WindowOfFakes> m_window;

    template <class Widget>
    Widget* find(const char* name) {
        return m_window->find<Widget>(QLatin1String(name));
    }
    RunTable& table() { return *find<RunTable>("runTable"); }
    QString cell(int row, int column) { return table().model()->index(row, column).data().toString(); }
    const std::vector<RunSummary>& runs() { return m_window->window().library().runs(); }

    void makeSmall(int samples = 3) {
        find<QSpinBox>("lengthField")->setValue(12);
        find<QSpinBox>("samplesField")->setValue(samples);
        find<QSpinBox>("stepsField")->setValue(16);
    }
    void waitForRuns(std::size_t count) {
        const auto finished = [this, count] {
            return runs().size() == count && std::ranges::all_of(runs(), [](const RunSummary& run) {
                       return run.state == RunState::Finished;
                   });
        };
        QTRY_VERIFY_WITH_TIMEOUT(finished(), kPatience);
    }
    void search(const QString& query, int expected) {
        find<QLineEdit>("runFilter")->setText(query);
        QTRY_COMPARE_WITH_TIMEOUT(table().model()->rowCount(), expected, kPatience);
    }
    void rerunSelected() {
        m_window->click("rerunRun");
        auto* message = find<InlineMessage>("windowMessage");
        QTRY_VERIFY_WITH_TIMEOUT(message->text().contains("identical bit for bit"), kPatience);
    }
    /// The run as if it had been made `days` ago.
    std::int64_t keepAsOld(Run run, int days) {
        run.summary.started =
            QDateTime::currentDateTimeUtc().addDays(-days).toString(Qt::ISODate).toStdString();
        return RunStore(m_window->storeFile()).addRuns({&run, 1}).front();
    }

private slots:
    void init() {
        m_window = std::make_unique<WindowOfFakes>();
        // A light model that says something else.
        m_window->rules['L'] = [](auto, float, int position, std::span<float> logits) {
            for (std::size_t token = 0; token < logits.size(); ++token)
                logits[token] = static_cast<float>((token * 7 + static_cast<std::size_t>(position) * 3) % 11);
        };
        m_window->evaluatorLetters = 26;
        m_window->open();
    }
    void cleanup() { m_window.reset(); }

    void threeSchedulesAreDesignedAndCompared() {
        makeSmall();
        QTimer::singleShot(0, &m_window->window(), [this] {
            auto* dialog = m_window->window().findChild<QDialog*>("compareDialog");
            auto* list = dialog->findChild<QListWidget*>("compareSchedules");
            for (int row = 0; row < list->count(); ++row)
                if (list->item(row)->text() == "all heavy" || list->item(row)->text() == "all light")
                    list->item(row)->setCheckState(Qt::Checked); // beside the sandwich that is drawn
            dialog->findChild<QLineEdit*>("compareSeeds")->setText("5");
            dialog->findChild<QAbstractButton*>("compareAdd")->click();
        });
        find<QAction>("compareAction")->trigger();
        waitForRuns(3);

        m_window->click("railRuns");
        QTRY_COMPARE_WITH_TIMEOUT(table().model()->rowCount(), 3, kPatience);
        table().selectAll();
        find<QAction>("compareRunsAction")->trigger();
        QVERIFY(m_window->seen("comparePage"));
        auto* page = find<ComparePage>("comparePage");
        QCOMPARE(page->runs().size(), std::size_t{3});
        QVERIFY(find<QLabel>("compareSummaryText")->text().contains("3 samples in common"));
        // One seed: every measure in pairs, sample against sample.
        const QAbstractItemModel* differences = find<QTableView>("compareDifferences")->model();
        QCOMPARE(differences->rowCount(), 2);
        for (int row = 0; row < 2; ++row)
            QCOMPARE(differences->index(row, 7).data().toString(), QString("3 pairs"));

        m_window->click("compareReport");
        auto* report = find<ReportPage>("reportPage");
        QVERIFY(report->isVisible());
        QCOMPARE(report->choice().runs.size(), std::size_t{3});
    }

    void lastWeeksBestRunIsFoundAndMadeAgainToTheSameBytes() {
        makeSmall();
        find<QAction>("generateAction")->trigger();
        waitForRuns(1);
        const std::int64_t made = runs().front().id;
        const Run run = RunStore(m_window->storeFile()).load(made);
        QVERIFY(run.summary.measure("generative_perplexity"));
        // A better one of last month, a worse one of this week, and the one to be found.
        const auto judged = [&](double factor) {
            Run other = run;
            for (Measure& measure : other.summary.measures)
                if (measure.name == "generative_perplexity")
                    for (double* value :
                         {&measure.estimate.value, &measure.estimate.low, &measure.estimate.high})
                        *value *= factor;
            return other;
        };
        keepAsOld(judged(0.5), 40);
        keepAsOld(judged(2), 2);
        const std::int64_t best = keepAsOld(run, 3);
        RunStore(m_window->storeFile()).remove(made);
        m_window->window().library().refresh();

        m_window->click("railRuns");
        search("since:7d", 2);
        const int perplexity = RunListModel::Perplexity;
        table().sortByColumn(perplexity, Qt::AscendingOrder);
        QTRY_COMPARE_WITH_TIMEOUT(table().model()->index(0, 0).data(RunListModel::IdRole).toLongLong(),
                                  qint64{best}, kPatience);
        table().selectRow(0);
        rerunSelected();
    }

    void aColleagueImportsTheReportAndMakesASampleAgain() {
        makeSmall(2);
        find<QAction>("generateAction")->trigger();
        waitForRuns(1);
        m_window->click("railRuns");
        QTRY_COMPARE_WITH_TIMEOUT(table().model()->rowCount(), 1, kPatience);
        table().selectAll();
        find<QAction>("reportRunsAction")->trigger();
        const TemporaryFolder mail;
        const QString file = QString::fromStdString((mail / "for you.html").string());
        find<ReportPage>("reportPage")->setFileChooser([file](const QString&, const QString&) {
            return file;
        });
        m_window->click("reportHtml");
        QTRY_VERIFY_WITH_TIMEOUT(m_window->seen("reportSaved"), kPatience);

        // At the colleague's: the same models, an empty store.
        auto rules = m_window->rules;
        m_window.reset();
        m_window = std::make_unique<WindowOfFakes>();
        m_window->rules = std::move(rules);
        m_window->open();
        QVERIFY(runs().empty());
        QMimeData data;
        data.setUrls({QUrl::fromLocalFile(file)});
        QDragEnterEvent enter(QPoint(20, 20), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(&m_window->window(), &enter);
        QVERIFY(enter.isAccepted());
        QDropEvent drop(QPointF(20, 20), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(&m_window->window(), &drop);
        QTRY_COMPARE_WITH_TIMEOUT(table().model()->rowCount(), 1, kPatience);
        QVERIFY(m_window->seen("runsPage"));
        table().selectRow(0);
        rerunSelected();
    }
};

QTEST_MAIN(StoriesWindowTest)
#include "stories_window_test.moc"
