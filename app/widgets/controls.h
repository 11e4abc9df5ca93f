// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/widgets/icons.h"
#include "engine/core/error.h"

#include <QAbstractButton>
#include <QFrame>
#include <QPushButton>
#include <QStringList>
#include <QToolButton>

class QButtonGroup;
class QLabel;

namespace steploom {

/// Gives a widget one of the style sheet's looks ("card", "pill", "primary", "dim", "title", "error",
/// "hairline" …).
void setLook(QWidget* widget, const char* look);
/// A label in the given look; `name` becomes its objectName unless empty.
QLabel* makeLabel(const QString& text, const char* look = "", QWidget* parent = nullptr);
/// A one-pixel horizontal rule.
QFrame* makeHairline(QWidget* parent = nullptr);

/// A rounded frame (10 px) with a hairline, on which everything lies.
class Card : public QFrame {
    Q_OBJECT
public:
    explicit Card(QWidget* parent = nullptr);
};

/// A bordered button with text, checkable when it is a tool; with a menu it shows a chevron.
class PillButton : public QToolButton {
    Q_OBJECT
public:
    explicit PillButton(const QString& text, QWidget* parent = nullptr);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;
};

/// A frameless icon button. `label` is tool tip and accessible name.
class FlatButton : public QToolButton {
    Q_OBJECT
public:
    FlatButton(Glyph glyph, const QString& label, QWidget* parent = nullptr);
};

/// The one loud button of a page: bold text, and its shortcut in a quieter tone ("Generate  Ctrl+↵").
class PrimaryButton : public QPushButton {
    Q_OBJECT
public:
    explicit PrimaryButton(const QString& text, const QString& shortcutText = {}, QWidget* parent = nullptr);
    QString shortcutText() const { return m_shortcutText; }
    void setShortcutText(const QString& text);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString m_shortcutText;
};

/// One choice of a few, side by side: step | fraction | masked. Arrow keys move the choice.
class SegmentedSwitch : public QWidget {
    Q_OBJECT
public:
    explicit SegmentedSwitch(const QStringList& options, QWidget* parent = nullptr);
    int currentIndex() const;
    void setCurrentIndex(int index);
    QToolButton* button(int index) const;

signals:
    void currentChanged(int index);

private:
    QButtonGroup* m_group;
};

/// A dim label at the left and a field flush right, of one width throughout a form.
class LabeledRow : public QWidget {
    Q_OBJECT
public:
    /// Takes the field; a QLabel as field is right-aligned.
    LabeledRow(const QString& label, QWidget* field, int fieldWidth = 152, QWidget* parent = nullptr);
    QLabel* label() const noexcept { return m_label; }
    QWidget* field() const noexcept { return m_field; }

private:
    QLabel* m_label;
    QWidget* m_field;
};

/// An error where it happened: what, why, remedy; dismissible; hidden until it has something to say.
class InlineMessage : public QFrame {
    Q_OBJECT
public:
    explicit InlineMessage(QWidget* parent = nullptr);
    void showError(const Error::Parts& parts);
    /// A remark that is no error.
    void showNotice(const QString& text);
    void dismiss();
    QString text() const;

signals:
    void dismissed();

private:
    void restyle(bool error);
    QLabel* m_icon;
    QLabel* m_text;
    bool m_error = true;
};

/// A pool member: letter square in its colour, name, facts ("12 blocks · 8.8M · f32"); a chevron when it
/// opens a menu.
class MemberChip : public QAbstractButton {
    Q_OBJECT
public:
    explicit MemberChip(QWidget* parent = nullptr);
    /// `index` is the member's place in the pool and decides the colour.
    void setMember(char letter, int index, const QString& name, const QString& facts);
    void setOpensMenu(bool opens);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    char m_letter = 'H';
    int m_index = 0;
    QString m_name, m_facts;
    bool m_opensMenu = false;
};

/// The letter square alone: lanes, legends, tables.
void drawMemberSquare(QPainter& painter, const QRectF& rect, char letter, int index);

} // namespace steploom
