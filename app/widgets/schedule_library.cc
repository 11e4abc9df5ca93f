// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/schedule_library.h"

#include "app/bridge/run_list_model.h"
#include "app/widgets/controls.h"
#include "app/widgets/number_format.h"
#include "app/widgets/schedule_thumbnail.h"
#include "app/widgets/theme.h"

#include <QApplication>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QPainter>
#include <QScreen>
#include <QStyledItemDelegate>

#include <algorithm>
#include <set>

namespace steploom {

namespace {

constexpr QSize kPanelSize(420, 440);
constexpr int kRowHeight = 46, kBarWidth = 132, kBarHeight = 12, kInset = 10; // px

/// Name and figures of a schedule, with its picture at the right.
class ScheduleItemDelegate : public QStyledItemDelegate {
public:
    ScheduleItemDelegate(const std::string& letters, QObject* parent)
        : QStyledItemDelegate(parent), m_letters(letters) {}

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override {
        QStyleOptionViewItem cell = option;
        initStyleOption(&cell, index);
        cell.text.clear();
        const QStyle* style = cell.widget ? cell.widget->style() : QApplication::style();
        style->drawControl(QStyle::CE_ItemViewItem, &cell, painter, cell.widget);
        const auto* named = static_cast<const ScheduleListModel*>(index.model())->at(index);
        if (!named)
            return;
        const Theme& theme = Theme::instance();
        const QRectF bar(cell.rect.right() - kInset - kBarWidth,
                         cell.rect.center().y() - kBarHeight / 2.0 + 0.5, kBarWidth, kBarHeight);
        ScheduleThumbnail::paint(*painter, bar, named->schedule, m_letters);
        const QRect text = cell.rect.adjusted(kInset, 5, -(kBarWidth + 2 * kInset), -5);
        painter->save();
        const auto line = [&](const QFont& font, const QColor& color, Qt::Alignment align,
                              const QString& words) {
            painter->setFont(font);
            painter->setPen(color);
            painter->drawText(text, align | Qt::AlignLeft,
                              QFontMetrics(font).elidedText(words, Qt::ElideRight, text.width()));
        };
        line(theme.font(0, true), theme.colors().ink, Qt::AlignTop, index.data().toString());
        const double heavy = named->schedule.share(m_letters.empty() ? 'H' : m_letters.front());
        line(theme.font(-1), theme.colors().dim, Qt::AlignBottom,
             ScheduleLibraryPanel::tr("%1 steps · %2 light")
                 .arg(named->schedule.steps())
                 .arg(formatShare(1 - heavy)));
        painter->restore();
    }
    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override {
        return {200, kRowHeight};
    }
    void updateEditorGeometry(QWidget* editor, const QStyleOptionViewItem& option,
                              const QModelIndex&) const override {
        editor->setGeometry(option.rect.adjusted(4, 8, -(kBarWidth + 2 * kInset), -8));
    }

private:
    const std::string& m_letters; ///< the panel's, which outlives this
};

QString notationOf(const StepSchedule& schedule) {
    QString text = QString::fromStdString(printSchedule(schedule));
    return text.size() > 160 ? text.left(159) + u'…' : text;
}

} // namespace

void ScheduleListModel::setSchedules(std::vector<NamedSchedule> schedules, bool editable) {
    beginResetModel();
    m_schedules = std::move(schedules);
    m_editable = editable;
    endResetModel();
}

const NamedSchedule* ScheduleListModel::at(const QModelIndex& index) const {
    return index.isValid() && index.row() < rowCount() ? &m_schedules[static_cast<std::size_t>(index.row())]
                                                       : nullptr;
}

QModelIndex ScheduleListModel::indexOf(qint64 id) const {
    const auto found = std::ranges::find(m_schedules, id, &NamedSchedule::id);
    return found == m_schedules.end() ? QModelIndex() : index(static_cast<int>(found - m_schedules.begin()));
}

int ScheduleListModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_schedules.size());
}

QVariant ScheduleListModel::data(const QModelIndex& index, int role) const {
    const NamedSchedule* named = at(index);
    if (!named)
        return {};
    switch (role) {
    case Qt::DisplayRole:
    case Qt::EditRole:
        return QString::fromStdString(named->name);
    case Qt::ToolTipRole:
        return QStringLiteral("%1\n%2").arg(notationOf(named->schedule),
                                            QString::fromStdString(named->created));
    case Qt::AccessibleDescriptionRole:
        return notationOf(named->schedule);
    default:
        return {};
    }
}

Qt::ItemFlags ScheduleListModel::flags(const QModelIndex& index) const {
    const Qt::ItemFlags flags = QAbstractListModel::flags(index);
    return m_editable && index.isValid() ? flags | Qt::ItemIsEditable : flags;
}

bool ScheduleListModel::setData(const QModelIndex& index, const QVariant& value, int role) {
    const NamedSchedule* named = at(index);
    const QString name = value.toString().trimmed();
    if (!named || role != Qt::EditRole || !m_editable || name.isEmpty())
        return false;
    if (name.toStdString() != named->name)
        emit renamed(named->id, name);
    return true;
}

ScheduleLibraryPanel::ScheduleLibraryPanel(QWidget* parent)
    : QFrame(parent, Qt::Popup), m_model(new ScheduleListModel(this)) {
    setObjectName(QStringLiteral("scheduleLibrary"));
    setAccessibleName(tr("Library of schedules"));
    setLook(this, "card");
    layOut();
    connect(m_model, &ScheduleListModel::renamed, this, [this](qint64 id, const QString& name) {
        // Not from within the editing of the cell: the list is filled anew.
        QMetaObject::invokeMethod(
            this,
            [this, id, name] {
                if (done(m_library->renameSchedule(id, name)))
                    m_list->setCurrentIndex(m_model->indexOf(id));
            },
            Qt::QueuedConnection);
    });
    refill();
}

void ScheduleLibraryPanel::layOut() {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(12, 12, 12, 12);
    column->setSpacing(Theme::kGrid);

    auto* saving = new QHBoxLayout;
    m_name = new QLineEdit;
    m_name->setObjectName(QStringLiteral("libraryName"));
    m_name->setPlaceholderText(tr("Name for the present schedule"));
    m_name->setAccessibleName(m_name->placeholderText());
    m_name->setMaxLength(static_cast<int>(kLongestScheduleName));
    m_save = new QPushButton(tr("Save"));
    m_save->setObjectName(QStringLiteral("librarySave"));
    saving->addWidget(m_name, 1);
    saving->addWidget(m_save);
    column->addLayout(saving);
    connect(m_name, &QLineEdit::textChanged, this, &ScheduleLibraryPanel::review);
    connect(m_name, &QLineEdit::returnPressed, this, &ScheduleLibraryPanel::save);
    connect(m_save, &QPushButton::clicked, this, &ScheduleLibraryPanel::save);

    m_source = new SegmentedSwitch({tr("Library"), tr("Stored runs")});
    m_source->setObjectName(QStringLiteral("librarySource"));
    column->addWidget(m_source);
    connect(m_source, &SegmentedSwitch::currentChanged, this, &ScheduleLibraryPanel::refill);

    m_list = new QListView;
    m_list->setObjectName(QStringLiteral("libraryList"));
    m_list->setAccessibleName(tr("Schedules"));
    m_list->setModel(m_model);
    m_list->setItemDelegate(new ScheduleItemDelegate(m_letters, m_list));
    m_list->setEditTriggers(QAbstractItemView::EditKeyPressed);
    m_list->setUniformItemSizes(true);
    column->addWidget(m_list, 1);
    m_empty = makeLabel({}, "dim", m_list);
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setWordWrap(true);
    auto* inside = new QVBoxLayout(m_list);
    inside->addWidget(m_empty);
    connect(m_list, &QListView::doubleClicked, this, &ScheduleLibraryPanel::load);
    connect(m_list->selectionModel(), &QItemSelectionModel::currentChanged, this,
            &ScheduleLibraryPanel::review);
    connect(m_model, &QAbstractItemModel::modelReset, this, &ScheduleLibraryPanel::review);

    m_undoBar = new QFrame;
    setLook(m_undoBar, "notice");
    auto* undoing = new QHBoxLayout(m_undoBar);
    undoing->setContentsMargins(10, 4, 4, 4);
    m_undoText = makeLabel({});
    auto* undo = new QPushButton(tr("Undo"));
    undo->setObjectName(QStringLiteral("libraryUndo"));
    undoing->addWidget(m_undoText, 1);
    undoing->addWidget(undo);
    connect(undo, &QPushButton::clicked, this, &ScheduleLibraryPanel::undoRemove);
    m_undoBar->hide();
    column->addWidget(m_undoBar);
    m_message = new InlineMessage;
    m_message->setObjectName(QStringLiteral("libraryMessage"));
    column->addWidget(m_message);

    auto* row = new QHBoxLayout;
    row->setSpacing(4);
    m_load = new QPushButton(tr("Load"));
    m_load->setObjectName(QStringLiteral("libraryLoad"));
    m_load->setToolTip(tr("Make it the schedule shown, as one undo step (Enter)"));
    row->addWidget(m_load);
    row->addStretch(1);
    connect(m_load, &QPushButton::clicked, this, &ScheduleLibraryPanel::load);
    const auto add = [&](const char* name, const QString& text, const QString& tip) {
        auto* button = new PillButton(text);
        button->setObjectName(QLatin1String(name));
        button->setToolTip(tip);
        row->addWidget(button);
        return button;
    };
    m_rename = add("libraryRename", tr("Rename"), tr("Give it another name (F2)"));
    m_duplicate = add("libraryDuplicate", tr("Duplicate"), tr("Keep it a second time, under another name"));
    m_delete = add("libraryDelete", tr("Delete"), tr("Forget it; Undo brings it back (Del)"));
    m_copy = add("libraryCopy", tr("Copy"), tr("Copy it as text"));
    connect(m_rename, &QToolButton::clicked, this, [this] { m_list->edit(m_list->currentIndex()); });
    connect(m_duplicate, &QToolButton::clicked, this, &ScheduleLibraryPanel::duplicate);
    connect(m_delete, &QToolButton::clicked, this, &ScheduleLibraryPanel::remove);
    connect(m_copy, &QToolButton::clicked, this, [this] {
        if (const NamedSchedule* named = current())
            emit copyRequested(named->schedule, QString::fromStdString(named->name));
    });
    column->addLayout(row);

    column->addWidget(makeHairline());
    auto* files = new QHBoxLayout;
    files->setSpacing(4);
    const auto action = [&](const char* name, const QString& text, const QString& tip, auto signal) {
        auto* button = new PillButton(text);
        button->setObjectName(QLatin1String(name));
        button->setToolTip(tip);
        files->addWidget(button);
        connect(button, &QToolButton::clicked, this, [this, signal] {
            hide();
            emit(this->*signal)();
        });
    };
    action("libraryPaste", tr("Paste"), tr("Take the schedule from the clipboard, in any notation (Ctrl+V)"),
           &ScheduleLibraryPanel::pasteRequested);
    files->addStretch(1);
    action("libraryOpen", tr("Open file…"),
           tr("Read a schedule from a file; dropping one on the timeline does too"),
           &ScheduleLibraryPanel::openRequested);
    action("librarySaveFile", tr("Save as file…"), tr("Write the present schedule to a file"),
           &ScheduleLibraryPanel::saveFileRequested);
    column->addLayout(files);
}

void ScheduleLibraryPanel::setLibrary(RunLibrary* library) {
    m_library = library;
    connect(library, &RunLibrary::schedulesChanged, this, &ScheduleLibraryPanel::refill);
    connect(library, &RunLibrary::runsChanged, this, [this] {
        if (isVisible() && m_source->currentIndex() == 1)
            refill();
    });
    refill();
}

void ScheduleLibraryPanel::setPresent(const StepSchedule& schedule, const std::string& letters) {
    m_present = schedule;
    m_letters = letters;
    review();
}

void ScheduleLibraryPanel::popUp(const QWidget& anchor) {
    m_message->dismiss();
    m_undoBar->hide();
    m_removed.reset();
    refill();
    resize(kPanelSize);
    QPoint at = anchor.mapToGlobal(QPoint(0, anchor.height() + 4));
    const QRect screen = anchor.screen()->availableGeometry();
    at.setX(std::clamp(at.x(), screen.left(), std::max(screen.left(), screen.right() - width())));
    if (at.y() + height() > screen.bottom())
        at.setY(std::max(screen.top(), screen.bottom() - height()));
    move(at);
    show();
    m_name->setFocus();
}

/// The list as the source has it; the current schedule stays current.
void ScheduleLibraryPanel::refill() {
    const NamedSchedule* before = current();
    const qint64 id = before ? before->id : 0;
    const bool runs = m_source->currentIndex() == 1;
    std::vector<NamedSchedule> schedules;
    if (m_library && runs) {
        // The newest run of each schedule.
        std::set<std::string> seen;
        for (const RunSummary& run : m_library->runs())
            if (seen.insert(run.request.schedule.letters()).second)
                schedules.push_back(
                    {run.id, tr("Run %1 · %2").arg(run.id).arg(scheduleLabel(run.request)).toStdString(),
                     run.started, run.request.schedule});
    } else if (m_library) {
        schedules = m_library->schedules();
    }
    m_model->setSchedules(std::move(schedules), !runs);
    m_list->setCurrentIndex(m_model->indexOf(id));
    m_empty->setText(runs ? tr("No run is stored yet. Generate, and its schedule can be loaded from here.")
                          : tr("No schedule is kept yet. Give the present one a name above and save it."));
    m_empty->setVisible(m_model->rowCount() == 0);
    review();
}

void ScheduleLibraryPanel::review() {
    const bool one = current() != nullptr;
    const bool own = one && m_source->currentIndex() == 0;
    m_load->setEnabled(one);
    m_copy->setEnabled(one);
    m_rename->setEnabled(own);
    m_delete->setEnabled(own);
    m_duplicate->setEnabled(one && m_library);
    const QString name = m_name->text().trimmed();
    const bool known =
        m_library && std::ranges::any_of(m_library->schedules(), [&](const NamedSchedule& each) {
            return QString::fromStdString(each.name).compare(name, Qt::CaseInsensitive) == 0;
        });
    m_save->setEnabled(m_library && !name.isEmpty() && !m_present.empty());
    m_save->setText(known ? tr("Replace") : tr("Save"));
    m_save->setToolTip(known ? tr("A schedule of that name is kept: replace it by the present one")
                             : tr("Keep the present schedule under this name"));
}

const NamedSchedule* ScheduleLibraryPanel::current() const { return m_model->at(m_list->currentIndex()); }

bool ScheduleLibraryPanel::done(const std::optional<Error::Parts>& error) {
    if (error)
        m_message->showError(*error);
    else
        m_message->dismiss();
    return !error;
}

void ScheduleLibraryPanel::save() {
    const QString name = m_name->text().trimmed();
    if (!m_save->isEnabled())
        return;
    const auto& known = m_library->schedules();
    const auto same = std::ranges::find_if(known, [&](const NamedSchedule& each) {
        return QString::fromStdString(each.name).compare(name, Qt::CaseInsensitive) == 0;
    });
    if (!done(same != known.end() ? m_library->changeSchedule(same->id, m_present)
                                  : m_library->saveSchedule(name, m_present)))
        return;
    m_source->setCurrentIndex(0);
    m_name->clear();
}

QString ScheduleLibraryPanel::freeName(const QString& wanted) const {
    QString name = wanted;
    const auto taken = [&](const NamedSchedule& each) {
        return QString::fromStdString(each.name).compare(name, Qt::CaseInsensitive) == 0;
    };
    for (int number = 2; std::ranges::any_of(m_library->schedules(), taken); ++number)
        name = tr("%1 (%2)").arg(wanted).arg(number);
    return name;
}

void ScheduleLibraryPanel::duplicate() {
    const NamedSchedule* named = current();
    if (!named || !m_library)
        return;
    const NamedSchedule copy = *named; // the list changes under it
    if (done(m_library->saveSchedule(freeName(QString::fromStdString(copy.name)), copy.schedule)))
        m_source->setCurrentIndex(0);
}

void ScheduleLibraryPanel::remove() {
    const NamedSchedule* named = current();
    if (!named || !m_delete->isEnabled())
        return;
    const NamedSchedule removed = *named;
    if (!done(m_library->removeSchedule(removed.id)))
        return;
    m_removed = removed;
    m_undoText->setText(tr("%1 deleted").arg(QString::fromStdString(removed.name)));
    m_undoBar->show();
}

void ScheduleLibraryPanel::undoRemove() {
    if (!m_removed || !done(m_library->restoreSchedule(*m_removed)))
        return;
    m_list->setCurrentIndex(m_model->indexOf(m_removed->id));
    m_removed.reset();
    m_undoBar->hide();
}

void ScheduleLibraryPanel::load() {
    if (const NamedSchedule* named = current()) {
        const NamedSchedule wanted = *named;
        hide();
        emit chosen(wanted.schedule, QString::fromStdString(wanted.name));
    }
}

void ScheduleLibraryPanel::keyPressEvent(QKeyEvent* event) {
    if (m_list->hasFocus() && event->key() == Qt::Key_Delete)
        remove();
    else if (m_list->hasFocus() && (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter))
        load();
    else if (event->matches(QKeySequence::Undo))
        undoRemove();
    else
        QFrame::keyPressEvent(event);
}

} // namespace steploom
