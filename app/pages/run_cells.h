// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QCache>
#include <QFont>
#include <QStaticText>
#include <QStyledItemDelegate>

namespace steploom {

/// The cell without its content, as the style sheet has it. The style sheet's own way takes five times as
/// long, which a table of hundreds of cells has not while it scrolls.
void drawCellGround(QPainter& painter, const QStyleOptionViewItem& cell);

/// Draws a cell's words and numbers. Texts keep their shape, so that scrolling lays out only what is new.
class TextCellDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override;

protected:
    /// In `place`, cut with "…" where it is too long.
    void drawText(QPainter& painter, const QStyleOptionViewItem& cell, const QRect& place,
                  const QString& text, bool right = false) const;

private:
    const QStaticText& shaped(const QString& text, const QFont& font) const;

    mutable QFont m_font; ///< that m_texts were shaped in
    mutable QCache<QString, QStaticText> m_texts{4096};
};

/// Draws a row's star: filled where the model's ValueRole is true, else an outline while the pointer is on
/// the row. A click asks for the other state.
class StarDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override;

signals:
    void clicked(const QModelIndex& index);

protected:
    bool editorEvent(QEvent* event, QAbstractItemModel* model, const QStyleOptionViewItem& option,
                     const QModelIndex& index) override;
};

/// Draws a row's tags as small chips, as many as there is room for, then "+2".
class TagsDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override;
};

} // namespace steploom
