// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/bridge/queue_model.h"
#include "app/pages/main_window.h"
#include "app/pages/pool_bar.h"
#include "app/widgets/controls.h"
#include "tests/testing/fake_models.h"
#include "tests/testing/paths.h"

#include <QAbstractButton>
#include <QAction>
#include <QDialog>
#include <QDockWidget>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QSettings>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTableView>
#include <QTest>
#include <QTimer>

#include <array>
#include <functional>

using namespace steploom;
using namespace steploom::testing;

namespace {

constexpr int kVocabulary = 27; ///< 26 letters and the mask
constexpr int kPatience = 30'000;

ModelPool fakePool(std::vector<PoolMemberSpec> specs, const std::filesystem::path&, ComputeContext&) {
    std::vector<PoolMember> members;
    for (const PoolMemberSpec& spec : specs)
        members.push_back(
            {spec, std::make_shared<FakeDenoiser>(kVocabulary, 64, spec.letter == 'H' ? 12 : 4)});
    return ModelPool(std::move(members), makeLetterTokenizer(kVocabulary - 1));
}

WindowOptions optionsIn(const TemporaryFolder& folder) {
    WindowOptions options;
    options.engine.storeFile = folder / "runs.sqlite";
    options.engine.threads = 1;
    options.engine.loadPool = fakePool;
    options.pool = {{.letter = 'H', .name = "heavy", .path = "fake/heavy"},
                    {.letter = 'L', .name = "light", .path = "fake/light"}};
    options.theme = Theme::Mode::Light;
    return options;
}

} // namespace

class QueueWindowTest : public QObject {
    Q_OBJECT
private:
    /// A window as a person finds it: shown, its pool loaded, with a small request.
    std::unique_ptr<MainWindow> openWindow(const TemporaryFolder& folder) {
        auto window = std::make_unique<MainWindow>(optionsIn(folder));
        window->show();
        if (!QTest::qWaitForWindowActive(window.get()))
            qWarning("the window did not become active");
        if (!QTest::qWaitFor([&] { return !window->session().pool().members.empty(); }, kPatience))
            qWarning("the pool was not loaded");
        return window;
    }
    template <class Widget>
    Widget* find(MainWindow& window, const char* name) {
        auto* widget = window.findChild<Widget*>(name);
        if (!widget)
            qWarning("no %s", name);
        return widget;
    }
    void click(MainWindow& window, const char* name) {
        auto* button = find<QAbstractButton>(window, name);
        QVERIFY2(button && button->isEnabled(), name);
        button->click();
    }
    void makeSmall(MainWindow& window, int samples = 2) {
        find<QSpinBox>(window, "lengthField")->setValue(8);
        find<QSpinBox>(window, "samplesField")->setValue(samples);
        find<QSpinBox>(window, "stepsField")->setValue(16);
    }
    /// Opens the dialog, has `use` play with it, and lets it end.
    void inCompareDialog(MainWindow& window, const std::function<void(QDialog&)>& use) {
        bool used = false;
        QTimer::singleShot(0, &window, [&] {
            auto* dialog = window.findChild<QDialog*>("compareDialog");
            QVERIFY(dialog);
            use(*dialog);
            used = true;
            if (dialog->isVisible())
                dialog->reject();
        });
        find<QAction>(window, "compareAction")->trigger();
        QVERIFY(used);
        window.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&window)); // keys go to it again
    }
    void tick(QDialog& dialog, const QString& schedule) {
        auto* list = dialog.findChild<QListWidget*>("compareSchedules");
        for (int row = 0; row < list->count(); ++row)
            if (list->item(row)->text() == schedule) {
                list->item(row)->setCheckState(Qt::Checked);
                return;
            }
        QFAIL(qPrintable("no schedule " + schedule));
    }
    /// "sandwich 1, all heavy 1, …"
    QString rows(MainWindow& window) {
        const auto* model = find<QTableView>(window, "queueTable")->model();
        QStringList all;
        for (int row = 0; row < model->rowCount(); ++row)
            all << model->index(row, QueueModel::Schedule).data().toString() + u' ' +
                       model->index(row, QueueModel::Seed).data().toString();
        return all.join(QStringLiteral(", "));
    }
    QString summary(MainWindow& window) { return find<QLabel>(window, "queueSummary")->text(); }
    /// Whatever modifiers the last key left behind.
    void select(MainWindow& window, int row) {
        auto* table = find<QTableView>(window, "queueTable");
        table->selectionModel()->setCurrentIndex(
            table->model()->index(row, 0), QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
    }

    std::unique_ptr<TemporaryFolder> m_settings;

private slots:
    void init() {
        m_settings = std::make_unique<TemporaryFolder>();
        QCoreApplication::setOrganizationName("steploom-test");
        QCoreApplication::setApplicationName("steploom-test");
        QSettings::setDefaultFormat(QSettings::IniFormat);
        QSettings::setPath(QSettings::IniFormat, QSettings::UserScope,
                           QString::fromStdString(m_settings->path().string()));
    }

    void theQueueOpensWithAKeyAndSaysWhatToDo() {
        const TemporaryFolder folder;
        const auto window = openWindow(folder);
        auto* dock = find<QDockWidget>(*window, "queueDock");
        QVERIFY(!dock->isVisible());
        QTest::keyClick(window.get(), Qt::Key_U, Qt::ControlModifier | Qt::ShiftModifier);
        QVERIFY(dock->isVisible());
        QVERIFY(find<QLabel>(*window, "queueEmpty")->isVisible());
        QVERIFY(find<QLabel>(*window, "queueEmpty")->text().contains("Ctrl+Shift+"));
        QTest::keyClick(window.get(), Qt::Key_U, Qt::ControlModifier | Qt::ShiftModifier);
        QVERIFY(!dock->isVisible());
    }

    void theNextWindowFindsTheQueueAsItWasAndRunsItOff() {
        const TemporaryFolder folder;
        QString before;
        {
            const auto window = openWindow(folder);
            makeSmall(*window);
            find<QAction>(*window, "pauseQueueAction")->trigger();
            QTest::keyClick(window.get(), Qt::Key_Return, Qt::ControlModifier | Qt::ShiftModifier);
            QVERIFY(find<QDockWidget>(*window, "queueDock")->isVisible());
            QCOMPARE(rows(*window), "sandwich 1");
            inCompareDialog(*window, [&](QDialog& dialog) {
                tick(dialog, "all heavy");
                tick(dialog, "all light");
                auto* seeds = dialog.findChild<QLineEdit*>("compareSeeds");
                seeds->setText("8-");
                QVERIFY(dialog.findChild<QLabel*>("compareSeedsError")->isVisible());
                QVERIFY(!dialog.findChild<QAbstractButton*>("compareAdd")->isEnabled());
                seeds->setText("3, 5");
                QVERIFY(!dialog.findChild<QLabel*>("compareSeedsError")->isVisible());
                QVERIFY(dialog.findChild<QLabel*>("compareSummary")
                            ->text()
                            .startsWith("3 schedules × 2 seeds = 6 generations of 2 samples"));
                dialog.findChild<QAbstractButton*>("compareAdd")->click();
            });
            QCOMPARE(rows(*window), "sandwich 1, sandwich 3, all heavy 3, all light 3, sandwich 5, "
                                    "all heavy 5, all light 5");
            QVERIFY(summary(*window).startsWith("paused · 7 waiting"));

            // The first one down twice, another one up by key, one cancelled and brought back, one cancelled.
            select(*window, 0);
            click(*window, "queueDown");
            click(*window, "queueDown");
            QCOMPARE(rows(*window).left(41), "sandwich 3, all heavy 3, sandwich 1, all ");
            auto* table = find<QTableView>(*window, "queueTable");
            select(*window, 6);
            window->activateWindow(); // the dialog was the active one
            QVERIFY(QTest::qWaitForWindowActive(window.get()));
            table->setFocus();
            QTest::keyClick(table, Qt::Key_Up, Qt::AltModifier);
            QVERIFY(rows(*window).endsWith("all light 5, all heavy 5"));
            select(*window, 0);
            QTest::keyClick(table, Qt::Key_Delete);
            QVERIFY(summary(*window).startsWith("paused · 6 waiting"));
            QTest::keyClick(table, Qt::Key_Z, Qt::ControlModifier); // not the schedule's undo
            QVERIFY(summary(*window).startsWith("paused · 7 waiting"));
            QTest::keyClick(table, Qt::Key_Delete);
            click(*window, "queueUndo");
            QVERIFY(rows(*window).startsWith("sandwich 3, all heavy 3"));
            select(*window, 1);
            click(*window, "queueCancel");
            before = rows(*window);
            QCOMPARE(before, "sandwich 3, sandwich 1, all light 3, sandwich 5, all light 5, all heavy 5");
            window->close();
        }
        const auto window = openWindow(folder);
        QVERIFY(find<QDockWidget>(*window, "queueDock")->isVisible());
        QCOMPARE(rows(*window), before);
        QVERIFY(window->queue().isPaused());
        QVERIFY(!window->engine().busy());

        click(*window, "queuePause"); // Resume
        QTRY_COMPARE_WITH_TIMEOUT(rows(*window), QString(), kPatience);
        QTRY_COMPARE_WITH_TIMEOUT((window->library().refresh(), window->library().runs().size()),
                                  std::size_t{6}, kPatience);
        QStringList made;
        for (const RunSummary& run : window->library().runs()) {
            QCOMPARE(run.state, RunState::Finished);
            made.prepend(QString::fromStdString(printSchedule(run.request.schedule)) + u' ' +
                         QString::number(run.request.seed));
        }
        QCOMPARE(made.join(", "), "(L2,H12,L2) 3, (L2,H12,L2) 1, (L16) 3, (L2,H12,L2) 5, (L16) 5, (H16) 5");
    }

    void closedWhileItRunsItGoesOnInTheNextWindow() {
        const TemporaryFolder folder;
        std::size_t finished = 0;
        {
            const auto window = openWindow(folder);
            makeSmall(*window, 20'000);
            QSignalSpy samples(&window->engine(), &EngineThread::sampleFinished);
            QTest::keyClick(window.get(), Qt::Key_Return, Qt::ControlModifier | Qt::ShiftModifier);
            QTRY_VERIFY_WITH_TIMEOUT(samples.count() > 2, kPatience);
            QVERIFY(find<QAbstractButton>(*window, "generateButton")->toolTip().contains("next one"));
            window->close();
        }
        {
            const RunStore store(folder / "runs.sqlite");
            QCOMPARE(store.listQueue().size(), std::size_t{1});
            QCOMPARE(store.listQueue()[0].state, QueueState::Waiting);
            QCOMPARE(store.summary(1).state, RunState::Stopped);
            finished = static_cast<std::size_t>(store.summary(1).finishedSamples);
            QVERIFY(finished > 2);
        }
        const auto window = openWindow(folder);
        QTRY_VERIFY_WITH_TIMEOUT(window->queue().running() != 0, kPatience);
        QSignalSpy samples(&window->engine(), &EngineThread::sampleFinished);
        QTRY_VERIFY_WITH_TIMEOUT(static_cast<std::size_t>(samples.count()) > finished, kPatience);
        QCOMPARE(window->library().runs().size(), std::size_t{1});
        // Cancelled, it leaves the queue and its samples behind.
        select(*window, 0);
        click(*window, "queueCancel");
        QTRY_VERIFY_WITH_TIMEOUT(!window->engine().busy(), kPatience);
        QCOMPARE(rows(*window), QString());
        window->library().refresh();
        QVERIFY(static_cast<std::size_t>(window->library().runs()[0].finishedSamples) >= finished);
    }

    void whatTheCommandLineAddsAppears() {
        const TemporaryFolder folder;
        const auto window = openWindow(folder);
        window->queue().setPaused(true);
        RunStore other(folder / "runs.sqlite");
        WantedGeneration wanted{"from elsewhere", {}};
        wanted.request.pool = {{.letter = 'H', .name = "teacher", .path = "fake/teacher"}};
        wanted.request.schedule = StepSchedule("HHHH");
        other.addToQueue(std::array{wanted});
        QTRY_COMPARE_WITH_TIMEOUT(rows(*window), "from elsewhere 1", kPatience); // it looks once a second
        const auto* model = find<QTableView>(*window, "queueTable")->model();
        QCOMPARE(model->index(0, QueueModel::Pool).data().toString(), "teacher");
        QCOMPARE(model->index(0, QueueModel::State).data().toString(), "waiting, loads its pool");
    }

    void loadingOtherModelsPausesAQueueThatNeedsThese() {
        const TemporaryFolder folder;
        const auto window = openWindow(folder);
        makeSmall(*window, 20'000);
        for (int i = 0; i < 2; ++i)
            QTest::keyClick(window.get(), Qt::Key_Return, Qt::ControlModifier | Qt::ShiftModifier);
        QTRY_VERIFY_WITH_TIMEOUT(window->queue().running() != 0, kPatience);
        auto* bar = window->findChild<PoolBar*>();
        emit bar->poolRequested(window->session().pool().specs()); // the same: nothing to pause for
        QVERIFY(!window->queue().isPaused());
        emit bar->poolRequested({{.letter = 'H', .name = "teacher", .path = "fake/teacher"}});
        QVERIFY(window->queue().isPaused());
        QVERIFY(find<InlineMessage>(*window, "windowMessage")->text().contains("Resume it"));
        window->engine().stop();
        QTRY_COMPARE_WITH_TIMEOUT(window->session().pool().members.size(), std::size_t{1}, kPatience);
        QTRY_VERIFY_WITH_TIMEOUT(!window->engine().busy(), kPatience);
        QCOMPARE(window->session().pool().members[0].spec.path, std::string("fake/teacher"));
        QCOMPARE(window->queue().waiting(), 2);
    }

    void aBranchThatIsBeingMadeIsNotTakenAway() {
        const TemporaryFolder folder;
        const auto window = openWindow(folder);
        makeSmall(*window);
        QSignalSpy ended(&window->engine(), &EngineThread::runEnded);
        QTest::keyClick(window.get(), Qt::Key_Return, Qt::ControlModifier);
        QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 1, kPatience);
        const qint64 shown = window->session().selectedRun();
        click(*window, "branchButton");
        auto* bar = find<QWidget>(*window, "branchBar");
        QVERIFY(bar->isVisible());
        WantedGeneration wanted{"queued", {}};
        wanted.request =
            window->library().runs().empty() ? GenerationRequest() : window->library().runs()[0].request;
        QVERIFY(!window->queue().add(std::array{wanted}));
        QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 2, kPatience);
        QVERIFY(bar->isVisible());
        QCOMPARE(window->session().selectedRun(), shown);
    }
};

QTEST_MAIN(QueueWindowTest)
#include "queue_window_test.moc"
