// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/fuzzy_match.h"
#include "app/pages/palette_model.h"

#include <QAbstractItemModelTester>
#include <QTest>

using namespace steploom;

namespace {

PaletteEntry entry(const char* id, const char* group, const char* text, const char* whyNot = "") {
    return {.id = id, .group = group, .text = text, .whyNot = whyNot};
}

} // namespace

class PaletteTest : public QObject {
    Q_OBJECT

private:
    static QStringList texts(const PaletteModel& model) {
        QStringList all;
        for (int row = 0; row < model.rowCount(); ++row)
            all << model.index(row).data().toString();
        return all;
    }
    static QString headings(const PaletteModel& model) {
        QStringList all;
        for (int row = 0; row < model.rowCount(); ++row)
            all << model.index(row).data(PaletteModel::HeadingRole).toString();
        return all.join('|');
    }
    static int score(const char* pattern, const char* name) {
        const auto match = fuzzyMatch(pattern, name);
        return match ? match->score : -1000;
    }

private slots:
    void lettersFitInOrderOnly() {
        QVERIFY(fuzzyMatch("gtr", "Go to Runs"));
        QVERIFY(!fuzzyMatch("rtg", "Go to Runs"));
        QVERIFY(!fuzzyMatch("runss", "Go to Runs"));
        QVERIFY(fuzzyMatch("", "anything"));
        QVERIFY(fuzzyMatch("ÜBER", "über alles"));
    }

    void wordsFitInAnyOrder() {
        const auto match = fuzzyMatch("runs go", "Go to Runs");
        QVERIFY(match);
        QCOMPARE(match->positions, (std::vector<int>{0, 1, 6, 7, 8, 9}));
    }

    void beginningsOfWordsAreFoundFirst() {
        QCOMPARE(fuzzyMatch("tr", "Go to Runs")->positions, (std::vector<int>{3, 6}));
        QVERIFY(score("res", "Reset layout") > score("res", "Preset: head"));
        QVERIFY(score("table", "Schedule as a table") > score("table", "The absolute"));
    }

    void everyMarkedCharacterIsTheTypedOne() {
        const QString name = "Copy the schedule as text", pattern = "cshtx";
        const auto match = fuzzyMatch(pattern, name);
        QVERIFY(match);
        QString marked;
        for (const int at : match->positions)
            marked += name[at].toLower();
        QCOMPARE(marked, pattern);
    }

    void recentOnesComeFirstAndOnce() {
        PaletteModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        std::vector<PaletteEntry> entries{entry("a", "One", "Alpha"), entry("b", "One", "Beta"),
                                          entry("c", "Two", "Gamma")};
        entries.push_back(entry("r", "Two", "Run 7"));
        entries.back().onlyWhenTyped = true;
        model.setEntries(entries, {"gone", "c"});
        QCOMPARE(texts(model), (QStringList{"Gamma", "Alpha", "Beta"}));
        QCOMPARE(headings(model), "Recently used|One|");
        model.setTyped("7");
        QCOMPARE(texts(model), QStringList("Run 7"));
        model.setTyped("a");
        QCOMPARE(texts(model).first(), "Alpha");
        QCOMPARE(headings(model), "||");
        model.setTyped("two");
        QCOMPARE(texts(model), (QStringList{"Gamma", "Run 7"})); // by their group
        model.setTyped("");
        QCOMPARE(texts(model).size(), 3);
    }

    void whatCannotBeDoneComesLaterAndSaysWhy() {
        PaletteModel model;
        model.setEntries({entry("a", "One", "Undo", "nothing to undo"), entry("b", "One", "Undone tasks")},
                         {});
        model.setTyped("undo");
        QCOMPARE(texts(model), (QStringList{"Undone tasks", "Undo"}));
        QCOMPARE(model.index(1).data(PaletteModel::WhyNotRole).toString(), "nothing to undo");
        QVERIFY(model.index(1).data(Qt::AccessibleTextRole).toString().contains("nothing to undo"));
    }

    void whatIsMadeOfTheTextGoesBeforeAll() {
        PaletteModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setEntries({entry("a", "One", "(L1) in a name")}, {});
        model.setTyped("(L1)", {entry("", "Schedule", "Use this schedule")});
        QCOMPARE(texts(model).first(), "Use this schedule");
        QVERIFY(model.at(0) && !model.at(99) && !model.at(-1));
    }
};

QTEST_MAIN(PaletteTest)
#include "palette_test.moc"
