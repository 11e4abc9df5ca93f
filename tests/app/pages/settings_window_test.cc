// SPDX-License-Identifier: GPL-3.0-or-later
// Settings, profiles, layout and the first hint as a person meets them, over several starts of the window.
#include "tests/app/pages/window_of_fakes.h"

#include "app/pages/profiles.h"
#include "app/widgets/theme.h"

#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QScrollArea>
#include <QScrollBar>
#include <QSignalSpy>
#include <QSpinBox>
#include <QStackedWidget>
#include <QTableView>

using namespace steploom;
using namespace steploom::testing;

class SettingsWindowTest : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<WindowOfFakes> m_window;

    template <class Widget>
    Widget* find(const QString& name) {
        return m_window->find<Widget>(name);
    }
    void trigger(const QString& action) { find<QAction>(action)->trigger(); }
    QString profileShown() { return find<QToolButton>("profileButton")->text(); }
    void saveProfileAs(const QString& name, bool withText = false) {
        trigger("profileSaveAs");
        find<QLineEdit>("profileName")->setText(name);
        find<QCheckBox>("profileWithText")->setChecked(withText);
        m_window->click("profileAccept");
    }
    GenerationRequest generated() {
        QSignalSpy begun(&m_window->window().engine(), &EngineThread::runBegun);
        QSignalSpy ended(&m_window->window().engine(), &EngineThread::runEnded);
        trigger("generateAction");
        [&] { QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 1, kPatience); }();
        return begun.isEmpty() ? GenerationRequest() : begun.first().at(1).value<GenerationRequest>();
    }
    void makeSmall() {
        find<QSpinBox>("lengthField")->setValue(8);
        find<QSpinBox>("samplesField")->setValue(2);
        find<QSpinBox>("stepsField")->setValue(16);
    }

private slots:
    void init() {
        m_window = std::make_unique<WindowOfFakes>();
        m_window->open();
    }
    void cleanup() { m_window.reset(); }

    void everyOptionOfTheEngineReachesTheRun() {
        makeSmall();
        find<QComboBox>("samplerField")->setCurrentText("threshold");
        find<QDoubleSpinBox>("thresholdField")->setValue(0.75);
        find<QSpinBox>("blockLengthField")->setValue(4);
        find<QDoubleSpinBox>("temperatureField")->setValue(0.8);
        find<QDoubleSpinBox>("topPField")->setValue(0.9);
        find<QCheckBox>("float32GumbelField")->setChecked(true);
        find<QLineEdit>("seedField")->setText("18446744073709551615");
        find<QSpinBox>("batchField")->setValue(1);
        find<QSpinBox>("topTokensField")->setValue(3);
        find<QPlainTextEdit>("textField")->setPlainText("ab");
        const GenerationRequest request = generated();
        GenerationRequest wanted;
        wanted.pool = request.pool;
        wanted.schedule = request.schedule;
        wanted.length = 8;
        wanted.samples = 2;
        wanted.sampler = Sampler::Threshold;
        wanted.threshold = 0.75;
        wanted.blockLength = 4;
        wanted.temperature = 0.8;
        wanted.topP = 0.9;
        wanted.float32Gumbel = true;
        wanted.seed = 18446744073709551615ull;
        wanted.batch = 1;
        wanted.topTokens = 3;
        wanted.prompt = "ab";
        QVERIFY(request == wanted);
        QCOMPARE(request.schedule.steps(), 16);

        find<QComboBox>("samplerField")->setCurrentText("ancestral");
        find<QSpinBox>("blockLengthField")->setValue(0);
        find<QComboBox>("remaskField")->setCurrentText("loop");
        find<QDoubleSpinBox>("etaField")->setValue(0.25);
        QCOMPARE(generated().remasking, (Remasking{Remask::Loop, 0.25, 0.55, 0.05, 0.9}));
    }

    void everyFieldSaysWhatItMeans() {
        for (const char* name : {"stepsField", "lengthField", "samplerField", "thresholdField",
                                 "blockLengthField", "remaskField", "etaField", "loopOnField", "loopOffField",
                                 "alphaOnField", "temperatureField", "topPField", "float32GumbelField",
                                 "samplesField", "seedField", "batchField", "topTokensField"}) {
            auto* field = find<QWidget>(name);
            QString tip;
            for (QWidget* widget = field; tip.isEmpty() && widget->objectName() != "settingsPanel";
                 widget = widget->parentWidget())
                tip = widget->toolTip();
            QVERIFY2(tip.size() > 10 && !tip.contains('\n'), name);
            auto* button = qobject_cast<QCheckBox*>(field);
            QVERIFY2(!field->accessibleName().isEmpty() || (button && !button->text().isEmpty()), name);
        }
    }

    void aGroupIsResetAloneAndItsButtonComesOnlyWhenNeeded() {
        auto* sampling = find<QWidget>("drawingGroupReset");
        QVERIFY(!sampling->isVisible());
        QVERIFY(!find<QAction>("drawingGroupResetAction")->isEnabled());
        find<QDoubleSpinBox>("topPField")->setValue(0.9);
        find<QCheckBox>("float32GumbelField")->setChecked(true);
        find<QSpinBox>("samplesField")->setValue(3);
        QVERIFY(sampling->isVisible());
        QVERIFY(sampling->toolTip().contains("temperature 1, top-p 1"));
        m_window->click("drawingGroupReset");
        QCOMPARE(find<QDoubleSpinBox>("topPField")->value(), 1.0);
        QVERIFY(!find<QCheckBox>("float32GumbelField")->isChecked());
        QVERIFY(!sampling->isVisible());
        QCOMPARE(find<QSpinBox>("samplesField")->value(), 3);
        QVERIFY(m_window->seen("samplesGroupReset"));

        find<QSpinBox>("stepsField")->setValue(64);
        m_window->click("lengthGroupReset");
        QCOMPARE(find<QSpinBox>("stepsField")->value(), 256);
        QCOMPARE(find<QLineEdit>("scheduleNotation")->text(), "(L32,H192,L32)");
    }

    void groupsFoldToALineAndStayFoldedInTheNextWindow() {
        QVERIFY(!find<QWidget>("samplerField")->isVisible());
        QCOMPARE(find<QLabel>("orderGroupSummary")->text(), "ancestral");
        m_window->click("orderGroupHeading");
        m_window->click("samplesGroupHeading");
        QVERIFY(find<QWidget>("samplerField")->isVisible());
        QVERIFY(!find<QWidget>("samplesField")->isVisible());
        QVERIFY(find<QLabel>("samplesGroupSummary")->text().contains("seed 1"));
        m_window->close();
        m_window->open();
        QVERIFY(find<QWidget>("samplerField")->isVisible());
        QVERIFY(!find<QWidget>("samplesField")->isVisible());
        trigger("resetLayoutAction");
        QVERIFY(!find<QWidget>("samplerField")->isVisible());
        QVERIFY(find<QWidget>("samplesField")->isVisible());
    }

    void theSettingsFitTheirPanelWithThreeModels() {
        m_window->close();
        m_window->open(3);
        m_window->click("hintDismiss");
        m_window->window().resize(1440, 900);
        auto* area = find<QWidget>("settingsPanel")->findChild<QScrollArea*>();
        QTRY_COMPARE(area->window()->height(), 900);
        // Also beside a scroll bar nothing is cut off.
        QVERIFY2(area->widget()->minimumSizeHint().width() <= area->width() - 12,
                 qPrintable(QString::number(area->widget()->minimumSizeHint().width())));
        for (const LabeledRow* row : area->findChildren<LabeledRow*>())
            if (row->isVisible())
                QVERIFY2(row->label()->width() >= row->label()->sizeHint().width(),
                         qPrintable(row->label()->text()));
        QCOMPARE(area->verticalScrollBar()->maximum(), 0); // nothing to scroll
    }

    void aProfileIsSavedAndComesBackWithTheNextWindow() {
        find<QDoubleSpinBox>("temperatureField")->setValue(0.7);
        find<QSpinBox>("samplesField")->setValue(3);
        find<QPlainTextEdit>("textField")->setPlainText("abc");
        saveProfileAs("Mine");
        QCOMPARE(profileShown(), "Mine");
        QVERIFY(!find<QWidget>("profileName")->isVisible());
        find<QSpinBox>("samplesField")->setValue(4);
        QCOMPARE(profileShown(), "Mine •");
        m_window->close();
        m_window->open();
        QCOMPARE(profileShown(), "Mine •"); // as it was left
        find<QPlainTextEdit>("textField")->setPlainText("xyz");
        trigger("resetLayoutAction"); // has no say in it
        find<QMenu>("profileMenu")->popup({});
        trigger("profile:Mine");
        find<QMenu>("profileMenu")->close();
        QCOMPARE(profileShown(), "Mine");
        QCOMPARE(find<QSpinBox>("samplesField")->value(), 3);
        QCOMPARE(find<QDoubleSpinBox>("temperatureField")->value(), 0.7);
        QCOMPARE(find<QPlainTextEdit>("textField")->toPlainText(), "xyz"); // the prompt was not ticked
        find<QSpinBox>("samplesField")->setValue(5);
        trigger("profileSave");
        QCOMPARE(profileShown(), "Mine");
        QCOMPARE(Profiles().find("mine")->request.samples, 5);
    }

    void aProfileMayHoldThePrompt() {
        find<QPlainTextEdit>("textField")->setPlainText("abc");
        saveProfileAs("With", true);
        find<QPlainTextEdit>("textField")->setPlainText("xyz");
        QCOMPARE(profileShown(), "With •");
        find<QMenu>("profileMenu")->popup({});
        trigger("profile:With");
        find<QMenu>("profileMenu")->close();
        QCOMPARE(find<QPlainTextEdit>("textField")->toPlainText(), "abc");
    }

    void aProfileIsRenamedDeletedAndBroughtBack() {
        saveProfileAs("One");
        trigger("profileRename");
        find<QLineEdit>("profileName")->setText("Quick look");
        m_window->click("profileAccept");
        QVERIFY(find<InlineMessage>("profileMessage")->text().contains("Quick look"));
        QCOMPARE(profileShown(), "One");
        find<QLineEdit>("profileName")->setText("Two");
        m_window->click("profileAccept");
        QCOMPARE(profileShown(), "Two");
        QVERIFY(!Profiles().find("One"));
        trigger("profileDelete");
        QVERIFY(!Profiles().find("Two"));
        QVERIFY(m_window->seen("profileUndoBar"));
        m_window->click("profileUndo");
        QVERIFY(Profiles().find("Two"));
        QCOMPARE(profileShown(), "Two");
    }

    void theOnesThatComeWithTheProgramStay() {
        find<QMenu>("profileMenu")->popup({});
        trigger("profile:Quick look");
        find<QMenu>("profileMenu")->close();
        QCOMPARE(find<QSpinBox>("samplesField")->value(), 2);
        QVERIFY(!find<QAction>("profileDelete")->isEnabled());
        QVERIFY(!find<QAction>("profileRename")->isEnabled());
        saveProfileAs("quick LOOK");
        QVERIFY(find<InlineMessage>("profileMessage")->text().contains("comes with the program"));
    }

    void aDamagedProfileIsToldAndNotLost() {
        saveProfileAs("Good");
        m_window->close();
        {
            QSettings stored;
            stored.beginWriteArray("profiles", 3);
            stored.setArrayIndex(1);
            stored.setValue("name", "Hurt");
            stored.setValue("settings", "{\"length\": \"many\"}");
            stored.setArrayIndex(2);
            stored.setValue("name", "Worse");
            stored.setValue("settings", "no JSON");
            stored.endArray();
        }
        m_window->open();
        const QString told = find<InlineMessage>("profileMessage")->text();
        QVERIFY2(told.contains("Hurt") && told.contains("length"), qPrintable(told));
        QVERIFY(m_window->seen("profileMessage"));
        saveProfileAs("Another"); // writes the list anew
        QSettings stored;
        QCOMPARE(stored.beginReadArray("profiles"), 4);
        QStringList texts;
        for (int i = 0; i < 4; ++i) {
            stored.setArrayIndex(i);
            texts << stored.value("settings").toString();
        }
        QVERIFY(texts.contains("no JSON"));
    }

    void pageColumnsColoursAndRulerComeBack() {
        auto* table = find<QTableView>("runTable");
        table->horizontalHeader()->moveSection(0, 3);
        table->setColumnWidth(2, 99);
        table->sortByColumn(5, Qt::AscendingOrder);
        find<QComboBox>("canvasColoring")->setCurrentIndex(2);
        find<SegmentedSwitch>("rulerUnit")->button(1)->click();
        m_window->click("railRuns");
        m_window->window().resize(m_window->window().width(), 700);
        m_window->close();
        m_window->open();
        QVERIFY(m_window->seen("runsPage"));
        QCOMPARE(m_window->window().height(), 700);
        table = find<QTableView>("runTable");
        QCOMPARE(table->horizontalHeader()->visualIndex(0), 3);
        QCOMPARE(table->columnWidth(2), 99);
        QCOMPARE(table->horizontalHeader()->sortIndicatorSection(), 5);
        QCOMPARE(static_cast<int>(table->horizontalHeader()->sortIndicatorOrder()), int{Qt::AscendingOrder});
        QCOMPARE(find<QComboBox>("canvasColoring")->currentIndex(), 2);
        QCOMPARE(find<SegmentedSwitch>("rulerUnit")->currentIndex(), 1);

        trigger("resetLayoutAction");
        QVERIFY(m_window->seen("designPage"));
        QCOMPARE(table->horizontalHeader()->visualIndex(0), 0);
        QCOMPARE(find<QComboBox>("canvasColoring")->currentIndex(), 0);
        QCOMPARE(find<SegmentedSwitch>("rulerUnit")->currentIndex(), 0);
    }

    void docksComeBackAndGoWithTheResetOfTheLayout() {
        QVERIFY(!m_window->seen("queueDock"));
        trigger("queueAction");
        QVERIFY(m_window->seen("queueDock"));
        m_window->close();
        m_window->open();
        QVERIFY(m_window->seen("queueDock"));
        trigger("resetLayoutAction");
        QVERIFY(!m_window->seen("queueDock"));
    }

    void aDamagedOrLostPlaceFallsBackToSomethingVisible() {
        m_window->window().setGeometry(-5000, -5000, 900, 700);
        m_window->close();
        m_window->open();
        const QRect room = m_window->window().screen()->availableGeometry();
        QVERIFY(room.contains(m_window->window().geometry().center()));
        m_window->close();
        {
            QSettings stored;
            stored.setValue("window/geometry", QByteArray("\x01\xd9\xd0\xcb garbage"));
            stored.setValue("window/state", QByteArray("garbage"));
            stored.setValue("window/page", "noSuchPage");
            stored.setValue("runs/columns", "garbage");
            stored.setValue("design/request", "{\"length\":");
            stored.setValue("design/coloring", "infrared");
        }
        m_window->open();
        QVERIFY(room.intersects(m_window->window().geometry()));
        QVERIFY(m_window->window().width() >= 400);
        QVERIFY(m_window->seen("designPage"));
        QVERIFY(find<InlineMessage>("windowMessage")->text().contains("settings of last time"));
        QCOMPARE(find<QTableView>("runTable")->horizontalHeader()->visualIndex(0), 0);
    }

    void theHintGoesWithTheFirstGenerationAndStaysAway() {
        QVERIFY(m_window->seen("firstHint"));
        QVERIFY(find<QLabel>("hintStep2")->text().contains("Ctrl+Return"));
        m_window->close();
        m_window->open();
        QVERIFY(m_window->seen("firstHint")); // neither put away nor followed
        makeSmall();
        (void)generated();
        QVERIFY(!m_window->seen("firstHint"));
        m_window->close();
        m_window->open();
        QVERIFY(!m_window->seen("firstHint"));
        trigger("showHintsAction");
        QVERIFY(m_window->seen("firstHint"));
        m_window->click("hintDismiss");
        m_window->close();
        m_window->open();
        QVERIFY(!m_window->seen("firstHint"));
    }

    void whoHasSettingsSeesNoHint() {
        m_window->close();
        {
            QSettings stored;
            stored.clear();
            stored.setValue("window/theme", "dark");
        }
        m_window->open();
        QVERIFY(!m_window->seen("firstHint"));
    }

    /// What a screen reader would say of every widget that takes the focus.
    void everyWidgetThatTakesTheFocusHasAName() {
        QStringList nameless;
        trigger("shortcutsAction");
        for (const QWidget* widget : m_window->window().findChildren<QWidget*>()) {
            const bool takesFocus = (widget->focusPolicy() & Qt::TabFocus) != 0;
            // Parts of a box that has a name: its editor, a list that drops down, scroll bars, headers.
            const QString kind = widget->metaObject()->className();
            const bool isPart = widget->objectName().startsWith("qt_") || kind.startsWith("QComboBox") ||
                                kind == "QHeaderView" || kind == "QScrollBar" ||
                                qobject_cast<QAbstractSpinBox*>(widget->parentWidget()) ||
                                qobject_cast<QComboBox*>(widget->parentWidget());
            if (!takesFocus || isPart || widget->focusProxy())
                continue;
            const auto* button = qobject_cast<const QAbstractButton*>(widget);
            const bool named = !widget->accessibleName().isEmpty() || (button && !button->text().isEmpty());
            if (!named)
                nameless << kind + ' ' + widget->objectName() + " in " +
                                (widget->parentWidget() ? widget->parentWidget()->objectName() : QString());
        }
        QVERIFY2(nameless.isEmpty(), qPrintable(nameless.join("; ")));
    }
};

QTEST_MAIN(SettingsWindowTest)
#include "settings_window_test.moc"
