// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/compare_details.h"

#include "app/pages/compared_runs.h"
#include "app/pages/configuration_model.h"
#include "app/pages/difference_model.h"
#include "app/widgets/theme.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QSignalBlocker>
#include <QStackedWidget>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>

namespace steploom {
namespace {

constexpr int kRowHeight = 30, kSettingWidth = 150; // px

enum Tab { Differences, Configuration };

/// "sandwich 25% · run 12": the number where names alone do not tell runs apart.
std::vector<QString> namesOf(std::span<const Run> runs) {
    std::vector<QString> names;
    for (const Run& run : runs)
        names.push_back(QStringLiteral("%1 · %2").arg(comparedName(run.summary),
                                                      QObject::tr("run %1").arg(run.summary.id)));
    return names;
}

} // namespace

CompareDetails::CompareDetails(QWidget* parent)
    : Card(parent), m_differences(new DifferenceModel(this)), m_configuration(new ConfigurationModel(this)) {
    setObjectName(QStringLiteral("compareDetails"));
    m_switch = new SegmentedSwitch({tr("Measures"), tr("Settings")});
    m_switch->setObjectName(QStringLiteral("compareTabs"));
    m_text = makeLabel({}, "dim");
    m_text->setObjectName(QStringLiteral("compareDetailsText"));
    m_baseline = new QComboBox;
    m_baseline->setObjectName(QStringLiteral("compareBaselineChoice"));
    m_baseline->setAccessibleName(tr("Baseline"));
    m_baseline->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_baseline->setMinimumContentsLength(22);
    m_baselineLabel = makeLabel(tr("baseline"), "dim");
    m_baselineLabel->setBuddy(m_baseline);
    m_all = new PillButton(tr("All settings"));
    m_all->setObjectName(QStringLiteral("compareAllSettings"));
    m_all->setCheckable(true);
    m_all->setToolTip(tr("Also what is the same in all runs"));

    auto* header = new QHBoxLayout;
    header->setSpacing(Theme::kGrid);
    header->addWidget(m_switch);
    header->addSpacing(Theme::kGrid / 2);
    header->addWidget(m_text, 1);
    header->addWidget(m_baselineLabel);
    header->addWidget(m_baseline);
    header->addWidget(m_all);

    m_differenceTable = makeTable("compareDifferences", tr("Differences of the measures"));
    m_differenceTable->setModel(m_differences);
    m_differenceTable->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    m_differenceTable->horizontalHeader()->setSectionResizeMode(DifferenceModel::Name, QHeaderView::Stretch);
    m_configurationTable = makeTable("compareSettings", tr("Settings of the runs"));
    m_configurationTable->setModel(m_configuration);
    m_configurationTable->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
    m_none = makeLabel({}, "dim");
    m_none->setObjectName(QStringLiteral("compareNothing"));
    m_none->setAlignment(Qt::AlignCenter);
    m_stack = new QStackedWidget;
    for (QWidget* page : std::initializer_list<QWidget*>{m_differenceTable, m_configurationTable, m_none})
        m_stack->addWidget(page);

    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(2 * Theme::kGrid - 4, Theme::kGrid, 2 * Theme::kGrid - 4, Theme::kGrid);
    column->setSpacing(Theme::kGrid / 2);
    column->addLayout(header);
    column->addWidget(m_stack, 1);

    connect(m_switch, &SegmentedSwitch::currentChanged, this, &CompareDetails::describe);
    connect(m_all, &QToolButton::toggled, this, [this](bool all) {
        m_configuration->setShowsAll(all);
        describe();
    });
    connect(m_baseline, &QComboBox::activated, this, &CompareDetails::baselineChosen);
    connect(&Theme::instance(), &Theme::changed, this, [this] {
        m_differenceTable->viewport()->update();
        m_configurationTable->viewport()->update();
    });
}

QTableView* CompareDetails::makeTable(const char* name, const QString& accessibleName) {
    auto* table = new QTableView;
    table->setObjectName(QLatin1String(name));
    table->setAccessibleName(accessibleName);
    setLook(table, "plain");
    table->setShowGrid(false);
    table->setWordWrap(false);
    table->setSelectionMode(QAbstractItemView::SingleSelection);
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    table->setTabKeyNavigation(false);
    table->verticalHeader()->hide();
    table->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    table->verticalHeader()->setDefaultSectionSize(kRowHeight);
    table->horizontalHeader()->setHighlightSections(false);
    table->horizontalHeader()->setSectionsClickable(false);
    return table;
}

void CompareDetails::setRuns(std::span<const Run> runs, std::size_t baseline) {
    const std::vector<QString> names = namesOf(runs);
    {
        const QSignalBlocker quiet(m_baseline);
        m_baseline->clear();
        for (const QString& name : names)
            m_baseline->addItem(name);
        m_baseline->setCurrentIndex(static_cast<int>(baseline));
    }
    std::vector<QString> rows; // where there is room for the notation too
    for (const Run& run : runs) {
        const QString notation = QString::fromStdString(printSchedule(run.summary.request.schedule));
        rows.push_back(names[rows.size()].startsWith(notation)
                           ? names[rows.size()]
                           : QStringLiteral("%1   %2").arg(names[rows.size()], notation));
    }
    m_differences->setComparison(compareMeasures(runs, baseline), std::move(rows));
    m_configuration->setDifference(configurationDifference(runs), names);
    QHeaderView* settings = m_configurationTable->horizontalHeader();
    if (settings->count() > 0) {
        settings->setSectionResizeMode(QHeaderView::Stretch);
        settings->setSectionResizeMode(0, QHeaderView::Fixed);
        settings->resizeSection(0, kSettingWidth);
    }
    describe();
}

void CompareDetails::describe() {
    const bool measures = m_switch->currentIndex() == Differences;
    m_baseline->setVisible(measures);
    m_baselineLabel->setVisible(measures);
    m_all->setVisible(!measures);
    const auto& runs = m_differences->comparison().runs;
    if (measures) {
        const bool allPaired =
            std::ranges::all_of(runs, [](const RunDifference& run) { return run.unpaired.empty(); });
        m_text->setText(runs.empty() ? QString()
                        : allPaired
                            ? tr("run − baseline, in pairs of the same random numbers · 95% intervals")
                            : tr("run − baseline · 95% intervals · other seeds or tasks: their means"));
        m_none->setText(tr("Add a second run: differences are between runs."));
        m_stack->setCurrentWidget(runs.empty() ? static_cast<QWidget*>(m_none) : m_differenceTable);
        return;
    }
    m_text->setText(tr("%1 of %2 settings differ")
                        .arg(m_configuration->differing())
                        .arg(m_configuration->differing() + m_configuration->same()));
    m_none->setText(tr("All settings are the same."));
    m_stack->setCurrentWidget(m_configuration->rowCount() == 0 ? static_cast<QWidget*>(m_none)
                                                               : m_configurationTable);
}

} // namespace steploom
