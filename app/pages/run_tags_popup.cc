// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/run_tags_popup.h"

#include "app/widgets/controls.h"
#include "app/widgets/theme.h"

#include <QCheckBox>
#include <QCompleter>
#include <QLabel>
#include <QLineEdit>
#include <QScreen>
#include <QScrollArea>
#include <QVBoxLayout>

#include <algorithm>

namespace steploom {
namespace {

constexpr int kWidth = 260, kTallest = 240, kBoxHeight = 24; // px

} // namespace

RunTagsPopup::RunTagsPopup(QWidget* parent) : QFrame(parent, Qt::Popup) {
    setObjectName(QStringLiteral("runTagsPopup"));
    setLook(this, "card");
    setFixedWidth(kWidth);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(12, 10, 12, 12);
    column->setSpacing(Theme::kGrid);
    m_title = makeLabel({}, "title");
    column->addWidget(m_title);
    m_line = new QLineEdit;
    m_line->setObjectName(QStringLiteral("runTagLine"));
    m_line->setAccessibleName(tr("New tag"));
    m_line->setPlaceholderText(tr("Tag, Return"));
    connect(m_line, &QLineEdit::returnPressed, this, &RunTagsPopup::add);
    column->addWidget(m_line);
    m_area = new QScrollArea;
    m_area->setFrameShape(QFrame::NoFrame);
    m_area->setWidgetResizable(true);
    m_area->setFocusPolicy(Qt::NoFocus); // the boxes take it
    m_area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto* inner = new QWidget;
    m_list = new QVBoxLayout(inner);
    m_list->setContentsMargins({});
    m_list->setSpacing(0);
    m_area->setWidget(inner); // makes it fill its ground
    inner->setAutoFillBackground(false);
    m_area->viewport()->setAutoFillBackground(false);
    column->addWidget(m_area);
}

void RunTagsPopup::setTags(const QStringList& known, const std::map<QString, int>& had, int runs) {
    m_title->setText(runs == 1 ? tr("Tags of this run") : tr("Tags of %1 runs").arg(runs));
    for (QWidget* box : m_boxes) {
        m_list->removeWidget(box);
        box->hide();
        box->deleteLater();
    }
    m_boxes.clear();
    for (const QString& tag : known) {
        auto* box = new QCheckBox(tag);
        box->setFixedHeight(kBoxHeight);
        box->setObjectName(QStringLiteral("runTag:") + tag);
        const auto found = had.find(tag);
        const int count = found == had.end() ? 0 : found->second;
        box->setTristate(count > 0 && count < runs);
        box->setCheckState(count == 0 ? Qt::Unchecked : count == runs ? Qt::Checked : Qt::PartiallyChecked);
        connect(box, &QCheckBox::clicked, this, [this, box, tag] {
            box->setTristate(false); // all or none, once somebody chose
            if (box->checkState() == Qt::PartiallyChecked)
                box->setChecked(true);
            if (box->isChecked())
                emit added(tag);
            else
                emit removed(tag);
        });
        m_list->addWidget(box);
        m_boxes.push_back(box);
    }
    if (known.isEmpty()) {
        QLabel* none = makeLabel(tr("There are no tags yet."), "dim");
        m_list->addWidget(none);
        m_boxes.push_back(none);
    }
    auto* completer = new QCompleter(known, m_line);
    completer->setCaseSensitivity(Qt::CaseInsensitive);
    delete m_line->completer();
    m_area->setFixedHeight(
        std::min(kTallest, static_cast<int>(std::max<std::size_t>(m_boxes.size(), 1)) * kBoxHeight));
    m_line->setCompleter(completer);
    adjustSize();
}

void RunTagsPopup::openBelow(const QWidget& anchor) {
    adjustSize();
    QPoint place = anchor.mapToGlobal(QPoint(0, anchor.height() + 4));
    const QRect room = anchor.screen()->availableGeometry();
    place.setX(std::clamp(place.x(), room.left(), std::max(room.left(), room.right() - width())));
    place.setY(std::clamp(place.y(), room.top(), std::max(room.top(), room.bottom() - height())));
    move(place);
    show();
    m_line->setFocus();
}

void RunTagsPopup::add() {
    const QString tag = m_line->text().trimmed();
    m_line->clear();
    if (tag.isEmpty())
        hide();
    else
        emit added(tag);
}

} // namespace steploom
