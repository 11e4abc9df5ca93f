// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/compare_dialog.h"

#include "app/bridge/queue_model.h"
#include "app/bridge/run_list_model.h"
#include "app/widgets/controls.h"
#include "app/widgets/schedule_thumbnail.h"
#include "app/widgets/theme.h"
#include "engine/core/error.h"
#include "engine/sampling/seed_list.h"
#include "engine/schedule/presets.h"

#include <QApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

#include <algorithm>

namespace steploom {
namespace {

constexpr QSize kDialogSize(560, 560);
constexpr int kRowHeight = 38, kBarWidth = 150, kBarHeight = 12, kInset = 10; // px
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
        return {kDialogSize.width() / 2, kRowHeight};
    }

private:
    ScheduleOf m_scheduleOf;
    std::string m_letters;
};

QString textOf(std::string_view text) {
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

} // namespace

CompareDialog::CompareDialog(GenerationRequest present, const std::vector<NamedSchedule>& library,
                             std::function<std::optional<double>(const GenerationRequest&)> secondsOf,
                             QWidget* parent)
    : QDialog(parent), m_present(std::move(present)), m_secondsOf(std::move(secondsOf)) {
    setObjectName(QStringLiteral("compareDialog"));
    setWindowTitle(tr("Compare schedules"));
    collect(library);
    layOut();
    resize(kDialogSize);
    review();
}

/// The present schedule, the library's that this pool can run, and the presets at the present budget; each
/// schedule once.
void CompareDialog::collect(const std::vector<NamedSchedule>& library) {
    const std::string letters = poolLetters(m_present);
    const auto add = [&](const QString& name, const QString& origin, const StepSchedule& schedule) {
        const bool fits = std::ranges::all_of(
            schedule.letters(), [&](char letter) { return letters.find(letter) != std::string::npos; });
        const bool known =
            std::ranges::any_of(m_choices, [&](const Choice& choice) { return choice.schedule == schedule; });
        if (fits && !known && !schedule.empty())
            m_choices.push_back({name, origin, schedule});
    };
    add(scheduleLabel(m_present), tr("present"), m_present.schedule);
    for (const NamedSchedule& named : library)
        add(QString::fromStdString(named.name), tr("library"), named.schedule);
    if (letters.empty() || m_present.schedule.empty())
        return;
    PresetOptions options{.steps = m_present.schedule.steps(),
                          .lightShare = 1 - m_present.schedule.share(letters.front()),
                          .heavy = letters.front(),
                          .light = letters.size() > 1 ? letters[1] : letters.front()};
    if (options.lightShare <= 0 || options.lightShare >= 1)
        options.lightShare = PresetOptions().lightShare; // all of one model: there is no budget to keep
    for (const Preset preset : allPresets())
        if (letters.size() > 1 || preset == Preset::AllHeavy) {
            add(textOf(presetName(preset)), tr("preset"), makePreset(preset, options));
        }
}

void CompareDialog::layOut() {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(16, 16, 16, 16);
    column->setSpacing(Theme::kGrid);
    QLabel* intro =
        makeLabel(tr("Every schedule that is ticked is generated under every seed, with the settings "
                     "of the Design page."),
                  "dim");
    intro->setWordWrap(true);
    column->addWidget(intro);

    m_list = new QListWidget;
    m_list->setObjectName(QStringLiteral("compareSchedules"));
    m_list->setAccessibleName(tr("Schedules to compare"));
    m_list->setUniformItemSizes(true);
    m_list->setItemDelegate(new ChoiceDelegate(
        [this](int row) {
            const auto at = static_cast<std::size_t>(row);
            return at < m_choices.size() ? &m_choices[at].schedule : nullptr;
        },
        poolLetters(m_present), m_list));
    for (std::size_t i = 0; i < m_choices.size(); ++i) {
        auto* item = new QListWidgetItem(m_choices[i].name, m_list);
        item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable);
        item->setCheckState(i == 0 ? Qt::Checked : Qt::Unchecked);
        item->setData(kOriginRole, m_choices[i].origin);
        const QString notation = textOf(printSchedule(m_choices[i].schedule));
        item->setToolTip(notation.size() > 160 ? notation.left(159) + u'…' : notation);
    }
    m_list->setCurrentRow(0);
    column->addWidget(m_list, 1);
    connect(m_list, &QListWidget::itemChanged, this, &CompareDialog::review);

    m_seeds = new QLineEdit(QStringLiteral("1-4"));
    m_seeds->setObjectName(QStringLiteral("compareSeeds"));
    m_seeds->setPlaceholderText(tr("1-8, or 1, 5, 9"));
    column->addWidget(new LabeledRow(tr("Seeds"), m_seeds, 240));
    connect(m_seeds, &QLineEdit::textChanged, this, &CompareDialog::review);
    m_seedsError = makeLabel({}, "error");
    m_seedsError->setObjectName(QStringLiteral("compareSeedsError"));
    m_seedsError->setWordWrap(true);
    column->addWidget(m_seedsError);
    QLabel* meaning =
        makeLabel(tr("Equal seeds mean common random numbers: reveal plan and noise are the same, so "
                     "what differs is the schedules' doing."),
                  "dim");
    meaning->setWordWrap(true);
    column->addWidget(meaning);
    column->addWidget(makeHairline());
    m_summary = makeLabel({});
    m_summary->setObjectName(QStringLiteral("compareSummary"));
    m_summary->setWordWrap(true);
    column->addWidget(m_summary);

    auto* buttons = new QHBoxLayout;
    buttons->addStretch(1);
    auto* cancel = new QPushButton(tr("Cancel"));
    cancel->setObjectName(QStringLiteral("compareCancel"));
    cancel->setAutoDefault(false);
    m_add = new PrimaryButton(tr("Add to the queue"));
    m_add->setObjectName(QStringLiteral("compareAdd"));
    m_add->setDefault(true);
    buttons->addWidget(cancel);
    buttons->addWidget(m_add);
    column->addLayout(buttons);
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_add, &QPushButton::clicked, this, &QDialog::accept);
    m_list->setFocus();
}

std::vector<const CompareDialog::Choice*> CompareDialog::ticked() const {
    std::vector<const Choice*> choices;
    for (int row = 0; row < m_list->count(); ++row)
        if (m_list->item(row)->checkState() == Qt::Checked)
            choices.push_back(&m_choices[static_cast<std::size_t>(row)]);
    return choices;
}

std::vector<WantedGeneration> CompareDialog::wanted() const {
    std::vector<WantedGeneration> all;
    std::vector<std::uint64_t> seeds;
    try {
        seeds = parseSeeds(m_seeds->text().toStdString());
    } catch (const Error&) {
        return {}; // said beside the field
    }
    for (const std::uint64_t seed : seeds)
        for (const Choice* choice : ticked()) {
            all.push_back({choice->name.toStdString(), m_present});
            all.back().request.schedule = choice->schedule;
            all.back().request.seed = seed;
        }
    return all;
}

void CompareDialog::review() {
    QString problem;
    std::size_t seeds = 0;
    try {
        seeds = parseSeeds(m_seeds->text().toStdString()).size();
    } catch (const Error& error) {
        const Error::Parts& parts = error.parts();
        problem = tr("Seeds: %1. %2.").arg(textOf(parts.why), textOf(parts.remedy));
    }
    m_seedsError->setText(problem);
    m_seedsError->setVisible(!problem.isEmpty());

    const std::vector<const Choice*> choices = ticked();
    const auto count = choices.size() * seeds;
    m_add->setEnabled(count > 0);
    if (choices.empty()) {
        m_summary->setText(tr("Tick at least one schedule."));
        return;
    }
    std::optional<double> seconds = 0;
    for (const Choice* choice : choices) {
        GenerationRequest request = m_present;
        request.schedule = choice->schedule;
        const std::optional<double> each = m_secondsOf(request);
        seconds =
            seconds && each ? std::optional(*seconds + *each * static_cast<double>(seeds)) : std::nullopt;
    }
    const auto number = [](std::size_t n, const QString& one, const QString& many) {
        return QStringLiteral("%1 %2").arg(n).arg(n == 1 ? one : many);
    };
    QString text =
        tr("%1 × %2 = %3 of %4")
            .arg(number(choices.size(), tr("schedule"), tr("schedules")),
                 number(seeds, tr("seed"), tr("seeds")), number(count, tr("generation"), tr("generations")),
                 number(static_cast<std::size_t>(m_present.samples), tr("sample"), tr("samples")));
    if (count > 0 && seconds)
        text += QStringLiteral(", ") + remainingText(*seconds);
    m_summary->setText(text);
}

} // namespace steploom
