// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/token_canvas.h"

#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QKeyEvent>
#include <QMenu>
#include <QScrollBar>

#include <algorithm>

namespace steploom {

void TokenCanvas::mousePressEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton)
        return;
    m_pressed = event->position().toPoint();
    m_dragging = false;
    if (m_picking && (event->modifiers() & Qt::ShiftModifier) && m_anchor >= 0)
        setSelection(m_anchor, m_layout.nearestPosition(toContent(m_pressed)));
    else
        clearSelection();
}

void TokenCanvas::mouseMoveEvent(QMouseEvent* event) {
    const QPoint here = event->position().toPoint();
    if (!(event->buttons() & Qt::LeftButton)) {
        const bool over = m_layout.positionAt(toContent(here)) >= 0;
        viewport()->setCursor(over ? Qt::PointingHandCursor : Qt::IBeamCursor);
        return;
    }
    if (!m_dragging && (here - m_pressed).manhattanLength() < QApplication::startDragDistance())
        return;
    if (!m_dragging) {
        m_dragging = true;
        m_anchor = m_layout.nearestPosition(toContent(m_pressed));
    }
    setSelection(m_anchor, m_layout.nearestPosition(toContent(here)));
    const int outside = here.y() < 0 ? here.y() : std::max(0, here.y() - viewport()->height());
    verticalScrollBar()->setValue(verticalScrollBar()->value() + outside / 2);
    viewport()->update();
}

void TokenCanvas::mouseReleaseEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton || m_dragging)
        return;
    const int position = m_layout.positionAt(toContent(event->position().toPoint()));
    const auto at = static_cast<std::size_t>(position);
    if (m_picking) {
        if (position >= 0 && !(event->modifiers() & Qt::ShiftModifier))
            setSelection(position, position);
        return;
    }
    if (position < 0 || isMasked(position) || at >= m_sample.revealStep.size() ||
        m_sample.revealStep[at] < 0) {
        markStep(-1);
        return;
    }
    markStep(m_sample.revealStep[at]);
    emit stepPicked(m_marked);
}

void TokenCanvas::keyPressEvent(QKeyEvent* event) {
    if (event->matches(QKeySequence::Copy))
        copy();
    else if (event->matches(QKeySequence::SelectAll))
        selectAll();
    else if (event->key() == Qt::Key_Escape && (m_anchor >= 0 || m_marked >= 0)) {
        clearSelection();
        markStep(-1);
    } else if (event->key() == Qt::Key_Left || event->key() == Qt::Key_Right)
        event->ignore(); // steps: the panel's matter
    else
        QAbstractScrollArea::keyPressEvent(event);
}

void TokenCanvas::contextMenuEvent(QContextMenuEvent* event) {
    if (m_sample.tokens.empty())
        return;
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(m_anchor >= 0 ? tr("Copy selection") : tr("Copy text"), this, &TokenCanvas::copy);
    menu->addAction(tr("Select all"), this, &TokenCanvas::selectAll);
    menu->popup(event->globalPos());
}

void TokenCanvas::setSelection(int anchor, int head) {
    if (anchor == m_anchor && head == m_head)
        return;
    m_anchor = anchor;
    m_head = head;
    viewport()->update();
    emit selectionChanged();
}

void TokenCanvas::setPicking(bool picking) {
    m_picking = picking;
    if (picking)
        markStep(-1);
}

void TokenCanvas::select(int first, int last) { setSelection(first, last); }

TokenCanvas::Selection TokenCanvas::selection() const noexcept {
    return m_anchor < 0 ? Selection{} : Selection{std::min(m_anchor, m_head), std::max(m_anchor, m_head)};
}

void TokenCanvas::selectAll() {
    setSelection(m_sample.tokens.empty() ? -1 : 0, static_cast<int>(m_sample.tokens.size()) - 1);
}

void TokenCanvas::clearSelection() { setSelection(-1, -1); }

void TokenCanvas::copy() const { QApplication::clipboard()->setText(copiedText()); }

} // namespace steploom
