// SPDX-License-Identifier: GPL-3.0-or-later
// Schedules and pools as a person edits them: the real window, driven by the names of its widgets.
#include "app/pages/main_window.h"
#include "app/widgets/controls.h"
#include "app/widgets/timeline_widget.h"
#include "tests/testing/fake_models.h"
#include "tests/testing/paths.h"

#include <QAbstractItemView>
#include <QClipboard>
#include <QDropEvent>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QMimeData>
#include <QSettings>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTest>

using namespace steploom;
using namespace steploom::testing;

namespace {

constexpr int kVocabulary = 27; ///< 26 letters and the mask
constexpr int kPatience = 30'000;

ModelPool fakePool(std::vector<PoolMemberSpec> specs, const std::filesystem::path&, ComputeContext&) {
    std::vector<PoolMember> members;
    for (const PoolMemberSpec& spec : specs) {
        if (spec.path.find("other") != std::string::npos)
            throw Error(ErrorKind::Pool,
                        {"cannot make the pool", "H (heavy) and M (other)",
                         "the vocabularies differ: 27 and 50,258 tokens", "choose models of one tokenizer"});
        members.push_back(
            {spec, std::make_shared<FakeDenoiser>(kVocabulary, 64, spec.letter == 'H' ? 12 : 4)});
    }
    return ModelPool(std::move(members), makeLetterTokenizer(kVocabulary - 1));
}

} // namespace

class TimelineWindowTest : public QObject {
    Q_OBJECT
private:
    std::unique_ptr<TemporaryFolder> m_folder;
    std::unique_ptr<MainWindow> m_window;

    void openWindow() {
        WindowOptions options;
        options.engine.storeFile = *m_folder / "runs.sqlite";
        options.engine.threads = 1;
        options.engine.loadPool = fakePool;
        options.pool = {{.letter = 'H', .name = "heavy", .path = "fake/heavy"},
                        {.letter = 'L', .name = "light", .path = "fake/light"}};
        options.theme = Theme::Mode::Light;
        m_window = std::make_unique<MainWindow>(std::move(options));
        m_window->resize(1440, 900);
        m_window->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
        QTRY_VERIFY_WITH_TIMEOUT(m_window->findChild<MemberChip*>("member1"), kPatience);
    }
    template <class Widget>
    Widget* find(const char* name) {
        auto* widget = m_window->findChild<Widget*>(name);
        if (!widget)
            qFatal("no %s", name);
        return widget;
    }
    TimelineWidget* timeline() { return find<TimelineWidget>("timeline"); }
    QString notation() { return find<QLineEdit>("scheduleNotation")->text(); }
    void type(const QString& text) {
        auto* field = find<QLineEdit>("scheduleNotation");
        field->setFocus();
        field->selectAll();
        QTest::keyClicks(field, text);
        QTest::keyClick(field, Qt::Key_Return);
    }
    void tool(const char* name) { QTest::mouseClick(find<QToolButton>(name), Qt::LeftButton); }
    void drag(double from, double to, int lane) {
        const auto at = [&](double step) { return timeline()->pointAt(step, lane).toPoint(); };
        QTest::mousePress(timeline(), Qt::LeftButton, {}, at(from));
        QTest::mouseMove(timeline(), at((from + to) / 2));
        QTest::mouseMove(timeline(), at(to));
        QTest::mouseRelease(timeline(), Qt::LeftButton, {}, at(to));
    }
    /// The member's menu, open.
    QMenu* openMenu(int member) {
        QTest::mouseClick(find<MemberChip>(qPrintable(QString("member%1").arg(member))), Qt::LeftButton);
        return find<QMenu>("memberMenu");
    }
    std::string poolLetters() const { return m_window->session().pool().letters(); }

private slots:
    void init() {
        m_folder = std::make_unique<TemporaryFolder>();
        QCoreApplication::setOrganizationName("steploom-test");
        QCoreApplication::setApplicationName("steploom-test");
        QSettings::setDefaultFormat(QSettings::IniFormat);
        QSettings::setPath(QSettings::IniFormat, QSettings::UserScope,
                           QString::fromStdString(m_folder->path().string()));
        openWindow();
    }
    void cleanup() {
        m_window.reset();
        Theme::instance().setMemberColors({});
        m_folder.reset();
    }

    void aSandwichIsPaintedWithTheMouseAndReadInTheNotation() {
        type("all heavy");
        QCOMPARE(notation(), "(H256)");
        tool("toolPaint");
        drag(0.5, 31.5, 1);
        drag(224.5, 255.5, 1);
        QCOMPARE(notation(), "(L32,H192,L32)");
    }

    void aNotationIsTypedAndItsSegmentsSeen() {
        type("(L>75%,H>25%,L>0%)");
        QCOMPARE(notation(), "(L64,H128,L64)");
        QCOMPARE(timeline()->schedule().segments().size(), std::size_t{3});
        const QImage image = timeline()->grab().toImage();
        const auto colorAt = [&](double step, int lane) {
            return image.pixelColor(timeline()->pointAt(step, lane).toPoint());
        };
        const ThemeColors& colors = Theme::instance().colors();
        QCOMPARE(colorAt(80, 0).name(), colors.heavy.name());
        QVERIFY(colorAt(80, 1).name() != colors.light.name());
        QVERIFY(colorAt(10, 0).name() != colors.heavy.name());
        QTest::mouseClick(find<QToolButton>("tableSwitch"), Qt::LeftButton);
        QCOMPARE(find<QAbstractItemView>("segmentTable")->model()->rowCount(), 3);
    }

    void anEdgeIsDraggedUnderABudgetLock() {
        tool("lockBudget");
        tool("toolEdge");
        drag(32, 44, 0);
        QCOMPARE(notation(), "(L44,H192,L20)");
        QCOMPARE(find<QLabel>("costLight")->text(), "25.0%");
    }

    void twentyEditsAreUndoneToTheStartAndRedone() {
        const QString start = notation();
        tool("toolPaint");
        for (int i = 0; i < 20; ++i)
            drag(40.5 + 9 * i, 44.5 + 9 * i, 1);
        const QString end = notation();
        QVERIFY(end != start);
        for (int i = 0; i < 20; ++i)
            QTest::keyClick(m_window.get(), Qt::Key_Z, Qt::ControlModifier);
        QCOMPARE(notation(), start);
        QVERIFY(!find<QToolButton>("undoButton")->isEnabled());
        for (int i = 0; i < 20; ++i)
            QTest::keyClick(m_window.get(), Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
        QCOMPARE(notation(), end);
        QVERIFY(!find<QToolButton>("redoButton")->isEnabled());
    }

    void theUnitIsRemembered() {
        find<SegmentedSwitch>("rulerUnit")->button(2)->click();
        QCOMPARE(notation(), "(L>87.5%,H>12.5%,L>0%)");
        m_window.reset();
        openWindow();
        QCOMPARE(find<SegmentedSwitch>("rulerUnit")->currentIndex(), 2);
        QCOMPARE(notation(), "(L>87.5%,H>12.5%,L>0%)");
    }

    void aNumberOfStepsRescalesAndSaysSo() {
        find<QSpinBox>("stepsField")->setValue(100);
        QCOMPARE(notation(), "(L13,H75,L12)");
        QVERIFY(find<QLabel>("scheduleStatus")->toolTip().contains("from 256 to 100"));
    }

    void aScheduleIsSavedInTheLibraryAndLoadedAgain() {
        QTest::mouseClick(find<QToolButton>("libraryButton"), Qt::LeftButton);
        auto* panel = find<QWidget>("scheduleLibrary");
        QVERIFY(panel->isVisible());
        QTest::keyClicks(find<QLineEdit>("libraryName"), "ends");
        QTest::keyClick(find<QLineEdit>("libraryName"), Qt::Key_Return);
        auto* list = find<QAbstractItemView>("libraryList");
        QCOMPARE(list->model()->rowCount(), 1);
        panel->hide();
        type("all light");
        QTest::mouseClick(find<QToolButton>("libraryButton"), Qt::LeftButton);
        list->setCurrentIndex(list->model()->index(0, 0));
        find<QAbstractButton>("libraryLoad")->click();
        QCOMPARE(notation(), "(L32,H192,L32)");
        QTest::keyClick(m_window.get(), Qt::Key_Z, Qt::ControlModifier);
        QCOMPARE(notation(), "(L256)");
    }

    void aScheduleFileIsDroppedOnTheTimeline() {
        const QString path = QString::fromStdString((*m_folder / "late.schedule").string());
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write("# late\n(H96,L32)\n") > 0);
        file.close();
        QMimeData data;
        data.setUrls({QUrl::fromLocalFile(path)});
        auto* card = find<QWidget>("scheduleEditor");
        QDragEnterEvent enter({200, 50}, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QCoreApplication::sendEvent(card, &enter);
        QVERIFY(enter.isAccepted());
        QDropEvent drop({200, 50}, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QCoreApplication::sendEvent(card, &drop);
        QCOMPARE(notation(), "(H96,L32)");
        QCOMPARE(find<QSpinBox>("stepsField")->value(), 128);
        QVERIFY(!find<QWidget>("refusedMember")->isVisible());
    }

    void stepsWithoutACallOfTheLastRunAreMarked() {
        find<QSpinBox>("lengthField")->setValue(4);
        find<QSpinBox>("samplesField")->setValue(1);
        QVERIFY(timeline()->idleSteps().empty());
        QSignalSpy ended(&m_window->engine(), &EngineThread::runEnded);
        QTest::keyClick(m_window.get(), Qt::Key_Return, Qt::ControlModifier);
        QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 1, kPatience);
        int idle = 0;
        for (const auto& range : timeline()->idleSteps())
            idle += range.end - range.begin;
        QVERIFY2(idle >= 252 && idle < 256,
                 qPrintable(QString::number(idle))); // four positions, four calls at most
        find<QSpinBox>("stepsField")->setValue(64);
        QVERIFY(timeline()->idleSteps().empty()); // that run says nothing of another number of steps
    }

    void membersChangePlacesByKeyAndByDrag() {
        auto* light = find<MemberChip>("member1");
        light->setFocus();
        QTest::keyClick(light, Qt::Key_Left, Qt::AltModifier);
        QTRY_COMPARE_WITH_TIMEOUT(poolLetters(), std::string("LH"), kPatience);
        QCOMPARE(notation(), "(L32,H192,L32)"); // letters keep their steps
        auto* first = find<MemberChip>("member0");
        QTest::mousePress(first, Qt::LeftButton, {}, {20, 10});
        QTest::mouseMove(first, {first->width() / 2, 10});
        QTest::mouseMove(first, {first->width() + 60, 10});
        QTest::mouseRelease(first, Qt::LeftButton, {}, {first->width() + 60, 10});
        QTRY_COMPARE_WITH_TIMEOUT(poolLetters(), std::string("HL"), kPatience);
        QVERIFY(!m_window->findChild<QMenu*>("memberMenu")); // a drag is no click
    }

    void aMemberGetsAnotherLetterAndItsStepsWithIt() {
        QMenu* menu = openMenu(1);
        QAction* letter = nullptr;
        for (QAction* action : menu->findChild<QMenu*>("memberLetters")->actions())
            if (action->text() == "S")
                letter = action;
        QVERIFY(letter);
        letter->trigger();
        menu->close();
        QTRY_COMPARE_WITH_TIMEOUT(poolLetters(), std::string("HS"), kPatience);
        QCOMPARE(notation(), "(S32,H192,S32)");
    }

    void aMemberGetsAnotherColourEverywhereAndKeepsIt() {
        const QColor before = Theme::instance().memberColor(1);
        QMenu* menu = openMenu(1);
        menu->findChild<QMenu*>("memberColors")->actions().at(2)->trigger();
        menu->close();
        QCOMPARE(Theme::instance().memberColor(1), Theme::instance().colors().third);
        QVERIFY(Theme::instance().memberColor(1) != before);
        m_window.reset();
        Theme::instance().setMemberColors({});
        openWindow();
        QCOMPARE(Theme::instance().memberColor(1), Theme::instance().colors().third);
        // The first member takes it over: no two look alike.
        QMenu* first = openMenu(0);
        first->findChild<QMenu*>("memberColors")->actions().at(2)->trigger();
        first->close();
        QCOMPARE(Theme::instance().memberColor(0), Theme::instance().colors().third);
        QCOMPARE(Theme::instance().memberColor(1), Theme::instance().colors().heavy);
    }

    void aModelThatDoesNotFitIsRefusedBesideTheOthers() {
        auto* refused = find<QWidget>("refusedMember");
        QVERIFY(!refused->isVisible());
        QMimeData data;
        const QString folder = QString::fromStdString((*m_folder / "other").string());
        std::filesystem::create_directory(folder.toStdString());
        data.setUrls({QUrl::fromLocalFile(folder)});
        // Dropped on the timeline, which leaves folders to the window.
        QDragEnterEvent enter({200, 50}, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QCoreApplication::sendEvent(find<QWidget>("scheduleEditor"), &enter);
        QVERIFY(enter.isAccepted());
        QDropEvent drop({200, 50}, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QCoreApplication::sendEvent(m_window.get(), &drop);
        QTRY_VERIFY_WITH_TIMEOUT(refused->isVisible(), kPatience);
        QVERIFY(refused->toolTip().contains("50,258") && refused->toolTip().contains("one tokenizer"));
        QVERIFY(find<QLabel>("refusedReason")->text().contains("vocabularies"));
        QCOMPARE(refused->geometry().top(), find<MemberChip>("member1")->geometry().top()); // in their row
        QCOMPARE(poolLetters(), std::string("HL"));
        QVERIFY(!find<InlineMessage>("poolMessage")->isVisible());
        find<QAbstractButton>("refusedDismiss")->click();
        QVERIFY(!refused->isVisible());
    }

    void factsOfAMemberAreThereOnHover() {
        const QString facts = find<MemberChip>("member0")->toolTip();
        for (const char* word : {"architecture", "blocks", "vocabulary", "computes in", "fake/heavy"})
            QVERIFY2(facts.contains(word), word);
    }
};

QTEST_MAIN(TimelineWindowTest)
#include "timeline_window_test.moc"
