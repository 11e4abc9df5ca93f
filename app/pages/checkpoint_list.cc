// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/checkpoint_list.h"

#include "app/pages/analysis_fields.h"
#include "app/pages/checkpoint_folders.h"
#include "app/widgets/controls.h"
#include "app/widgets/icons.h"

#include <QDir>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QMimeData>
#include <QPushButton>
#include <QShortcut>
#include <QVBoxLayout>

namespace steploom {
namespace {

constexpr int kLeastListHeight = 130, kRowHeight = 30; // px
constexpr int kPathRole = Qt::UserRole, kProblemRole = Qt::UserRole + 1;

/// "small/steps/00001000": what tells the checkpoints of one training apart, and one training from another.
QString shownName(const QString& path) {
    const QStringList parts = path.split(u'/', Qt::SkipEmptyParts);
    const bool ofTraining = parts.size() > 2 && parts[parts.size() - 2] == QLatin1String("steps");
    return parts.mid(parts.size() - (ofTraining ? 3 : std::min<qsizetype>(2, parts.size()))).join(u'/');
}

} // namespace

CheckpointList::CheckpointList(const QString& name, const QString& addTip, Problem problem, QWidget* parent)
    : QWidget(parent), m_problem(std::move(problem)), m_list(new QListWidget),
      m_remove(new QPushButton(tr("Remove"))), m_line(makeLabel({}, "dim")) {
    setAcceptDrops(true);
    m_list->setObjectName(name + QStringLiteral("Folders"));
    m_list->setAccessibleName(tr("Checkpoints"));
    m_list->setMinimumHeight(kLeastListHeight);
    m_list->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_line->setObjectName(name + QStringLiteral("FoldersLine"));
    m_line->setWordWrap(true);
    auto* add = new QPushButton(tr("Add a folder…"));
    add->setObjectName(name + QStringLiteral("Add"));
    add->setToolTip(addTip);
    m_remove->setObjectName(name + QStringLiteral("Remove"));
    for (QPushButton* button : {add, m_remove})
        button->setAutoDefault(false);
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(m_line, 1);
    buttons->addWidget(add);
    buttons->addWidget(m_remove);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins({});
    column->setSpacing(fields::kLineGap);
    column->addWidget(m_list, 1);
    column->addLayout(buttons);
    connect(add, &QPushButton::clicked, this, &CheckpointList::chooseFolder);
    connect(m_remove, &QPushButton::clicked, this, &CheckpointList::removeSelected);
    connect(m_list, &QListWidget::itemSelectionChanged, this, &CheckpointList::review);
    auto* remove = new QShortcut(QKeySequence::Delete, m_list);
    remove->setContext(Qt::WidgetShortcut);
    connect(remove, &QShortcut::activated, this, &CheckpointList::removeSelected);
    review();
}

void CheckpointList::add(const QString& folder) {
    for (int row = 0; row < m_list->count(); ++row)
        if (m_list->item(row)->data(kPathRole) == folder)
            return;
    const QString problem = m_problem(folder);
    auto* item = new QListWidgetItem(shownName(folder), m_list);
    item->setData(kPathRole, folder);
    item->setData(kProblemRole, problem);
    item->setToolTip(problem.isEmpty() ? QDir::toNativeSeparators(folder)
                                       : QDir::toNativeSeparators(folder) + u'\n' + problem);
    item->setIcon(problem.isEmpty() ? glyphIcon(Glyph::Folder, GlyphInk::Dim)
                                    : glyphIcon(Glyph::Warning, GlyphInk::Heat));
    item->setSizeHint({0, kRowHeight});
}

void CheckpointList::addFolders(const QStringList& folders) {
    for (const QString& folder : folders)
        for (const QString& checkpoint : checkpointsIn(folder))
            add(checkpoint);
    review();
    emit changed();
}

void CheckpointList::setFolders(const QStringList& folders) {
    m_list->clear();
    for (const QString& folder : folders)
        add(folder);
    review();
}

QStringList CheckpointList::folders() const {
    QStringList folders;
    for (int row = 0; row < m_list->count(); ++row)
        folders << m_list->item(row)->data(kPathRole).toString();
    return folders;
}

QString CheckpointList::unfit() const {
    for (int row = 0; row < m_list->count(); ++row) {
        const QString problem = m_list->item(row)->data(kProblemRole).toString();
        if (!problem.isEmpty())
            return QStringLiteral("%1: %2").arg(m_list->item(row)->text(), problem);
    }
    return {};
}

void CheckpointList::setRemark(const QString& remark) {
    m_remark = remark;
    review();
}

void CheckpointList::chooseFolder() {
    const QString folder = QFileDialog::getExistingDirectory(this, tr("Checkpoint, or output of a training"));
    if (!folder.isEmpty())
        addFolders({folder});
}

void CheckpointList::removeSelected() {
    qDeleteAll(m_list->selectedItems());
    review();
    emit changed();
}

void CheckpointList::review() {
    m_remove->setEnabled(!m_list->selectedItems().isEmpty());
    fields::showLine(*m_line, unfit(), m_remark);
}

void CheckpointList::dragEnterEvent(QDragEnterEvent* event) {
    if (!foldersOf(*event->mimeData()).isEmpty())
        event->acceptProposedAction();
}

void CheckpointList::dropEvent(QDropEvent* event) {
    addFolders(foldersOf(*event->mimeData()));
    event->acceptProposedAction();
}

} // namespace steploom
