// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/queue_panel.h"

#include "app/bridge/run_list_model.h"
#include "app/widgets/controls.h"
#include "app/widgets/schedule_thumbnail.h"
#include "app/widgets/theme.h"

#include <QAction>
#include <QApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QShortcut>
#include <QStackedWidget>
#include <QStyledItemDelegate>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>

namespace steploom {
namespace {

constexpr int kRowHeight = 32, kBarWidth = 96, kBarHeight = 12, kInset = 8, kGlyph = 16; // px
constexpr int kWidths[] = {380, 150, 70, 80, 190, 150};                                  // px, by column

/// Draws an item's schedule: thumbnail, then its name. An analysis has a sign in place of the thumbnail.
class QueuedScheduleDelegate : public QStyledItemDelegate {
public:
    QueuedScheduleDelegate(const QueueModel& model, QObject* parent)
        : QStyledItemDelegate(parent), m_model(model) {}

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override {
        QStyleOptionViewItem cell = option;
        initStyleOption(&cell, index);
        const QString label = cell.text;
        cell.text.clear();
        const QStyle* style = cell.widget ? cell.widget->style() : QApplication::style();
        style->drawControl(QStyle::CE_ItemViewItem, &cell, painter, cell.widget);
        const QueueRow* row = m_model.at(index);
        if (!row)
            return;
        const QRectF bar(cell.rect.left() + kInset, cell.rect.center().y() - kBarHeight / 2.0 + 0.5,
                         kBarWidth, kBarHeight);
        const QRect rest = cell.rect.adjusted(kInset + kBarWidth + kInset, 0, -4, 0);
        painter->setFont(cell.font);
        if (row->item.isAnalysis())
            paintSign(*painter, bar);
        else
            ScheduleThumbnail::paint(*painter, bar, row->item.request.schedule,
                                     poolLetters(row->item.request));
        painter->setPen(cell.palette.color(QPalette::Text));
        painter->drawText(rest, Qt::AlignLeft | Qt::AlignVCenter,
                          cell.fontMetrics.elidedText(label, Qt::ElideRight, rest.width()));
    }

private:
    static void paintSign(QPainter& painter, const QRectF& place) {
        const QColor& ink = Theme::instance().colors().dim;
        const QRectF glyph(place.left(), place.center().y() - kGlyph / 2.0, kGlyph, kGlyph);
        drawGlyph(painter, Glyph::Analyse, glyph, ink);
        painter.setPen(ink);
        painter.drawText(
            QRectF(glyph.right() + 6, glyph.top() - kGlyph, place.right() - glyph.right() - 6, 3.0 * kGlyph),
            Qt::AlignLeft | Qt::AlignVCenter, QueuePanel::tr("analysis"));
    }

    const QueueModel& m_model;
};

} // namespace

QueuePanel::QueuePanel(GenerationQueue& queue, const Session& session, QWidget* parent)
    : QWidget(parent), m_queue(queue), m_session(session), m_model(new QueueModel(this)) {
    setObjectName(QStringLiteral("queuePanel"));
    setAccessibleName(tr("Queue of generations and analyses"));
    m_pauseAction = new QAction(tr("Pause the queue"), this);
    m_pauseAction->setObjectName(QStringLiteral("pauseQueueAction"));
    connect(m_pauseAction, &QAction::triggered, this, [this] { m_queue.setPaused(!m_queue.isPaused()); });

    m_header = makeHeader();
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(14, 0, 14, 12);
    column->setSpacing(Theme::kGrid);
    m_message = new InlineMessage;
    m_message->setObjectName(QStringLiteral("queueMessage"));
    column->addWidget(m_message);
    m_stack = new QStackedWidget;
    m_stack->addWidget(makeEmpty());
    m_stack->addWidget(makeTable());
    column->addWidget(m_stack, 1);

    connect(&m_queue, &GenerationQueue::changed, this, &QueuePanel::refill);
    connect(&m_queue, &GenerationQueue::timesChanged, this, &QueuePanel::refill);
    connect(&session, &Session::poolChanged, this, &QueuePanel::refill);
    // Not from within the drop, which still holds rows of the model.
    connect(
        m_model, &QueueModel::moveRequested, this,
        [this](const std::vector<std::int64_t>& items, qint64 before) { done(m_queue.move(items, before)); },
        Qt::QueuedConnection);
    joinKeys();
    refill();
}

QWidget* QueuePanel::makeHeader() {
    auto* header = new QWidget;
    header->setObjectName(QStringLiteral("queueHeader"));
    auto* row = new QHBoxLayout(header);
    row->setContentsMargins(14, 6, 14, 6);
    row->setSpacing(6);
    QLabel* title = makeLabel(tr("Queue"));
    title->setFont(Theme::instance().font(0, true));
    m_summary = makeLabel({}, "dim");
    m_summary->setObjectName(QStringLiteral("queueSummary"));
    row->addWidget(title);
    row->addSpacing(4);
    row->addWidget(m_summary);
    m_undoBar = new QWidget; // in the line, so that nothing moves when it comes and goes
    auto* undoing = new QHBoxLayout(m_undoBar);
    undoing->setContentsMargins(14, 0, 0, 0);
    undoing->setSpacing(4);
    m_undoText = makeLabel({});
    auto* undo = new QToolButton;
    undo->setObjectName(QStringLiteral("queueUndo"));
    undo->setText(tr("Undo"));
    undo->setToolTip(tr("Take the cancelling back (Ctrl+Z)"));
    setLook(undo, "link");
    undoing->addWidget(m_undoText);
    undoing->addWidget(undo);
    m_undoBar->hide();
    row->addWidget(m_undoBar);
    row->addStretch(1);
    const auto flat = [&](Glyph glyph, const char* name, const QString& label) {
        auto* button = new FlatButton(glyph, label);
        button->setObjectName(QLatin1String(name));
        row->addWidget(button);
        return button;
    };
    m_up = flat(Glyph::Up, "queueUp", tr("Earlier (Alt+↑)"));
    m_down = flat(Glyph::Down, "queueDown", tr("Later (Alt+↓)"));
    m_retry = flat(Glyph::Loop, "queueRetry", tr("Try failed ones again"));
    m_cancel = flat(Glyph::Trash, "queueCancel", tr("Cancel; Undo brings it back (Del)"));
    row->addSpacing(4);
    const auto pill = [&](Glyph glyph, const char* name, const QString& text, const QString& tip) {
        auto* button = new PillButton(text);
        button->setObjectName(QLatin1String(name));
        button->setIcon(glyphIcon(glyph));
        button->setToolTip(tip);
        row->addWidget(button);
        return button;
    };
    m_pause =
        pill(Glyph::Pause, "queuePause", tr("Pause"), tr("No new item begins; the running one goes on"));
    m_stop =
        pill(Glyph::Stop, "queueStop", tr("Stop"),
             tr("Stop the running one within one network call and pause. What it has finished stays, and "
                "it goes on from there when the queue is resumed"));
    m_compare = pill(Glyph::Plus, "queueCompare", tr("Compare schedules…"),
                     tr("Add several schedules under several seeds in one go"));
    auto* close = flat(Glyph::Close, "queueClose", tr("Hide the queue; it goes on"));
    close->setIconSize(QSize(14, 14));
    connect(undo, &QToolButton::clicked, this, &QueuePanel::undoCancel);
    connect(m_up, &QToolButton::clicked, this, [this] { moveSelected(-1); });
    connect(m_down, &QToolButton::clicked, this, [this] { moveSelected(1); });
    connect(m_retry, &QToolButton::clicked, this, &QueuePanel::retrySelected);
    connect(m_cancel, &QToolButton::clicked, this, &QueuePanel::cancelSelected);
    connect(m_pause, &QToolButton::clicked, m_pauseAction, &QAction::trigger);
    connect(m_stop, &QToolButton::clicked, this, [this] { m_queue.stop(); });
    connect(m_compare, &QToolButton::clicked, this, &QueuePanel::compareRequested);
    connect(close, &QToolButton::clicked, this, &QueuePanel::closeRequested);
    return header;
}

QWidget* QueuePanel::makeTable() {
    m_table = new QTableView;
    m_table->setObjectName(QStringLiteral("queueTable"));
    m_table->setAccessibleName(tr("Queue of generations and analyses"));
    m_table->setModel(m_model);
    m_table->setItemDelegateForColumn(QueueModel::Schedule, new QueuedScheduleDelegate(*m_model, m_table));
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setDragDropMode(QAbstractItemView::InternalMove);
    m_table->setDragDropOverwriteMode(false);
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    m_table->verticalHeader()->setDefaultSectionSize(kRowHeight);
    QHeaderView* columns = m_table->horizontalHeader();
    columns->setHighlightSections(false);
    for (int column = 0; column < QueueModel::ColumnCount; ++column)
        m_table->setColumnWidth(column, kWidths[column]);
    columns->setSectionResizeMode(QueueModel::State, QHeaderView::Stretch);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &QueuePanel::review);
    return m_table;
}

QWidget* QueuePanel::makeEmpty() {
    auto* card = new Card;
    auto* column = new QVBoxLayout(card);
    QLabel* text = makeLabel(tr("Nothing waits. Add the present design with Ctrl+Shift+↵, compare several "
                                "schedules under the same seeds, or begin an analysis from the command "
                                "palette."),
                             "dim");
    text->setObjectName(QStringLiteral("queueEmpty"));
    text->setAlignment(Qt::AlignCenter);
    text->setWordWrap(true);
    column->addWidget(text);
    return card;
}

void QueuePanel::joinKeys() {
    const auto shortcut = [this](const QKeySequence& keys, auto action) {
        auto* made = new QShortcut(keys, m_table);
        made->setContext(Qt::WidgetShortcut);
        connect(made, &QShortcut::activated, this, action);
    };
    shortcut(QKeySequence(Qt::ALT | Qt::Key_Up), [this] { moveSelected(-1); });
    shortcut(QKeySequence(Qt::ALT | Qt::Key_Down), [this] { moveSelected(1); });
    shortcut(QKeySequence::Delete, [this] { cancelSelected(); });
}

QSize QueuePanel::sizeHint() const { return {800, m_model->rowCount() == 0 ? 84 : 170}; }

void QueuePanel::refill() {
    std::vector<QueueRow> rows;
    for (const QueuedGeneration& item : m_queue.items())
        rows.push_back({item, m_queue.secondsLeft(item),
                        !item.request.pool.empty() && !m_session.pool().serves(item.request.pool),
                        m_queue.progressOf(item)});
    m_model->setRows(std::move(rows));
    review();
}

/// "1 running · 5 waiting · about 12 min", "paused · 6 waiting · about 12 min or more"
QString QueuePanel::summary() const {
    const auto count = [&](QueueState state) {
        return static_cast<int>(std::ranges::count(m_queue.items(), state, &QueuedGeneration::state));
    };
    const int running = count(QueueState::Running), waiting = m_queue.waiting(),
              failed = count(QueueState::Failed);
    QStringList parts;
    if (m_queue.isPaused() && running + waiting > 0)
        parts << tr("paused");
    if (running > 0)
        parts << tr("%1 running").arg(running);
    if (waiting > 0)
        parts << tr("%1 waiting").arg(waiting);
    if (failed > 0)
        parts << tr("%1 failed").arg(failed);
    const GenerationQueue::Total left = m_queue.secondsLeft();
    if (left.seconds > 0)
        parts << (left.known ? remainingText(left.seconds)
                             : tr("%1 or more").arg(remainingText(left.seconds)));
    return parts.join(QStringLiteral(" · "));
}

void QueuePanel::review() {
    m_summary->setText(summary());
    const int page = m_model->rowCount() == 0 ? 0 : 1;
    if (page != m_stack->currentIndex()) {
        m_stack->setCurrentIndex(page);
        updateGeometry();
    }
    const bool paused = m_queue.isPaused();
    m_pause->setText(paused ? tr("Resume") : tr("Pause"));
    m_pause->setAccessibleName(m_pause->text());
    m_pause->setIcon(glyphIcon(paused ? Glyph::Play : Glyph::Pause));
    m_pause->setToolTip(paused ? tr("Go on with what waits")
                               : tr("No new item begins; the running one goes on"));
    m_pause->updateGeometry();
    m_pauseAction->setText(paused ? tr("Resume the queue") : tr("Pause the queue"));
    m_stop->setEnabled(m_queue.running() != 0);
    const QModelIndexList rows = m_table->selectionModel()->selectedRows();
    const bool any = !rows.isEmpty();
    m_cancel->setEnabled(any);
    m_up->setEnabled(any);
    m_down->setEnabled(any);
    m_retry->setEnabled(std::ranges::any_of(
        rows, [this](const QModelIndex& row) { return m_model->at(row)->item.state == QueueState::Failed; }));
}

std::vector<std::int64_t> QueuePanel::selected() const {
    return m_model->idsOf(m_table->selectionModel()->selectedRows());
}

bool QueuePanel::done(const std::optional<Error::Parts>& error) {
    if (error)
        m_message->showError(*error);
    else
        m_message->dismiss();
    return !error;
}

/// The selected rows together, one place up or down from where the first or the last of them stands.
void QueuePanel::moveSelected(int by) {
    const std::vector<std::int64_t> items = selected();
    if (items.empty())
        return;
    std::vector<int> rows;
    for (int row = 0; row < m_model->rowCount(); ++row)
        if (std::ranges::find(items, m_model->rows()[static_cast<std::size_t>(row)].item.id) != items.end())
            rows.push_back(row);
    const int place = by < 0 ? rows.front() - 1 : rows.back() + 2;
    if (place < 0 || place > m_model->rowCount())
        return;
    done(m_queue.move(
        items, place == m_model->rowCount() ? 0 : m_model->rows()[static_cast<std::size_t>(place)].item.id));
}

void QueuePanel::cancelSelected() {
    const std::vector<std::int64_t> items = selected();
    if (items.empty())
        return;
    const int place = m_table->selectionModel()->selectedRows().first().row();
    if (!done(m_queue.cancel(items)))
        return;
    if (m_model->rowCount() > 0) // pressed again, it takes the next one
        m_table->selectionModel()->setCurrentIndex(
            m_model->index(std::min(place, m_model->rowCount() - 1), 0),
            QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
    const int count = static_cast<int>(m_queue.cancelled().size());
    m_undoText->setText(count == 1 ? tr("1 item cancelled") : tr("%1 items cancelled").arg(count));
    m_undoBar->setVisible(count > 0);
}

void QueuePanel::undoCancel() {
    if (!m_queue.cancelled().empty() && done(m_queue.undoCancel()))
        m_undoBar->hide();
}

void QueuePanel::retrySelected() { done(m_queue.retry(selected())); }

/// While a cancelling can be taken back, undo means that and not the schedule's.
bool QueuePanel::event(QEvent* event) {
    if (event->type() == QEvent::ShortcutOverride && !m_queue.cancelled().empty() &&
        static_cast<QKeyEvent*>(event)->matches(QKeySequence::Undo)) {
        event->accept();
        return true;
    }
    return QWidget::event(event);
}

void QueuePanel::keyPressEvent(QKeyEvent* event) {
    if (event->matches(QKeySequence::Undo))
        undoCancel();
    else
        QWidget::keyPressEvent(event);
}

} // namespace steploom
