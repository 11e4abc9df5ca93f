// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/commands.h"
#include "app/pages/shortcuts_model.h"
#include "tests/testing/paths.h"

#include <QAbstractItemModelTester>
#include <QSettings>
#include <QSignalSpy>
#include <QTest>

#include <memory>

using namespace steploom;
using namespace steploom::testing;

namespace {

QList<QKeySequence> keys(std::initializer_list<const char*> texts) {
    QList<QKeySequence> list;
    for (const char* text : texts)
        list << QKeySequence(text);
    return list;
}

} // namespace

class CommandsTest : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<TemporaryFolder> m_settings;
    std::unique_ptr<QObject> m_owner;
    std::unique_ptr<Commands> m_commands;

    QAction* make(const char* id, const char* text, const QList<QKeySequence>& shortcuts) {
        auto* action = new QAction(text, m_owner.get());
        action->setObjectName(id);
        action->setShortcuts(shortcuts);
        return action;
    }
    /// As a new start of the program would.
    void start() {
        m_commands.reset();
        m_owner = std::make_unique<QObject>();
        m_commands = std::make_unique<Commands>();
        m_commands->add("Schedule", make("copy", "&Copy", keys({"Ctrl+C"})));
        m_commands->add("Window", make("quit", "Quit", keys({"Ctrl+Q"})));
        m_commands->add("Schedule", make("undo", "Undo", keys({"Ctrl+Z", "Alt+Backspace"})));
        m_commands->restore();
    }
    QList<QKeySequence> of(const char* id) { return m_commands->find(id)->shortcuts(); }

private slots:
    void init() {
        m_settings = std::make_unique<TemporaryFolder>();
        QCoreApplication::setOrganizationName("steploom-test");
        QCoreApplication::setApplicationName("steploom-test");
        QSettings::setDefaultFormat(QSettings::IniFormat);
        QSettings::setPath(QSettings::IniFormat, QSettings::UserScope,
                           QString::fromStdString(m_settings->path().string()));
        start();
    }

    void groupsStayTogether() {
        QStringList texts;
        for (const Command& command : m_commands->all())
            texts << command.group + ": " + command.text();
        QCOMPARE(texts, (QStringList{"Schedule: Copy", "Schedule: Undo", "Window: Quit"}));
    }

    void aConflictNamesTheOtherAlsoWhenKeysOnlyBeginAlike() {
        QVERIFY(!m_commands->userOf(QKeySequence("Ctrl+J"), "copy"));
        QCOMPARE(m_commands->userOf(QKeySequence("Ctrl+Q"), "copy")->id, "quit");
        QVERIFY(!m_commands->userOf(QKeySequence("Ctrl+Q"), "quit"));
        QCOMPARE(m_commands->userOf(QKeySequence("Ctrl+Q, Ctrl+A"), "copy")->id, "quit");
        QCOMPARE(m_commands->userOf(QKeySequence("Alt+Backspace"), "copy")->id, "undo");
    }

    void onlyPlainKeysAreHiddenByTheTimeline() {
        QVERIFY(Commands::hiddenBy(QKeySequence("H")));
        QVERIFY(Commands::hiddenBy(QKeySequence("Shift+H")));
        QVERIFY(Commands::hiddenBy(QKeySequence("Left")));
        QVERIFY(!Commands::hiddenBy(QKeySequence("Ctrl+H")));
        QVERIFY(!Commands::hiddenBy(QKeySequence("F5")));
    }

    void anAssignedShortcutLeavesTheOtherAndBothAreKept() {
        QSignalSpy changed(m_commands.get(), &Commands::changed);
        m_commands->assign("quit", QKeySequence("Ctrl+Z"));
        QVERIFY(changed.count() > 0);
        QCOMPARE(of("quit"), keys({"Ctrl+Q", "Ctrl+Z"}));
        QCOMPARE(of("undo"), keys({"Alt+Backspace"}));
        start();
        QCOMPARE(of("quit"), keys({"Ctrl+Q", "Ctrl+Z"}));
        QCOMPARE(of("undo"), keys({"Alt+Backspace"}));
        m_commands->reset("undo");
        QCOMPARE(of("undo"), keys({"Ctrl+Z", "Alt+Backspace"}));
        QCOMPARE(of("quit"), keys({"Ctrl+Q"}));
    }

    void allAreResetAndNothingIsKeptOfIt() {
        m_commands->setShortcuts("copy", {});
        m_commands->assign("undo", QKeySequence("F2"));
        start();
        QCOMPARE(of("copy"), QList<QKeySequence>()); // none is a choice too
        m_commands->resetAll();
        QCOMPARE(of("copy"), keys({"Ctrl+C"}));
        QVERIFY(!QSettings().childGroups().contains("shortcuts"));
        start();
        QCOMPARE(of("undo"), keys({"Ctrl+Z", "Alt+Backspace"}));
    }

    void whatCannotBeReadIsToldAndTheUsualOneServes() {
        QSettings().setValue("shortcuts/copy", QStringList{"Ctrl+Nonsense"});
        start();
        QCOMPARE(of("copy"), keys({"Ctrl+C"}));
        QCOMPARE(m_commands->problems().size(), std::size_t{1});
        QVERIFY(m_commands->problems().front().why.find("Nonsense") != std::string::npos);
    }

    void aKeptShortcutGoesBeforeTheUsualOneOfAnother() {
        QSettings().setValue("shortcuts/copy", QStringList{"Ctrl+Q"});
        start();
        QCOMPARE(of("copy"), keys({"Ctrl+Q"}));
        QCOMPARE(of("quit"), QList<QKeySequence>());
    }

    void theModelHoldsWhatItShowsAndFollows() {
        ShortcutsModel model(*m_commands);
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        ShortcutsFilter filter;
        QAbstractItemModelTester filterTester(&filter,
                                              QAbstractItemModelTester::FailureReportingMode::QtTest);
        filter.setSourceModel(&model);
        QCOMPARE(model.index(0, 0).data().toString(), "Schedule");
        QModelIndex undo = model.indexOf("undo");
        QCOMPARE(undo.siblingAtColumn(1).data().toString(), "Ctrl+Z   Alt+Backspace");
        QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
        m_commands->setShortcuts("undo", keys({"F7"}));
        QVERIFY(changed.count() > 0);
        QCOMPARE(undo.siblingAtColumn(1).data().toString(), "F7");

        const auto found = [&filter] {
            QStringList texts;
            for (int i = 0; i < filter.rowCount(); ++i)
                for (int j = 0; j < filter.rowCount(filter.index(i, 0)); ++j)
                    texts << filter.index(j, 0, filter.index(i, 0)).data().toString();
            return texts;
        };
        filter.setText("sched UND");
        QCOMPARE(found(), QStringList("Undo"));
        filter.setText({});
        filter.setKeys(QKeySequence("Ctrl+Q"));
        QCOMPARE(found(), QStringList("Quit"));
        filter.setKeys(QKeySequence("H"));
        QCOMPARE(found(), QStringList("Give the step or range to a model"));
        filter.setKeys({});
        QVERIFY(found().size() > 10);
    }
};

QTEST_MAIN(CommandsTest)
#include "commands_test.moc"
