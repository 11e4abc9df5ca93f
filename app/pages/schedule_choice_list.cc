// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/schedule_choice_list.h"

#include "app/bridge/run_list_model.h"
#include "app/widgets/schedule_thumbnail.h"
#include "app/widgets/theme.h"
#include "engine/schedule/presets.h"

#include <QApplication>
#include <QPainter>
#include <QSignalBlocker>
#include <QStyledItemDelegate>

#include <algorithm>
#include <functional>

namespace steploom {
namespace {

constexpr int kRowHeight = 38, kBarWidth = 150, kBarHeight = 12, kInset = 10, kLeastWidth = 280; // px
constexpr int kOriginRole = Qt::UserRole + 1;

/// A tick, the schedule's name and where it comes from; its picture at the right.
class ChoiceDelegate : public QStyledItemDelegate {
public:
    using ScheduleOf = std::function<const StepSchedule*(int row)>;
    ChoiceDelegate(ScheduleOf scheduleOf, std::string letters, QObject* parent)
        : QStyledItemDelegate(parent), m_scheduleOf(std::move(scheduleOf)), m_letters(std::move(letters)) {}

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override {
        QStyleOptionViewItem cell = option;
        initStyleOption(&cell, index);
        cell.rect.setRight(option.rect.right() - kBarWidth - 2 * kInset);
        const QString origin = index.data(kOriginRole).toString();
        const int originWidth = cell.fontMetrics.horizontalAdvance(origin) + kInset;
        QStyleOptionViewItem back = option; // the whole row, without text and tick
        initStyleOption(&back, index);
        back.text.clear();
        back.features &= ~QStyleOptionViewItem::HasCheckIndicator;
        const QStyle* style = cell.widget ? cell.widget->style() : QApplication::style();
        style->drawControl(QStyle::CE_ItemViewItem, &back, painter, cell.widget);
        cell.state &= ~(QStyle::State_Selected | QStyle::State_MouseOver | QStyle::State_HasFocus);
        cell.rect.setRight(cell.rect.right() - originWidth);
        cell.rect.adjust(kInset / 2, 0, 0, 0);
        style->drawControl(QStyle::CE_ItemViewItem, &cell, painter, cell.widget);
        painter->save();
        painter->setFont(cell.font);
        painter->setPen(Theme::instance().colors().dim);
        painter->drawText(QRect(cell.rect.right(), cell.rect.top(), originWidth, cell.rect.height()),
                          Qt::AlignRight | Qt::AlignVCenter, origin);
        painter->restore();
        if (const StepSchedule* schedule = m_scheduleOf(index.row()))
            ScheduleThumbnail::paint(*painter,
                                     QRectF(option.rect.right() - kInset - kBarWidth,
                                            option.rect.center().y() - kBarHeight / 2.0 + 0.5, kBarWidth,
                                            kBarHeight),
                                     *schedule, m_letters);
    }
    bool editorEvent(QEvent* event, QAbstractItemModel* model, const QStyleOptionViewItem& option,
                     const QModelIndex& index) override {
        QStyleOptionViewItem cell = option; // the tick is where paint() draws it
        cell.rect.adjust(kInset / 2, 0, 0, 0);
        return QStyledItemDelegate::editorEvent(event, model, cell, index);
    }
    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override {
        return {kLeastWidth, kRowHeight};
    }

private:
    ScheduleOf m_scheduleOf;
    std::string m_letters;
};

QString textOf(std::string_view text) {
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

/// The present schedule may well be called as a preset is.
QString keyOf(const ScheduleChoiceList::Choice& choice) { return choice.origin + u'/' + choice.name; }

} // namespace

ScheduleChoiceList::ScheduleChoiceList(GenerationRequest present, const std::vector<NamedSchedule>& library,
                                       QWidget* parent)
    : QListWidget(parent), m_present(std::move(present)), m_library(library) {
    const std::string letters = poolLetters(m_present);
    if (!letters.empty() && !m_present.schedule.empty())
        m_lightShare = 1 - m_present.schedule.share(letters.front());
    if (m_lightShare <= 0 || m_lightShare >= 1)
        m_lightShare = PresetOptions().lightShare; // all of one model: there is no budget to keep
    setAccessibleName(tr("Schedules to compare"));
    setUniformItemSizes(true);
    setItemDelegate(new ChoiceDelegate(
        [this](int row) {
            const auto at = static_cast<std::size_t>(row);
            return at < m_choices.size() ? &m_choices[at].schedule : nullptr;
        },
        letters, this));
    collect();
    fill(m_choices.empty() ? QStringList() : QStringList(keyOf(m_choices.front())));
}

void ScheduleChoiceList::collect() {
    const std::string letters = poolLetters(m_present);
    m_choices.clear();
    const auto add = [&](const QString& name, const QString& origin, const StepSchedule& schedule) {
        const bool fits = std::ranges::all_of(
            schedule.letters(), [&](char letter) { return letters.find(letter) != std::string::npos; });
        const bool known =
            std::ranges::any_of(m_choices, [&](const Choice& choice) { return choice.schedule == schedule; });
        if (fits && !known && !schedule.empty())
            m_choices.push_back({name, origin, schedule});
    };
    add(scheduleLabel(m_present), tr("present"), m_present.schedule);
    for (const NamedSchedule& named : m_library)
        add(QString::fromStdString(named.name), tr("library"), named.schedule);
    if (letters.empty() || m_present.schedule.empty())
        return;
    const PresetOptions options{.steps = m_present.schedule.steps(),
                                .lightShare = m_lightShare,
                                .heavy = letters.front(),
                                .light = letters.size() > 1 ? letters[1] : letters.front()};
    for (const Preset preset : allPresets())
        if (letters.size() > 1 || preset == Preset::AllHeavy)
            add(textOf(presetName(preset)), tr("preset"), makePreset(preset, options));
}

void ScheduleChoiceList::fill(const QStringList& ticked) {
    const QSignalBlocker blocker(this);
    clear();
    for (const Choice& choice : m_choices) {
        auto* item = new QListWidgetItem(choice.name, this);
        item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable);
        item->setCheckState(ticked.contains(keyOf(choice)) ? Qt::Checked : Qt::Unchecked);
        item->setData(kOriginRole, choice.origin);
        const QString notation = textOf(printSchedule(choice.schedule));
        item->setToolTip(notation.size() > 160 ? notation.left(159) + u'…' : notation);
    }
    setCurrentRow(0);
}

void ScheduleChoiceList::setLightShare(double share) {
    QStringList names;
    for (const Choice* choice : ticked())
        names << keyOf(*choice);
    m_lightShare = share;
    collect();
    fill(names);
}

std::vector<const ScheduleChoiceList::Choice*> ScheduleChoiceList::ticked() const {
    std::vector<const Choice*> choices;
    for (int row = 0; row < count(); ++row)
        if (item(row)->checkState() == Qt::Checked)
            choices.push_back(&m_choices[static_cast<std::size_t>(row)]);
    return choices;
}

} // namespace steploom
