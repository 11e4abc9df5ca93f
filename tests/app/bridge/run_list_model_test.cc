// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/bridge/run_list_model.h"
#include "tests/app/stored_runs.h"
#include "tests/testing/paths.h"

#include <QAbstractItemModelTester>
#include <QDateTime>
#include <QSignalSpy>
#include <QTest>

#include <algorithm>
#include <cmath>

using namespace steploom;
using namespace steploom::testing;

class RunListModelTest : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<TemporaryFolder> m_folder;
    std::unique_ptr<RunStore> m_store; ///< of somebody else
    std::unique_ptr<RunLibrary> m_library;
    std::unique_ptr<RunListModel> m_model;
    std::unique_ptr<QAbstractItemModelTester> m_tester;

    void add(const std::vector<Run>& runs) { m_store->addRuns(runs); }
    void addMany(int runs) {
        std::vector<Run> many;
        for (int i = 1; i <= runs; ++i)
            many.push_back(runOf({.id = i, .perplexity = 20.0 + i, .seed = static_cast<std::uint64_t>(i)}));
        add(many);
    }
    QVariant value(int row, int column, int role = Qt::DisplayRole) const {
        return m_model->index(row, column).data(role);
    }
    std::vector<std::int64_t> found(const char* text) {
        RunQuery query = m_model->query();
        query.text = text;
        if (const auto error = m_model->setQuery(query))
            qFatal("%s", error->why.c_str());
        return m_model->ids();
    }
    using Ids = std::vector<std::int64_t>;

private slots:
    void init() {
        m_folder = std::make_unique<TemporaryFolder>();
        m_store = std::make_unique<RunStore>(*m_folder / "runs.sqlite");
        m_library = std::make_unique<RunLibrary>(*m_folder / "runs.sqlite");
        m_model = std::make_unique<RunListModel>(*m_library);
        m_tester = std::make_unique<QAbstractItemModelTester>(m_model.get());
    }
    void cleanup() {
        m_tester.reset();
        m_model.reset();
        m_library.reset();
        m_store.reset();
        m_folder.reset();
    }

    void columnsHoldWhatTheRunHolds() {
        add({runOf({.id = 3, .saved = 0.158, .perplexity = 31.9})});
        QVERIFY(!m_model->refresh());
        QCOMPARE(m_model->rowCount(), 1);
        QCOMPARE(value(0, RunListModel::Started).toDateTime(),
                 QDateTime::fromString(QStringLiteral("2026-03-04T10:00:00Z"), Qt::ISODate));
        QCOMPARE(value(0, RunListModel::Started).toDateTime().timeSpec(), Qt::LocalTime);
        QVERIFY(value(0, RunListModel::Schedule).toString().startsWith(QStringLiteral("sandwich · ")));
        QCOMPARE(value(0, 0, RunListModel::NotationRole).toString(), QStringLiteral("(L2,H6,L2)"));
        QCOMPARE(value(0, RunListModel::Samples).toInt(), 1);
        QCOMPARE(value(0, RunListModel::Sampler).toString(), QStringLiteral("ancestral"));
        QCOMPARE(value(0, RunListModel::Saved).toDouble(), 0.158);
        QCOMPARE(value(0, RunListModel::Perplexity).toDouble(), 31.9);
        QCOMPARE(value(0, RunListModel::State).toString(), QStringLiteral("finished"));
    }

    void schedulesThatAreNoPresetShowTheirNotation() {
        add({runOf({.letters = "HLHHLLLHHH"})});
        QVERIFY(!m_model->refresh());
        QCOMPARE(value(0, RunListModel::Schedule).toString(), QStringLiteral("(H1,L1,H2,L3,H3)"));
    }

    void figuresThatWereNotMeasuredAreNotZeroAndSortLast() {
        add(threeRuns());
        QVERIFY(!m_model->refresh());
        QVERIFY(std::isnan(value(1, RunListModel::Perplexity).toDouble()));
        m_model->sort(RunListModel::Perplexity, Qt::AscendingOrder);
        QCOMPARE(m_model->ids(), (Ids{3, 1, 2}));
        m_model->sort(RunListModel::Perplexity, Qt::DescendingOrder);
        QCOMPARE(m_model->ids(), (Ids{1, 3, 2}));
    }

    void everySortableColumnIsOneThatTheStoreKnows() {
        add(threeRuns());
        QVERIFY(!m_model->refresh());
        QSignalSpy failed(m_model.get(), &RunListModel::failed);
        for (int column = 0; column < m_model->columnCount(); ++column) {
            m_model->sort(column, Qt::AscendingOrder);
            QVERIFY2(failed.isEmpty(), runTableColumns()[static_cast<std::size_t>(column)].key);
        }
    }

    void aQueryThatIsWrongLeavesTheListAndNamesTheNearest() {
        add(threeRuns());
        QCOMPARE(found("ppl<100"), (Ids{3}));
        RunQuery wrong = m_model->query();
        wrong.text = "entrpy<3";
        const auto error = m_model->setQuery(wrong);
        QVERIFY(error.has_value());
        QVERIFY2(error->remedy.find("entropy") != std::string::npos, error->remedy.c_str());
        QCOMPARE(m_model->ids(), (Ids{3}));
        QCOMPARE(m_model->query().text, std::string("ppl<100"));
    }

    void wordsAreFoundInTextsAndNotes() {
        add(threeRuns());
        QCOMPARE(found("rain"), (Ids{2, 1}));
        QCOMPARE(found("\"night run\""), (Ids{1}));
        QCOMPARE(found(""), (Ids{3, 2, 1}));
    }

    void aFewChangesOfAnotherProgramKeepTheRowsIdentity() {
        addMany(6);
        QVERIFY(!m_model->refresh());
        const std::int64_t kept = m_model->ids()[3];
        const QPersistentModelIndex row = m_model->index(3, 0);
        QSignalSpy reset(m_model.get(), &QAbstractItemModel::modelReset);
        add({runOf({.id = 8}), runOf({.id = 9})}); // the newest by the day they were started
        m_store->moveToBin(Ids{m_model->ids()[0]});
        QVERIFY(!m_model->refresh());
        QCOMPARE(reset.size(), 0);
        QCOMPARE(m_model->rowCount(), 7);
        QVERIFY(row.isValid());
        QCOMPARE(row.data(RunListModel::IdRole).toLongLong(), kept);
        // Another order: the row goes where its run goes.
        m_model->sort(RunListModel::Perplexity, Qt::AscendingOrder);
        QCOMPARE(reset.size(), 0);
        QCOMPARE(row.data(RunListModel::IdRole).toLongLong(), kept);
        // And what a row shows is what the store has now.
        m_store->setNote(kept, "seen");
        QVERIFY(!m_model->refresh());
        QCOMPARE(row.sibling(row.row(), RunListModel::Note).data().toString(), QStringLiteral("seen"));
    }

    void rowsAreFetchedByThePageAndForgottenInTime() {
        addMany(3 * RunListModel::kPage);
        QVERIFY(!m_model->refresh());
        QSignalSpy reset(m_model.get(), &QAbstractItemModel::modelReset);
        QVERIFY(m_model->at(RunListModel::kPage + 1)); // the second page
        // A run of it that is gone since is still shown; one of the third page is not there.
        const std::int64_t second = m_model->ids()[RunListModel::kPage], third = m_model->ids()[70];
        m_store->remove(second);
        m_store->remove(third);
        QVERIFY(m_model->at(RunListModel::kPage));
        QVERIFY(!m_model->at(70));
        QVERIFY(!m_model->index(70, RunListModel::Started).data().isValid());
        QVERIFY(!m_model->refresh());
        QCOMPARE(m_model->rowCount(), 3 * RunListModel::kPage - 2);
        QCOMPARE(reset.size(), 0);
    }

    void muchThatIsNewArrivesInOneReset() {
        QVERIFY(!m_model->refresh());
        addMany(200);
        QSignalSpy reset(m_model.get(), &QAbstractItemModel::modelReset);
        QSignalSpy inserted(m_model.get(), &QAbstractItemModel::rowsInserted);
        QVERIFY(!m_model->refresh());
        QCOMPARE(reset.size(), 1);
        QCOMPARE(inserted.size(), 0);
        QCOMPARE(m_model->rowCount(), 200);
    }

    void onlyTheRunsOfAGroupAreListed() {
        add(threeRuns());
        m_model->setOnly(Ids{1, 3});
        QCOMPARE(found(""), (Ids{3, 1}));
        QCOMPARE(found("rain"), (Ids{1}));
        m_model->setOnly(std::nullopt);
        QCOMPARE(found("rain"), (Ids{2, 1}));
    }

    void notesAndTagsAreEditedInPlace() {
        add({runOf({.id = 9})});
        m_store->addTag(Ids{1}, "owt");
        m_store->addTag(Ids{1}, "old");
        QVERIFY(!m_model->refresh());
        QSignalSpy noted(m_model.get(), &RunListModel::noteEdited);
        const QModelIndex note = m_model->index(0, RunListModel::Note);
        QVERIFY(note.flags() & Qt::ItemIsEditable);
        QVERIFY(!(m_model->index(0, RunListModel::State).flags() & Qt::ItemIsEditable));
        QVERIFY(m_model->setData(note, QStringLiteral("keep")));
        QVERIFY(m_model->setData(note, QStringLiteral("keep"))); // unchanged: nobody is told twice
        QCOMPARE(noted.size(), 1);
        QCOMPARE(noted[0][1].toString(), QStringLiteral("keep"));
        QVERIFY(!m_model->setData(m_model->index(0, RunListModel::State), QStringLiteral("x")));

        QSignalSpy tagged(m_model.get(), &RunListModel::tagsEdited);
        const QModelIndex tags = m_model->index(0, RunListModel::Tags);
        QCOMPARE(tags.data(Qt::EditRole).toString(), QStringLiteral("old, owt"));
        QVERIFY(m_model->setData(tags, QStringLiteral("owt, best of May,")));
        QCOMPARE(tagged.size(), 1);
        QCOMPARE(tagged[0][1].toStringList(), QStringList{"best of May"});
        QCOMPARE(tagged[0][2].toStringList(), QStringList{"old"});
    }
};

QTEST_GUILESS_MAIN(RunListModelTest)
#include "run_list_model_test.moc"
