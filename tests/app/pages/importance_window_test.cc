// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/design_page.h"
#include "app/pages/importance_control.h"
#include "app/widgets/cost_panel.h"
#include "app/widgets/schedule_editor.h"
#include "app/widgets/timeline_widget.h"
#include "tests/app/pages/window_of_fakes.h"

#include <QSignalSpy>
#include <QtTest>

using namespace steploom;
using namespace steploom::testing;

/// Step importance in the real window: measured from the cost panel, shown on the timeline, used by the
/// optimum, and found again.
class ImportanceWindowTest : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<WindowOfFakes> m_window;
    TemporaryFolder m_texts;

    template <class Widget>
    Widget* find(const QString& name) {
        return m_window->find<Widget>(name);
    }
    DesignPage& design() { return *find<DesignPage>("designPage"); }
    /// Letters a…z, in words.
    QString writeTale(std::size_t letters) {
        std::string tale;
        for (std::size_t i = 0; i < letters; ++i)
            tale += static_cast<char>('a' + i * i % 26);
        writeText(m_texts / "tale.txt", tale);
        return QString::fromStdString((m_texts / "tale.txt").string());
    }
    void measure() {
        QSignalSpy ended(&m_window->window().engine(), &EngineThread::importanceEnded);
        m_window->click("measureImportance");
        QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 1, kPatience);
        QVERIFY(ended.first().at(1).toBool());
    }
    double predicted() { return find<QLabel>("costPredicted")->text().section(' ', 0, 0).toDouble(); }

private slots:
    void init() {
        m_window = std::make_unique<WindowOfFakes>();
        // The light one leans the further from the others the less is masked.
        m_window->rules['L'] = [](std::span<const std::int32_t>, float sigma, int, std::span<float> logits) {
            for (std::size_t i = 0; i < logits.size(); ++i)
                logits[i] = static_cast<float>(i) * 0.1f / (0.1f + sigma);
        };
    }
    void cleanup() { m_window.reset(); }

    void measuredOnceItIsShownUsedAndFoundAgain() {
        m_window->open();
        design().importance().setUsualText(writeTale(64 * 20));
        QVERIFY(find<QToolButton>("measureImportance")->isEnabled());
        QVERIFY(!m_window->seen("costPredicted"));
        QVERIFY(!find<QAction>("presetOptimum")->isEnabled());
        QVERIFY(design().editor().timeline()->importance().values.empty());

        measure();
        const std::vector<double> importance = design().editor().timeline()->importance().values;
        QCOMPARE(importance.size(), std::size_t{20});
        QVERIFY(std::ranges::all_of(importance, [](double nats) { return nats > 0; }));
        QVERIFY(m_window->seen("costPredicted"));
        QVERIFY(!m_window->seen("measureImportance"));

        // What it costs follows the schedule: nothing for the heavy one alone, most for the light one.
        const auto costOfNotation = [&](const char* notation) {
            design().editor().applySchedule(parseSchedule(notation), "test");
            return predicted();
        };
        QCOMPARE(costOfNotation("(H256)"), 0.0);
        const double sandwich = costOfNotation("(L32,H192,L32)"), all = costOfNotation("(L256)");
        QVERIFY(0 < sandwich && sandwich < all);

        emit find<QMenu>("presetsMenu")->aboutToShow();
        QVERIFY(find<QAction>("presetOptimum")->isEnabled());

        m_window->close();
        m_window->open();
        design().importance().setUsualText(QString::fromStdString((m_texts / "tale.txt").string()));
        QSignalSpy known(&m_window->window().engine(), &EngineThread::importanceKnown);
        m_window->window().session().setPool(m_window->window().session().pool());
        QTRY_COMPARE_WITH_TIMEOUT(known.count(), 1, kPatience);
        QCOMPARE(design().editor().timeline()->importance().values, importance);
        QVERIFY(m_window->seen("costPredicted"));
    }

    void anotherPoolDoesNotKeepIt() {
        m_window->open(3);
        design().importance().setUsualText(writeTale(64 * 20));
        measure();
        QVERIFY(design().editor().timeline()->importance().values.size() == 20);
        auto specs = m_window->window().session().pool().specs();
        specs.pop_back();
        QSignalSpy loaded(&m_window->window().engine(), &EngineThread::poolLoaded);
        m_window->window().engine().loadPool(specs);
        QTRY_COMPARE_WITH_TIMEOUT(loaded.count(), 1, kPatience);
        QVERIFY(design().editor().timeline()->importance().values.empty());
        QVERIFY(!m_window->seen("costPredicted"));
    }

    void onePoolMemberHasNothingToCompareWith() {
        m_window->open(1);
        design().importance().setUsualText(writeTale(64 * 20));
        QVERIFY(!find<QAction>("measureImportanceAction")->isEnabled());
        QVERIFY(find<QToolButton>("measureImportance")->toolTip().contains("one model only"));
    }

    void aTextThatCannotBeMeasuredSaysWhy() {
        m_window->open();
        design().importance().setUsualText(writeTale(10)); // shorter than a window
        m_window->click("measureImportance");
        QTRY_VERIFY_WITH_TIMEOUT(find<InlineMessage>("runMessage")->isVisible(), kPatience);
        QVERIFY2(find<InlineMessage>("runMessage")->text().contains("10 tokens"),
                 qPrintable(find<InlineMessage>("runMessage")->text()));
        QTRY_VERIFY(find<QToolButton>("measureImportance")->isEnabled());
    }

    void whatIsStoppedShowsTheWindowsSoFar() {
        m_window->open();
        design().importance().setUsualText(writeTale(64 * 4000));
        QSignalSpy advanced(&m_window->window().engine(), &EngineThread::importanceAdvanced);
        QSignalSpy ended(&m_window->window().engine(), &EngineThread::importanceEnded);
        m_window->click("measureImportance");
        QTRY_VERIFY_WITH_TIMEOUT(advanced.count() > 0, kPatience);
        find<QAction>("stopAction")->trigger();
        QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 1, kPatience);
        const auto profile = ended.first().first().value<ImportanceProfile>();
        if (!ended.first().at(1).toBool()) { // a quick machine may have been done before
            QVERIFY(profile.windows < 512);
            QVERIFY(find<QToolButton>("measureImportance") != nullptr);
        }
        QCOMPARE(design().importance().profile(), profile);
    }
};

QTEST_MAIN(ImportanceWindowTest)
#include "importance_window_test.moc"
