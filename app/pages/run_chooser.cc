// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/run_chooser.h"

#include "app/bridge/run_table_columns.h"
#include "app/pages/compared_runs.h"
#include "app/widgets/controls.h"
#include "app/widgets/number_format.h"
#include "app/widgets/schedule_thumbnail.h"
#include "app/widgets/theme.h"
#include "engine/comparisons/sample_pairs.h"

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

constexpr QSize kDialogSize(760, 520);
constexpr int kRowHeight = 40, kInset = 10, kBarWidth = 110, kBarHeight = 14; // px

enum Role { IdRole = Qt::UserRole, LettersRole, ScheduleRole, FactsRole, PairsRole };

/// Thumbnail, name, facts; at the right whether it pairs with baseline.
class RunChoiceDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override { return {0, kRowHeight}; }
    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override {
        QStyleOptionViewItem cell = option;
        initStyleOption(&cell, index);
        cell.text.clear();
        const QStyle* style = cell.widget ? cell.widget->style() : QApplication::style();
        style->drawControl(QStyle::CE_ItemViewItem, &cell, painter, cell.widget);
        const ThemeColors& colors = Theme::instance().colors();
        const QRect row = option.rect.adjusted(kInset, 0, -kInset, 0);
        const QRectF bar(row.left(), row.center().y() - kBarHeight / 2.0 + 0.5, kBarWidth, kBarHeight);
        ScheduleThumbnail::paint(*painter, bar,
                                 StepSchedule(index.data(ScheduleRole).toString().toStdString()),
                                 index.data(LettersRole).toString().toStdString());
        painter->save();
        QRect rest = row.adjusted(kBarWidth + kInset, 0, 0, 0);
        const auto draw = [&](const QString& text, const QFont& font, const QColor& color, bool right) {
            painter->setFont(font);
            painter->setPen(color);
            const QString shown =
                painter->fontMetrics().elidedText(text, Qt::ElideRight, std::max(0, rest.width()));
            const int width = painter->fontMetrics().horizontalAdvance(shown) + kInset;
            painter->drawText(rest, Qt::AlignVCenter | (right ? Qt::AlignRight : Qt::AlignLeft), shown);
            right ? rest.setRight(rest.right() - width) : rest.setLeft(rest.left() + width);
        };
        draw(index.data(PairsRole).toString(), Theme::instance().font(-1), colors.good, true);
        draw(index.data(Qt::DisplayRole).toString(), Theme::instance().font(0, true), colors.ink, false);
        draw(index.data(FactsRole).toString(), Theme::instance().font(), colors.dim, false);
        painter->restore();
    }
};

QString factsOf(const RunSummary& run) {
    QStringList facts{comparedOrigin(run), RunChooser::tr("%1 samples").arg(run.finishedSamples)};
    if (const Measure* perplexity = run.measure("generative_perplexity"))
        facts << RunChooser::tr("ppl %1").arg(formatEstimate(perplexity->estimate));
    return facts.join(QStringLiteral(" · "));
}

} // namespace

RunChooser::RunChooser(const std::vector<RunSummary>& runs, const std::vector<qint64>& chosen,
                       const std::optional<RunSummary>& baseline, int most, QWidget* parent)
    : QDialog(parent), m_most(most) {
    setObjectName(QStringLiteral("runChooser"));
    setWindowTitle(tr("Add runs to compare"));
    m_filter = new QLineEdit;
    m_filter->setObjectName(QStringLiteral("runChooserFilter"));
    m_filter->setPlaceholderText(tr("Filter: schedule, number, seed, note …"));
    m_filter->setAccessibleName(tr("Filter the runs"));
    m_filter->setClearButtonEnabled(true);
    m_list = new QListWidget;
    m_list->setObjectName(QStringLiteral("runChooserList"));
    m_list->setAccessibleName(tr("Runs"));
    m_list->setItemDelegate(new RunChoiceDelegate(m_list));
    m_list->setUniformItemSizes(true);
    m_list->setSelectionMode(most > 1 ? QAbstractItemView::ExtendedSelection
                                      : QAbstractItemView::SingleSelection);
    for (const RunSummary& run : runs) {
        if (static_cast<std::size_t>(m_list->count()) == kMostListed)
            break;
        if (run.finishedSamples == 0 || run.request.schedule.empty() ||
            std::ranges::find(chosen, run.id) != chosen.end())
            continue;
        auto* item = new QListWidgetItem(comparedName(run), m_list);
        item->setData(IdRole, static_cast<qint64>(run.id));
        item->setData(LettersRole, QString::fromStdString(poolLetters(run.request)));
        item->setData(ScheduleRole, QString::fromStdString(run.request.schedule.letters()));
        item->setData(FactsRole, factsOf(run));
        if (baseline && whyUnpaired(*baseline, run).empty())
            item->setData(PairsRole, tr("pairs with the baseline"));
        item->setToolTip(QString::fromStdString(run.note));
        item->setData(Qt::AccessibleTextRole, QStringLiteral("%1, %2").arg(comparedName(run), factsOf(run)));
    }
    m_text = makeLabel({}, "dim");
    m_text->setObjectName(QStringLiteral("runChooserText"));
    auto* cancel = new QPushButton(tr("Cancel"));
    cancel->setAutoDefault(false);
    m_add = new PrimaryButton(tr("Compare"));
    m_add->setObjectName(QStringLiteral("runChooserAdd"));
    m_add->setDefault(true);

    auto* buttons = new QHBoxLayout;
    buttons->addWidget(m_text, 1);
    buttons->addWidget(cancel);
    buttons->addWidget(m_add);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(16, 16, 16, 16);
    column->setSpacing(Theme::kGrid);
    column->addWidget(m_filter);
    column->addWidget(m_list, 1);
    column->addLayout(buttons);
    resize(kDialogSize);

    connect(m_filter, &QLineEdit::textChanged, this, &RunChooser::filter);
    connect(m_list, &QListWidget::itemSelectionChanged, this, &RunChooser::review);
    connect(m_list, &QListWidget::itemDoubleClicked, this, [this] {
        if (m_add->isEnabled())
            accept();
    });
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_add, &QPushButton::clicked, this, &QDialog::accept);
    if (m_list->count() > 0)
        m_list->setCurrentRow(0);
    review();
}

void RunChooser::filter(const QString& text) {
    const QStringList words = text.split(u' ', Qt::SkipEmptyParts);
    for (int row = 0; row < m_list->count(); ++row) {
        QListWidgetItem* item = m_list->item(row);
        const QString all = item->text() + u' ' + item->data(FactsRole).toString() + u' ' + item->toolTip();
        const bool fits = std::ranges::all_of(
            words, [&](const QString& word) { return all.contains(word, Qt::CaseInsensitive); });
        item->setHidden(!fits);
        if (!fits)
            item->setSelected(false);
    }
    review();
}

void RunChooser::review() {
    const auto count = static_cast<int>(chosen().size());
    m_add->setEnabled(count > 0 && count <= m_most);
    m_text->setText(m_list->count() == 0 ? tr("There is no other run with a finished sample.")
                    : count > m_most     ? tr("At most %1 more fit beside each other.").arg(m_most)
                    : m_most == 1        ? tr("One more fits.")
                                         : tr("Up to %1 more; Ctrl+click for several.").arg(m_most));
}

std::vector<qint64> RunChooser::chosen() const {
    std::vector<qint64> runs;
    for (int row = 0; row < m_list->count(); ++row)
        if (m_list->item(row)->isSelected() && !m_list->item(row)->isHidden())
            runs.push_back(m_list->item(row)->data(IdRole).toLongLong());
    return runs;
}

} // namespace steploom
