// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/compare_page.h"
#include "app/pages/run_chooser.h"
#include "app/widgets/token_canvas.h"
#include "window_of_fakes.h"

#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPlainTextEdit>
#include <QScrollBar>
#include <QSignalSpy>
#include <QSlider>
#include <QSpinBox>
#include <QTableView>

#include <array>

using namespace steploom;
using namespace steploom::testing;

class CompareWindowTest : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<WindowOfFakes> m_window;

    template <class Widget>
    Widget* find(const QString& name) {
        return m_window->find<Widget>(name);
    }
    QString said(const QString& label) { return find<QLabel>(label)->text(); }
    TokenCanvas* canvas(int place) { return find<TokenCanvas>(QStringLiteral("compareCanvas%1").arg(place)); }
    ComparePage* page() { return find<ComparePage>("comparePage"); }
    std::size_t stored() { return m_window->window().library().runs().size(); }

    /// Generates under a schedule; the run is the newest one then.
    qint64 generate(const QString& schedule, int seed = 1) {
        const std::size_t before = stored();
        GenerationRequest request;
        request.pool = m_window->window().session().pool().specs();
        request.schedule = parseSchedule(schedule.toStdString());
        request.length = 40;
        request.samples = 3;
        request.seed = static_cast<std::uint64_t>(seed);
        request.batch = 1;
        m_window->window().engine().generate(request);
        [&] {
            QTRY_COMPARE_WITH_TIMEOUT(stored(), before + 1, kPatience);
            QTRY_VERIFY_WITH_TIMEOUT(m_window->window().library().runs().front().state == RunState::Finished,
                                     kPatience);
        }();
        return m_window->window().library().runs().front().id;
    }
    void show(const std::vector<qint64>& runs) {
        emit m_window->window().session().compareRunsRequested(runs);
    }
    int framed(int place) { return static_cast<int>(std::ranges::count(canvas(place)->frames(), true)); }

private slots:
    void init() {
        m_window = std::make_unique<WindowOfFakes>();
        // A light model that says something else.
        m_window->rules['L'] = [](auto, float, int position, std::span<float> logits) {
            for (std::size_t token = 0; token < logits.size(); ++token)
                logits[token] = static_cast<float>((token * 7 + static_cast<std::size_t>(position) * 3) % 11);
        };
        m_window->open();
    }
    void cleanup() { m_window.reset(); }

    void emptyItSaysWhatToDoAndOffersTheNewestTwo() {
        QTest::keyClick(&m_window->window(), Qt::Key_2, Qt::ControlModifier);
        QVERIFY(m_window->seen("comparePage"));
        QVERIFY(said("compareEmptyText").contains("two schedules"));
        QVERIFY(!m_window->seen("compareNewest"));
        const qint64 heavy = generate("(H16)"), sandwich = generate("(L4,H8,L4)");
        generate("(L16)", 2); // another seed: no pair
        QTRY_VERIFY(m_window->seen("compareNewest"));
        QVERIFY(find<QPushButton>("compareNewest")->text().contains("all heavy"));
        m_window->click("compareNewest");
        QCOMPARE(page()->runs(), (std::vector<qint64>{heavy, sandwich}));
        QVERIFY(said("compareSummaryText").contains("3 samples in common"));
        QVERIFY(m_window->seen("compareColumn1") && !m_window->seen("compareColumn2"));
    }

    void differingTokensAreFramedByPositionOrBySequence() {
        show({generate("(H16)"), generate("(L4,H8,L4)")});
        QVERIFY(m_window->seen("comparePage"));
        const auto &first = canvas(0)->sample().tokens, &second = canvas(1)->sample().tokens;
        int differing = 0;
        for (std::size_t i = 0; i < first.size(); ++i) {
            differing += first[i] != second[i];
            QCOMPARE(bool(canvas(1)->frames().at(i)), first[i] != second[i]);
        }
        QVERIFY(differing > 0);
        QCOMPARE(framed(0), differing); // with two runs the baseline's are the same places
        QVERIFY(said("compareNote1").contains(QString("%1 of 40 tokens").arg(40 - differing)));
        find<QComboBox>("compareDifference")->setCurrentIndex(1);
        QVERIFY(framed(1) <= differing);
        find<QAction>("compareOffAction")->trigger();
        QCOMPARE(framed(0) + framed(1), 0);
        find<QAction>("comparePositionAction")->trigger();
        QCOMPARE(framed(1), differing);
    }

    void oneScrubberMovesAllRunsEachInItsOwnSteps() {
        show({generate("(H16)"), generate("(L4,H4)")});
        auto* scrubber = page()->findChild<QSlider*>("compareStepScrubber");
        QCOMPARE(scrubber->maximum(), 16);
        QCOMPARE(canvas(0)->maskedCount(), 0);
        scrubber->setValue(6);
        QCOMPARE(canvas(0)->step(), 6);
        QCOMPARE(canvas(1)->step(), 3);
        QVERIFY(canvas(0)->maskedCount() > 0 && canvas(1)->maskedCount() > 0);
        QTest::keyClick(page(), Qt::Key_End);
        QCOMPARE(canvas(1)->step(), 8);
        QTest::keyClick(page(), Qt::Key_Space); // from the start again
        QTRY_VERIFY(canvas(0)->step() < 16);
        QTest::keyClick(page(), Qt::Key_Space);
        QTest::keyClick(page(), Qt::Key_Home);
        QCOMPARE(canvas(0)->step(), 0);
        QTest::keyClick(page(), Qt::Key_Right);
        QVERIFY(canvas(0)->step() > 0);
    }

    void theNextSampleIsTheNextInEveryColumn() {
        show({generate("(H16)"), generate("(L4,H8,L4)"), generate("(L16)")});
        QCOMPARE(said("compareSample"), QString("Sample 1 of 3"));
        m_window->click("compareNext");
        for (int place = 0; place < 3; ++place)
            QCOMPARE(canvas(place)->sample().index, 1);
        QTest::keyClick(page(), Qt::Key_Right, Qt::ControlModifier);
        QCOMPARE(said("compareSample"), QString("Sample 3 of 3"));
        QVERIFY(!find<QToolButton>("compareNext")->isEnabled());
        find<QAction>("comparePreviousAction")->trigger();
        QCOMPARE(page()->sample(), 1);
    }

    void theBaselineIsChosenAndDifferencesFollow() {
        show({generate("(H16)"), generate("(L2,H4,L2)")}); // half of the steps, so fewer calls
        const QAbstractItemModel* model = find<QTableView>("compareDifferences")->model();
        QCOMPARE(model->rowCount(), 1);
        QVERIFY(model->index(0, 0).data().toString().startsWith("sandwich 50%"));
        QVERIFY(model->index(0, 2).data().toString().startsWith(QChar(0x2212))); // fewer FLOPs
        QCOMPARE(model->index(0, 7).data().toString(), QString("3 pairs"));
        find<QAction>("compareBaseline1")->trigger();
        QCOMPARE(page()->baseline(), std::size_t{1});
        QVERIFY(model->index(0, 0).data().toString().startsWith("all heavy"));
        QVERIFY(model->index(0, 2).data().toString().startsWith('+'));
        QCOMPARE(said("compareTag1"), QString("baseline"));
        QVERIFY(!m_window->seen("compareTag0"));
    }

    void settingsThatDifferAreListedAndAllOnDemand() {
        show({generate("(H16)"), generate("(L4,H8,L4)", 7)});
        find<QAbstractButton>("compareAllSettings");
        auto* tabs = find<SegmentedSwitch>("compareTabs");
        tabs->setCurrentIndex(1);
        const QAbstractItemModel* model = find<QTableView>("compareSettings")->model();
        const int differing = model->rowCount();
        QCOMPARE(model->index(0, 0).data().toString(), QString("schedule"));
        QCOMPARE(model->index(0, 2).data().toString(), QString("sandwich (L4,H8,L4)"));
        m_window->click("compareAllSettings");
        QVERIFY(model->rowCount() > differing + 5);
        tabs->setCurrentIndex(0);
        QVERIFY(
            find<QTableView>("compareDifferences")->model()->index(0, 7).data().toString().contains("Welch"));
    }

    void columnsChangePlacesLeaveAndOpenInDesign() {
        const qint64 a = generate("(H16)"), b = generate("(L4,H8,L4)"), c = generate("(L16)");
        show({a, b, c});
        find<QAction>("compareRight0")->trigger();
        QCOMPARE(page()->runs(), (std::vector<qint64>{b, a, c}));
        QCOMPARE(page()->baseline(), std::size_t{1}); // it moved along
        m_window->click("compareRemove1");
        QCOMPARE(page()->runs(), (std::vector<qint64>{b, c}));
        QCOMPARE(page()->baseline(), std::size_t{0});
        QSignalSpy report(&m_window->window().session(), &Session::reportRunsRequested);
        m_window->click("compareReport");
        QCOMPARE(report.first().first().value<std::vector<qint64>>(), (std::vector<qint64>{b, c}));
        find<QAction>("compareOpen1")->trigger();
        QVERIFY(!m_window->seen("comparePage"));
        QCOMPARE(find<QSpinBox>("lengthField")->value(), 40);
    }

    void runsAreAddedFromAListOfTheNewest() {
        const qint64 a = generate("(H16)"), b = generate("(L4,H8,L4)"), c = generate("(L16)", 9);
        show({a});
        RunChooser chooser(m_window->window().library().runs(), page()->runs(),
                           m_window->window().library().summary(a), 3);
        auto* list = chooser.findChild<QListWidget*>("runChooserList");
        QCOMPARE(list->count(), 2);
        QCOMPARE(chooser.chosen(), (std::vector<qint64>{c})); // the newest
        chooser.findChild<QLineEdit*>("runChooserFilter")->setText("sandwich");
        QVERIFY(list->item(0)->isHidden() && !list->item(1)->isHidden());
        page()->setChooser([b] { return std::vector<qint64>{b}; });
        m_window->click("compareAdd");
        QCOMPARE(page()->runs(), (std::vector<qint64>{a, b}));
    }

    void aRunThatIsDeletedStaysToReadAndSaysSo() {
        const qint64 a = generate("(H16)"), b = generate("(L4,H8,L4)");
        show({a, b});
        QVERIFY(!m_window->seen("compareNotice1"));
        m_window->window().library().moveToBin(std::array{std::int64_t{b}});
        QTRY_VERIFY(m_window->seen("compareNotice1"));
        QVERIFY(said("compareNotice1").contains("Deleted"));
        QVERIFY(!find<QAction>("compareOpen1")->isEnabled());
        QCOMPARE(canvas(1)->sample().tokens.size(), std::size_t{40});
        show({a, b});
        QCOMPARE(page()->runs(), (std::vector<qint64>{a}));
        QVERIFY(m_window->seen("compareMessage"));
    }

    void withoutTheTokenizerThePlainTextIsShownAndWhy() {
        const qint64 run = generate("(H16)");
        PoolFacts other = m_window->window().session().pool();
        other.members[0].spec.path = "elsewhere";
        m_window->window().session().setPool(other);
        show({run});
        QVERIFY(m_window->seen("comparePlain0"));
        QCOMPARE(find<QPlainTextEdit>("comparePlain0")->toPlainText().size(), 40);
        QVERIFY2(said("compareNotice0").contains("not there any more"), qPrintable(said("compareNotice0")));
    }

    void theComparisonComesBackInTheNextWindow() {
        const qint64 a = generate("(H16)"), b = generate("(L4,H8,L4)");
        show({a, b});
        find<QAction>("compareBaseline1")->trigger();
        find<QComboBox>("compareColoring")->setCurrentIndex(3);
        m_window->close();
        m_window->open();
        QTRY_VERIFY(m_window->seen("comparePage"));
        QCOMPARE(page()->runs(), (std::vector<qint64>{a, b}));
        QCOMPARE(page()->baseline(), std::size_t{1});
        QCOMPARE(canvas(0)->coloring(), TokenColoring::Entropy);
        QCOMPARE(canvas(0)->scaleEnd(), canvas(1)->scaleEnd()); // colours compare
    }

    void columnsScrollTogetherUnlessTheyAreNotTo() {
        show({generate("(H16)"), generate("(L4,H8,L4)")});
        for (int place = 0; place < 2; ++place)
            canvas(place)->setTextPixels(160); // more than there is room for
        QTRY_VERIFY(canvas(0)->verticalScrollBar()->maximum() > 0 &&
                    canvas(1)->verticalScrollBar()->maximum() > 0);
        QScrollBar *first = canvas(0)->verticalScrollBar(), *second = canvas(1)->verticalScrollBar();
        first->setValue(first->maximum());
        QCOMPARE(second->value(), second->maximum());
        m_window->click("compareTogether");
        first->setValue(0);
        QCOMPARE(second->value(), second->maximum());
    }
};

QTEST_MAIN(CompareWindowTest)
#include "compare_window_test.moc"
