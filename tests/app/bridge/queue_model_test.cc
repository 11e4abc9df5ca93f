// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/bridge/queue_model.h"
#include "engine/analyses/analysis_order.h"

#include <QAbstractItemModelTester>
#include <QMimeData>
#include <QSignalSpy>
#include <QTest>

#include <memory>

using namespace steploom;

namespace {

QueueRow row(std::int64_t id, const std::string& name) {
    QueueRow row;
    row.item.id = id;
    row.item.name = name;
    row.item.request.pool = {{.letter = 'H', .name = "heavy", .path = "fake/heavy"},
                             {.letter = 'L', .name = "light", .path = "fake/light"}};
    row.item.request.schedule = parseSchedule("(L4,H8,L4)");
    row.item.request.seed = 40 + static_cast<std::uint64_t>(id);
    row.item.request.samples = 16;
    return row;
}

/// "abc": the names in order.
QString names(const QueueModel& model) {
    QString all;
    for (int i = 0; i < model.rowCount(); ++i)
        all += model.index(i, QueueModel::Schedule).data().toString();
    return all;
}

} // namespace

class QueueModelTest : public QObject {
    Q_OBJECT
private:
    std::unique_ptr<QueueModel> m_model;
    std::unique_ptr<QAbstractItemModelTester> m_tester;

    QString text(int row, int column, int role = Qt::DisplayRole) const {
        return m_model->index(row, column).data(role).toString();
    }

private slots:
    void init() {
        m_tester.reset();
        m_model = std::make_unique<QueueModel>();
        m_tester = std::make_unique<QAbstractItemModelTester>(
            m_model.get(), QAbstractItemModelTester::FailureReportingMode::QtTest);
    }

    void aRowSaysWhatWaits() {
        QueueRow first = row(1, "sandwich");
        first.secondsLeft = 725;
        QueueRow second = row(2, "");
        second.item.state = QueueState::Running;
        second.item.here = true;
        second.item.run = 7;
        second.item.finishedSamples = 3;
        QueueRow third = row(3, "odd");
        third.item.state = QueueState::Failed;
        third.item.error = {"cannot load", "fake/heavy", "it is cut short", "download it again"};
        QueueRow fourth = row(4, "other pool");
        fourth.loadsFirst = true;
        m_model->setRows({first, second, third, fourth});
        QCOMPARE(text(0, QueueModel::Schedule), "sandwich");
        QCOMPARE(text(0, QueueModel::Pool), "heavy + light");
        QCOMPARE(text(0, QueueModel::Seed), "41");
        QCOMPARE(text(0, QueueModel::Samples), "16");
        QCOMPARE(text(0, QueueModel::State), "waiting");
        QCOMPARE(text(0, QueueModel::Left), "about 12 min");
        QCOMPARE(text(0, QueueModel::Schedule, Qt::ToolTipRole), "(L4,H8,L4)");
        QCOMPARE(text(1, QueueModel::Schedule), "sandwich"); // the preset's name, where none was given
        QCOMPARE(text(1, QueueModel::Samples), "3 of 16");
        QCOMPARE(text(1, QueueModel::State), "running");
        QCOMPARE(text(1, QueueModel::Left), "–");
        QCOMPARE(text(2, QueueModel::State), "failed: it is cut short");
        QVERIFY(text(2, QueueModel::State, Qt::ToolTipRole).contains("download it again"));
        QCOMPARE(text(3, QueueModel::State), "waiting, loads its pool");
    }

    void anAnalysisSaysWhatItIsAndHowFar() {
        QueueRow search = row(1, "");
        search.item.analysis = orderJson(SearchOrder{});
        search.item.state = QueueState::Running;
        search.item.here = true;
        search.progress = {0.359, "schedule 3 of 46: (L26,H230)"};
        QueueRow importance = row(2, "");
        importance.item.analysis = orderJson(ImportanceOrder{"tale.txt", {.windows = 64, .seed = 9}});
        QueueRow correlation = row(3, "");
        correlation.item.request = {};
        correlation.item.analysis =
            orderJson(CorrelationOrder{.checkpoints = {"a", "b"}, .text = "tale.txt"});
        QueueRow odd = row(4, "");
        odd.item.analysis = nlohmann::json::array();
        m_model->setRows({search, importance, correlation, odd});
        QCOMPARE(text(0, QueueModel::Schedule), "Search: 2 light of 10 segments, 16 samples");
        QCOMPARE(text(0, QueueModel::State), "35% · schedule 3 of 46: (L26,H230)");
        QCOMPARE(text(0, QueueModel::Samples), "16");
        QCOMPARE(text(0, QueueModel::Seed), "41");
        QCOMPARE(text(1, QueueModel::Schedule), "Importance, 64 windows");
        QCOMPARE(text(1, QueueModel::Seed), "9");
        QCOMPARE(text(1, QueueModel::Samples), "–");
        QCOMPARE(text(2, QueueModel::Schedule), "Correlation, 2 checkpoints");
        QCOMPARE(text(2, QueueModel::Pool), "–");
        QCOMPARE(text(2, QueueModel::State), "waiting");
        QCOMPARE(text(3, QueueModel::Schedule), "an analysis of another version");
    }

    void remainingTimesAreRounded() {
        QCOMPARE(remainingText(0.2), "about 1 s");
        QCOMPARE(remainingText(42.4), "about 42 s");
        QCOMPARE(remainingText(89), "about 89 s");
        QCOMPARE(remainingText(150), "about 3 min");
        QCOMPARE(remainingText(4200), "about 1 h 10 min");
    }

    void rowsKeepTheirIdentityWhateverHappensToTheOrder() {
        m_model->setRows({row(1, "a"), row(2, "b"), row(3, "c"), row(4, "d")});
        const QPersistentModelIndex b = m_model->index(1, 0), c = m_model->index(2, 0);
        m_model->setRows({row(3, "c"), row(5, "e"), row(4, "d"), row(2, "b")});
        QCOMPARE(names(*m_model), "cedb");
        QCOMPARE(b.row(), 3);
        QCOMPARE(c.row(), 0);
        m_model->setRows({row(2, "b")});
        QCOMPARE(b.row(), 0);
        QVERIFY(!c.isValid());
        m_model->setRows({});
        QVERIFY(!b.isValid());
    }

    void aChangeOfTheContentsIsTold() {
        m_model->setRows({row(1, "a")});
        QSignalSpy changed(m_model.get(), &QAbstractItemModel::dataChanged);
        QSignalSpy resets(m_model.get(), &QAbstractItemModel::modelReset);
        QueueRow running = row(1, "a");
        running.item.state = QueueState::Running;
        m_model->setRows({running});
        QVERIFY(changed.count() > 0);
        QCOMPARE(resets.count(), 0);
        QCOMPARE(text(0, QueueModel::State), "running elsewhere");
    }

    void droppedRowsAskForTheirNewPlace() {
        m_model->setRows({row(1, "a"), row(2, "b"), row(3, "c")});
        std::vector<std::int64_t> items;
        qint64 before = -1;
        connect(m_model.get(), &QueueModel::moveRequested, this,
                [&](const std::vector<std::int64_t>& moved, qint64 place) {
                    items = moved;
                    before = place;
                });
        QVERIFY(m_model->flags(m_model->index(0, 0)) & Qt::ItemIsDragEnabled);
        const std::unique_ptr<QMimeData> data(
            m_model->mimeData({m_model->index(2, 0), m_model->index(2, 1), m_model->index(1, 0)}));
        QVERIFY(m_model->dropMimeData(data.get(), Qt::MoveAction, 0, 0, {}));
        QCOMPARE(items, (std::vector<std::int64_t>{2, 3}));
        QCOMPARE(before, 1);
        QVERIFY(m_model->dropMimeData(data.get(), Qt::MoveAction, 3, 0, {}));
        QCOMPARE(before, 0);
        const QMimeData other;
        QVERIFY(!m_model->dropMimeData(&other, Qt::MoveAction, 0, 0, {}));
    }
};

QTEST_GUILESS_MAIN(QueueModelTest)
#include "queue_model_test.moc"
