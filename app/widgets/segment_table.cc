// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/segment_table.h"

#include "app/widgets/controls.h"
#include "app/widgets/theme.h"

#include <QApplication>
#include <QComboBox>
#include <QHeaderView>
#include <QKeyEvent>
#include <QPainter>
#include <QStyledItemDelegate>

#include <algorithm>

namespace steploom {

namespace {

constexpr int kRowHeight = 26;
constexpr int kSquare = 16;
constexpr int kNumberWidth = 110;

/// Draws the member's square before its name, and edits it by a list of the pool.
class MemberDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override {
        QStyleOptionViewItem cell = option;
        initStyleOption(&cell, index);
        const QString label = cell.text.section(QStringLiteral(" · "), 1);
        cell.text.clear();
        const QStyle* style = cell.widget ? cell.widget->style() : QApplication::style();
        style->drawControl(QStyle::CE_ItemViewItem, &cell, painter, cell.widget);
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        const QRectF square(cell.rect.left() + 6, cell.rect.center().y() - kSquare / 2.0 + 0.5, kSquare,
                            kSquare);
        drawMemberSquare(*painter, square, index.data(Qt::EditRole).toString().front().toLatin1(),
                         index.data(SegmentTableModel::MemberRole).toInt());
        painter->setFont(cell.font);
        painter->setPen(cell.palette.color(QPalette::Text));
        painter->drawText(cell.rect.adjusted(6 + kSquare + 8, 0, -4, 0), Qt::AlignVCenter, label);
        painter->restore();
    }

    QWidget* createEditor(QWidget* parent, const QStyleOptionViewItem&,
                          const QModelIndex& index) const override {
        auto* list = new QComboBox(parent);
        const auto* model = static_cast<const SegmentTableModel*>(index.model());
        for (const TimelineMember& member : model->members())
            list->addItem(QStringLiteral("%1 · %2").arg(QLatin1Char(member.letter)).arg(member.name),
                          QString(QLatin1Char(member.letter)));
        return list;
    }
    void setEditorData(QWidget* editor, const QModelIndex& index) const override {
        auto* list = static_cast<QComboBox*>(editor);
        list->setCurrentIndex(list->findData(index.data(Qt::EditRole)));
    }
    void setModelData(QWidget* editor, QAbstractItemModel* model, const QModelIndex& index) const override {
        model->setData(index, static_cast<QComboBox*>(editor)->currentData());
    }
};

} // namespace

SegmentTable::SegmentTable(QWidget* parent) : QTableView(parent), m_model(new SegmentTableModel(this)) {
    setObjectName(QStringLiteral("segmentTable"));
    setAccessibleName(tr("Step schedule as a table of segments"));
    setToolTip(tr("Edit a cell with F2 or Enter. A model's letter gives it the segment, Insert splits it, "
                  "Delete gives it to the first model"));
    setModel(m_model);
    setItemDelegateForColumn(SegmentTableModel::Model, new MemberDelegate(this));
    setSelectionBehavior(QAbstractItemView::SelectRows);
    setSelectionMode(QAbstractItemView::SingleSelection);
    setEditTriggers(QAbstractItemView::DoubleClicked | QAbstractItemView::EditKeyPressed);
    setTabKeyNavigation(false); // Tab leaves the table
    setShowGrid(false);
    setCornerButtonEnabled(false);
    verticalHeader()->hide();
    verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    verticalHeader()->setDefaultSectionSize(kRowHeight);
    horizontalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    horizontalHeader()->setSectionResizeMode(SegmentTableModel::Model, QHeaderView::Stretch);
    horizontalHeader()->setDefaultSectionSize(kNumberWidth);
    horizontalHeader()->setSectionsClickable(false);
    horizontalHeader()->setHighlightSections(false);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    connect(&Theme::instance(), &Theme::changed, viewport(), qOverload<>(&QWidget::update));
}

bool SegmentTable::handlesKey(const QKeyEvent& event) const {
    if (event.modifiers() & (Qt::ControlModifier | Qt::AltModifier | Qt::MetaModifier) ||
        state() == QAbstractItemView::EditingState)
        return false;
    switch (event.key()) {
    case Qt::Key_Insert:
    case Qt::Key_Delete:
    case Qt::Key_Backspace:
    case Qt::Key_Return:
    case Qt::Key_Enter:
        return true;
    default:
        return std::ranges::any_of(m_model->members(), [&](const TimelineMember& member) {
            return event.key() == Qt::Key_A + (member.letter - 'A');
        });
    }
}

bool SegmentTable::event(QEvent* event) {
    // A letter on a row is an edit, not a shortcut of the window.
    if (event->type() == QEvent::ShortcutOverride && handlesKey(*static_cast<QKeyEvent*>(event))) {
        event->accept();
        return true;
    }
    return QTableView::event(event);
}

void SegmentTable::keyPressEvent(QKeyEvent* event) {
    const QModelIndex at = currentIndex();
    if (!handlesKey(*event) || !at.isValid()) {
        QTableView::keyPressEvent(event);
        return;
    }
    switch (event->key()) {
    case Qt::Key_Insert:
        m_model->split(at.row());
        break;
    case Qt::Key_Delete:
    case Qt::Key_Backspace:
        m_model->erase(at.row());
        break;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (at.flags() & Qt::ItemIsEditable)
            edit(at);
        break;
    default:
        m_model->setData(at.siblingAtColumn(SegmentTableModel::Model),
                         QString(QChar('A' + (event->key() - Qt::Key_A))));
    }
}

} // namespace steploom
