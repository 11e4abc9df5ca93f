// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/bridge/run_list_model.h"
#include "tests/app/sample_runs.h"

#include <QAbstractItemModelTester>
#include <QDateTime>
#include <QSignalSpy>
#include <QTest>

#include <cmath>

using namespace steploom;
using steploom::testing::SampleRun;
using steploom::testing::summaryOf;

class RunListModelTest : public QObject {
    Q_OBJECT

private:
    std::vector<qint64> idsOf(const RunListModel& model) const {
        std::vector<qint64> ids;
        for (int row = 0; row < model.rowCount(); ++row)
            ids.push_back(model.index(row, 0).data(RunListModel::IdRole).toLongLong());
        return ids;
    }

private slots:
    void columnsHoldWhatTheRunHolds() {
        RunListModel model;
        QAbstractItemModelTester tester(&model);
        model.setRuns({summaryOf({.id = 3, .saved = 0.158, .perplexity = 31.9})});
        const auto value = [&](int column) { return model.index(0, column).data(); };
        QCOMPARE(value(RunListModel::Started).toDateTime(),
                 QDateTime::fromString(QStringLiteral("2026-03-04T10:00:00Z"), Qt::ISODate));
        QCOMPARE(value(RunListModel::Started).toDateTime().timeSpec(), Qt::LocalTime);
        QVERIFY(value(RunListModel::Schedule).toString().startsWith(QStringLiteral("sandwich · ")));
        QCOMPARE(model.index(0, 0).data(RunListModel::NotationRole).toString(), QStringLiteral("(L2,H6,L2)"));
        QCOMPARE(value(RunListModel::Samples).toInt(), 16);
        QCOMPARE(value(RunListModel::Sampler).toString(), QStringLiteral("ancestral · 128 · 1"));
        QCOMPARE(value(RunListModel::Saved).toDouble(), 0.158);
        QCOMPARE(value(RunListModel::Perplexity).toDouble(), 31.9);
        QCOMPARE(value(RunListModel::State).toString(), QStringLiteral("finished"));
    }

    void schedulesThatAreNoPresetShowTheirNotation() {
        RunListModel model;
        model.setRuns({summaryOf({.letters = "HLHHLLLHHH"})});
        QCOMPARE(model.index(0, RunListModel::Schedule).data().toString(),
                 QStringLiteral("(H1,L1,H2,L3,H3)"));
    }

    void aBranchNamesItsParent() {
        RunSummary branch = summaryOf({.letters = "HLHHLLLHHH"});
        branch.request.branch = BranchPoint{.parent = 12};
        RunListModel model;
        model.setRuns({branch});
        QCOMPARE(model.index(0, RunListModel::Schedule).data().toString(),
                 QStringLiteral("(H1,L1,H2,L3,H3) · branch of 12"));
    }

    void figuresThatWereNotMeasuredAreNotZero() {
        RunListModel model;
        model.setRuns({summaryOf({.perplexity = 0})});
        QVERIFY(std::isnan(model.index(0, RunListModel::Perplexity).data(RunListModel::SortRole).toDouble()));
    }

    void updatesKeepRowsAndTellWhatChanged() {
        RunListModel model;
        QAbstractItemModelTester tester(&model);
        model.setRuns({summaryOf({.id = 5}), summaryOf({.id = 4}), summaryOf({.id = 2})});
        const QPersistentModelIndex four = model.index(1, 0);
        QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
        model.setRuns({summaryOf({.id = 7}), summaryOf({.id = 6}), summaryOf({.id = 4, .perplexity = 50}),
                       summaryOf({.id = 1})});
        QCOMPARE(idsOf(model), (std::vector<qint64>{7, 6, 4, 1}));
        QCOMPARE(reset.size(), 0);
        QCOMPARE(four.row(), 2);
        QCOMPARE(four.sibling(four.row(), RunListModel::Perplexity).data().toDouble(), 50.0);
    }

    void manyNewRunsArriveInOneReset() {
        RunListModel model;
        QAbstractItemModelTester tester(&model);
        std::vector<RunSummary> runs;
        for (int id = 2000; id > 0; --id)
            runs.push_back(summaryOf({.id = id}));
        QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
        QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
        model.setRuns(runs);
        QCOMPARE(reset.size(), 1);
        QCOMPARE(inserted.size(), 0);
        QCOMPARE(model.rowCount(), 2000);
    }

    void notesAreEditedInPlace() {
        RunListModel model;
        QAbstractItemModelTester tester(&model);
        model.setRuns({summaryOf({.id = 9})});
        QSignalSpy edited(&model, &RunListModel::noteEdited);
        const QModelIndex note = model.index(0, RunListModel::Note);
        QVERIFY(note.flags() & Qt::ItemIsEditable);
        QVERIFY(!(model.index(0, RunListModel::State).flags() & Qt::ItemIsEditable));
        QVERIFY(model.setData(note, QStringLiteral("keep")));
        QVERIFY(model.setData(note, QStringLiteral("keep"))); // unchanged: nobody is told twice
        QCOMPARE(edited.size(), 1);
        QCOMPARE(edited[0][0].toLongLong(), 9);
        QCOMPARE(edited[0][1].toString(), QStringLiteral("keep"));
        QVERIFY(!model.setData(model.index(0, RunListModel::State), QStringLiteral("x")));
    }
};

QTEST_GUILESS_MAIN(RunListModelTest)
#include "run_list_model_test.moc"
