// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/report_run_list.h"

#include "app/bridge/run_list_model.h"
#include "app/widgets/number_format.h"
#include "app/widgets/schedule_thumbnail.h"
#include "app/widgets/theme.h"

#include <QApplication>
#include <QKeyEvent>
#include <QPainter>
#include <QStyledItemDelegate>

#include <algorithm>
#include <set>

namespace steploom {
namespace {

constexpr int kRowHeight = 46, kInset = 8, kBarWidth = 64, kBarHeight = 10; // px
constexpr int kRunRole = Qt::UserRole;
constexpr int kFactsRole = Qt::UserRole + 1;

/// Name and facts beneath each other, the schedule's picture at the right.
class ReportRunDelegate : public QStyledItemDelegate {
public:
    ReportRunDelegate(const std::map<std::int64_t, RunSummary>& summaries, QObject* parent)
        : QStyledItemDelegate(parent), m_summaries(summaries) {}

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override {
        QStyleOptionViewItem cell = option;
        initStyleOption(&cell, index);
        const QString name = cell.text;
        cell.text.clear();
        const QStyle* style = cell.widget ? cell.widget->style() : QApplication::style();
        style->drawControl(QStyle::CE_ItemViewItem, &cell, painter, cell.widget);
        const Theme& theme = Theme::instance();
        QRect place = option.rect.adjusted(kInset, 5, -kInset, -5);
        painter->save();
        if (const auto found = m_summaries.find(index.data(kRunRole).toLongLong());
            found != m_summaries.end()) {
            ScheduleThumbnail::paint(
                *painter, QRectF(place.right() - kBarWidth, place.top() + 4.5, kBarWidth, kBarHeight),
                found->second.request.schedule, poolLetters(found->second.request));
        }
        const QRect first(place.left(), place.top(), place.width() - kBarWidth - kInset, place.height() / 2);
        painter->setFont(theme.font());
        painter->setPen(theme.colors().ink);
        painter->drawText(first, Qt::AlignLeft | Qt::AlignVCenter,
                          painter->fontMetrics().elidedText(name, Qt::ElideRight, first.width()));
        const QRect second(place.left(), first.bottom() + 1, place.width(), place.height() / 2);
        painter->setFont(theme.font(-1));
        painter->setPen(theme.colors().dim);
        painter->drawText(second, Qt::AlignLeft | Qt::AlignVCenter,
                          painter->fontMetrics().elidedText(index.data(kFactsRole).toString(), Qt::ElideRight,
                                                            second.width()));
        painter->restore();
    }
    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override {
        return {200, kRowHeight};
    }

private:
    const std::map<std::int64_t, RunSummary>& m_summaries;
};

} // namespace

QString reportRunName(const RunSummary& run) {
    return QStringLiteral("%1 · %2").arg(run.id).arg(scheduleLabel(run.request));
}

QString reportRunFacts(const RunSummary& run) {
    QStringList facts{run.finishedSamples == 1 ? ReportRunList::tr("1 sample")
                                               : ReportRunList::tr("%1 samples").arg(run.finishedSamples)};
    if (const Measure* perplexity = run.measure("generative_perplexity"))
        facts << ReportRunList::tr("perplexity %1").arg(formatEstimate(perplexity->estimate));
    facts << QString::fromStdString(run.started).left(16).replace(u'T', u' ');
    return facts.join(QStringLiteral(" · "));
}

ReportRunList::ReportRunList(QWidget* parent) : QListWidget(parent) {
    setObjectName(QStringLiteral("reportRuns"));
    setAccessibleName(tr("Runs of the report, in its order"));
    setUniformItemSizes(true);
    setSelectionMode(QAbstractItemView::ExtendedSelection);
    setDragDropMode(QAbstractItemView::InternalMove);
    setDefaultDropAction(Qt::MoveAction);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setItemDelegate(new ReportRunDelegate(m_summaries, this));
}

void ReportRunList::setRuns(const std::vector<std::int64_t>& wanted) {
    if (wanted == runs())
        return;
    clear();
    for (const std::int64_t run : wanted)
        if (!contains(run))
            add(run);
    emit runsChanged();
}

std::vector<std::int64_t> ReportRunList::runs() const {
    std::vector<std::int64_t> ids;
    for (int row = 0; row < count(); ++row)
        ids.push_back(item(row)->data(kRunRole).toLongLong());
    return ids;
}

bool ReportRunList::contains(std::int64_t run) const {
    const std::vector<std::int64_t> ids = runs();
    return std::ranges::find(ids, run) != ids.end();
}

void ReportRunList::append(const std::vector<std::int64_t>& wanted) {
    std::vector<std::int64_t> all = runs();
    all.insert(all.end(), wanted.begin(), wanted.end());
    setRuns(all);
}

void ReportRunList::add(std::int64_t run) {
    auto* item = new QListWidgetItem(this);
    item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsDragEnabled);
    item->setData(kRunRole, static_cast<qlonglong>(run));
    describe(item);
}

void ReportRunList::describe(QListWidgetItem* item) const {
    const qint64 run = item->data(kRunRole).toLongLong();
    const auto found = m_summaries.find(run);
    const bool known = found != m_summaries.end();
    item->setText(known ? reportRunName(found->second) : tr("run %1").arg(run));
    item->setData(kFactsRole, known ? reportRunFacts(found->second) : QString());
    item->setToolTip(item->text() + u'\n' + item->data(kFactsRole).toString());
}

void ReportRunList::setSummaries(const std::vector<RunSummary>& summaries) {
    for (const RunSummary& run : summaries)
        m_summaries.insert_or_assign(run.id, run);
    for (int row = 0; row < count(); ++row)
        describe(item(row));
    viewport()->update();
}

void ReportRunList::removeSelected() {
    const QList<QListWidgetItem*> selected = selectedItems();
    if (selected.isEmpty())
        return;
    const int next = row(selected.front());
    qDeleteAll(selected);
    setCurrentRow(std::min(next, count() - 1));
    emit runsChanged();
}

void ReportRunList::moveSelected(int by) {
    std::vector<std::int64_t> ids = runs();
    std::set<int> rows;
    for (QListWidgetItem* each : selectedItems())
        rows.insert(row(each));
    if (rows.empty() || (by < 0 ? *rows.begin() == 0 : *rows.rbegin() == count() - 1))
        return;
    std::set<std::int64_t> moved;
    const auto swap = [&](int at) {
        moved.insert(ids[static_cast<std::size_t>(at)]);
        std::swap(ids[static_cast<std::size_t>(at)], ids[static_cast<std::size_t>(at + by)]);
    };
    if (by < 0)
        std::for_each(rows.begin(), rows.end(), swap);
    else
        std::for_each(rows.rbegin(), rows.rend(), swap);
    setRuns(ids);
    for (int at = 0; at < count(); ++at)
        if (moved.contains(item(at)->data(kRunRole).toLongLong())) {
            setCurrentItem(item(at), QItemSelectionModel::NoUpdate);
            item(at)->setSelected(true);
        }
}

void ReportRunList::keyPressEvent(QKeyEvent* event) {
    const bool moves = event->modifiers() & Qt::ControlModifier;
    if (event->key() == Qt::Key_Delete || event->key() == Qt::Key_Backspace)
        removeSelected();
    else if (moves && event->key() == Qt::Key_Up)
        moveSelected(-1);
    else if (moves && event->key() == Qt::Key_Down)
        moveSelected(1);
    else
        QListWidget::keyPressEvent(event);
}

void ReportRunList::dropEvent(QDropEvent* event) {
    QListWidget::dropEvent(event);
    emit runsChanged();
}

} // namespace steploom
