// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/report_command.h"
#include "app/pages/report_page.h"
#include "app/pages/report_run_list.h"
#include "app/pages/report_saved.h"
#include "app/widgets/page_preview.h"
#include "engine/runs/run_store.h"
#include "tests/app/pages/window_of_fakes.h"
#include "tests/engine/reports/report_runs.h"

#include <QCheckBox>
#include <QClipboard>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPlainTextEdit>
#include <QSpinBox>
#include <QtTest>

using namespace steploom;
using namespace steploom::testing;

/// From runs in the store to a report in a file, in the real window.
class ReportWindowTest : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<WindowOfFakes> m_window;
    std::unique_ptr<TemporaryFolder> m_files;

    ReportPage& page() { return *m_window->find<ReportPage>("reportPage"); }
    PagePreview& preview() { return page().preview(); }
    std::vector<std::int64_t> runs() { return m_window->find<ReportRunList>("reportRuns")->runs(); }
    QString path(const std::string& name) const { return QString::fromStdString((*m_files / name).string()); }
    std::filesystem::path storeFile() { return (*m_window)->library().file(); }
    std::string expected(const ReportChoice& choice, ReportFormat format) {
        const RunStore store(storeFile());
        return reportBytes(store, choice, format);
    }
    void keep(int count) {
        RunStore store(storeFile());
        for (int i = 0; i < count; ++i)
            keepRun(store, i % 2 ? "(L4,H8,L4)" : "(H16)", static_cast<std::uint64_t>(i + 1));
        (*m_window)->library().refresh();
    }
    /// Every page that is seen is drawn as it is now chosen.
    void waitForPages() { QTRY_VERIFY_WITH_TIMEOUT(preview().isComplete(), kPatience); }
    QString saveAs(const char* button, const std::string& name) {
        page().setFileChooser([file = path(name)](const QString&, const QString&) { return file; });
        m_window->click(button);
        [this] { QTRY_VERIFY_WITH_TIMEOUT(m_window->seen("reportSaved"), kPatience); }();
        return path(name);
    }

private slots:
    void init() {
        m_files = std::make_unique<TemporaryFolder>();
        m_window = std::make_unique<WindowOfFakes>();
        m_window->open();
    }
    void cleanup() {
        m_window.reset();
        m_files.reset();
    }

    void withoutRunsThePageSaysWhatToDo() {
        m_window->click("railReport");
        QVERIFY(m_window->seen("reportEmptyText"));
        QVERIFY(m_window->find<QLabel>("reportEmptyText")->text().contains("Ctrl+Return"));
        QVERIFY(!m_window->seen("reportNewest"));
        QVERIFY(!m_window->find<QAbstractButton>("reportPdf")->isEnabled());
        QVERIFY(!m_window->find<QAction>("reportPdfAction")->isEnabled());
    }

    void chosenRunsAreSeenAndSavedAsTheCommandLineWould() {
        keep(3);
        emit(*m_window)->session().reportRunsRequested({3, 1});
        QVERIFY(page().isVisible());
        QCOMPARE(runs(), (std::vector<std::int64_t>{3, 1}));
        waitForPages();
        const int all = preview().pageCount();
        QVERIFY(all >= 2);

        m_window->find<QCheckBox>("reportPart:samples")->setChecked(false);
        m_window->find<QCheckBox>("reportPart:configuration")->setChecked(false);
        QTRY_VERIFY_WITH_TIMEOUT(preview().pageCount() < all, kPatience);
        waitForPages();
        m_window->find<QLineEdit>("reportTitle")->setText("The light model's part");
        m_window->find<QLineEdit>("reportAuthor")->setText("A. Author");
        m_window->find<QPlainTextEdit>("reportRemarks")->setPlainText("-- first line\nsecond");
        m_window->find<QSpinBox>("reportSamples")->setValue(2);

        const ReportChoice choice = page().choice();
        QCOMPARE(choice.title, std::string("The light model's part"));
        QCOMPARE(choice.parts.size(), allReportParts().size() - 2);
        const QString pdf = saveAs("reportPdf", "report.pdf");
        QVERIFY(readText(pdf.toStdString()) == expected(choice, ReportFormat::Pdf));
        const QString html = saveAs("reportHtml", "report.html");
        QVERIFY(readText(html.toStdString()) == expected(choice, ReportFormat::Html));
        m_window->click("reportCopyCommand");
        QCOMPARE(QGuiApplication::clipboard()->text(),
                 reportCommand(choice, ReportFormat::Html, html, storeFile()));
        QUrl opened;
        page().saved().setOpener([&](const QUrl& url) {
            opened = url;
            return true;
        });
        m_window->click("reportOpen");
        QCOMPARE(opened, QUrl::fromLocalFile(html));
        m_window->click("reportShowFolder");
        QCOMPARE(opened, QUrl::fromLocalFile(QFileInfo(html).path()));
    }

    void theCommandHoldsEveryChoice() {
        ReportChoice choice;
        choice.runs = {3, 1};
        QCOMPARE(reportCommand(choice, ReportFormat::Pdf, "/tmp/a.pdf", "/s.sqlite"),
                 QString("steploom-cli report --store /s.sqlite --runs 3 1 --out /tmp/a.pdf"));
        choice.parts = {ReportPart::Summary, ReportPart::Charts};
        choice.title = "It's -x";
        choice.samples = 7;
        const QString command = reportCommand(choice, ReportFormat::CsvWide, "/tmp/a b.csv", "/s.sqlite");
        for (const char* part : {" --sections=summary,charts", " --title='It'\\''s -x'", " --samples 7",
                                 " --format csv-wide", " --out '/tmp/a b.csv'"})
            QVERIFY2(command.contains(part), qPrintable(command));
    }

    void runsAreAddedMovedAndTakenOut() {
        keep(4);
        m_window->click("railReport");
        m_window->click("reportNewest");
        QCOMPARE(runs(), (std::vector<std::int64_t>{1, 2, 3, 4})); // oldest first
        auto* list = m_window->find<ReportRunList>("reportRuns");
        list->setCurrentRow(3);
        m_window->click("reportRunUp");
        QCOMPARE(runs(), (std::vector<std::int64_t>{1, 2, 4, 3}));
        QTest::keyClick(list, Qt::Key_Up, Qt::ControlModifier);
        QCOMPARE(runs(), (std::vector<std::int64_t>{1, 4, 2, 3}));
        m_window->click("reportRunDown");
        QCOMPARE(runs(), (std::vector<std::int64_t>{1, 2, 4, 3}));
        QTest::keyClick(list, Qt::Key_Delete);
        QCOMPARE(runs(), (std::vector<std::int64_t>{1, 2, 3}));
        auto* menu = m_window->find<QMenu>("reportAddMenu");
        emit menu->aboutToShow();
        m_window->find<QAction>("reportAdd:4")->trigger();
        QCOMPARE(runs(), (std::vector<std::int64_t>{1, 2, 3, 4}));
        waitForPages();
    }

    void whatWasChosenIsRememberedButForRunsThatAreGone() {
        keep(3);
        emit(*m_window)->session().reportRunsRequested({1, 2});
        m_window->find<QLineEdit>("reportTitle")->setText("Kept");
        m_window->find<QCheckBox>("reportPart:search")->setChecked(false);
        waitForPages();
        const ReportChoice before = page().choice();
        m_window->close();
        m_window->open();
        m_window->click("railReport");
        QVERIFY(page().choice() == before);
        waitForPages();
        (*m_window)->library().change([](RunStore& store) { store.remove(1); });
        QTRY_COMPARE_WITH_TIMEOUT(runs(), (std::vector<std::int64_t>{2}), kPatience);
        QVERIFY(m_window->seen("reportMessage"));
        waitForPages();
    }

    void whatCannotBeWrittenIsSaidInline() {
        keep(1);
        emit(*m_window)->session().reportRunsRequested({1});
        waitForPages();
        page().setFileChooser([this](const QString&, const QString&) { return path("absent/report.pdf"); });
        m_window->click("reportPdf");
        QTRY_VERIFY_WITH_TIMEOUT(m_window->seen("reportMessage"), kPatience);
        QVERIFY(m_window->find<InlineMessage>("reportMessage")->text().contains("absent"));
        QVERIFY(!m_window->seen("reportSaved"));
        QVERIFY(m_window->find<QAbstractButton>("reportPdf")->isEnabled()); // it can be tried again
    }

    void pagesAreTurnedAndZoomedByKeyboard() {
        keep(3);
        emit(*m_window)->session().reportRunsRequested({1, 2, 3});
        waitForPages();
        QVERIFY(preview().pageCount() >= 2);
        preview().setFocus();
        QCOMPARE(preview().currentPage(), 0);
        QTest::keyClick(&preview(), Qt::Key_PageDown);
        QCOMPARE(preview().currentPage(), 1);
        QCOMPARE(m_window->find<QLabel>("reportPageText")->text(),
                 QString("page 2 of %1").arg(preview().pageCount()));
        waitForPages();
        QTest::keyClick(&preview(), Qt::Key_Home);
        QCOMPARE(preview().currentPage(), 0);
        const double fit = preview().shownZoom();
        QTest::keyClick(&preview(), Qt::Key_Plus);
        QVERIFY(preview().shownZoom() > fit);
        waitForPages();
        QTest::keyClick(&preview(), Qt::Key_0);
        QCOMPARE(preview().shownZoom(), fit);
        waitForPages();
    }
};

QTEST_MAIN(ReportWindowTest)
#include "report_window_test.moc"
