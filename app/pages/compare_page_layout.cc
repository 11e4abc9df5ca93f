// SPDX-License-Identifier: GPL-3.0-or-later
// What the Compare page is made of; compare_page.cc says what it does.
#include "app/pages/compare_column.h"
#include "app/pages/compare_details.h"
#include "app/pages/compare_page.h"
#include "app/pages/run_chooser.h"
#include "app/pages/window_settings.h"
#include "app/widgets/canvas_legend.h"
#include "app/widgets/canvas_transport.h"
#include "app/widgets/controls.h"
#include "app/widgets/elided_label.h"
#include "app/widgets/theme.h"

#include <QAction>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QScrollBar>
#include <QSettings>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace steploom {
namespace {

constexpr int kDetailsHeight = 186; ///< px, at first
constexpr int kLeastDetails = 96;

template <class Widget>
Widget* named(Widget* widget, const char* name) {
    widget->setObjectName(QLatin1String(name));
    return widget;
}

constexpr const char* kDifferenceNames[] = {"position", "sequence", "off"};
constexpr const char* kColoringNames[] = {"model", "step", "confidence", "entropy"};

template <std::size_t N>
int indexOf(const char* const (&names)[N], const QString& name) {
    for (std::size_t i = 0; i < N; ++i)
        if (name == QLatin1String(names[i]))
            return static_cast<int>(i);
    return 0;
}

} // namespace

ComparePage::ComparePage(Session& session, RunLibrary& library, QWidget* parent)
    : QWidget(parent), m_session(session), m_library(library) {
    setObjectName(QStringLiteral("comparePage"));
    setAccessibleName(tr("Compare"));
    m_choose = [this]() -> std::vector<qint64> {
        const std::optional<RunSummary> baseline =
            m_runs.empty() ? std::nullopt : std::optional(m_runs[m_baseline].summary);
        RunChooser chooser(m_library.runs(), runs(), baseline,
                           static_cast<int>(kMostCompared - m_runs.size()), this);
        return chooser.exec() == QDialog::Accepted ? chooser.chosen() : std::vector<qint64>();
    };
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(12, 12, 12, 12);
    layout->setSpacing(Theme::kGrid);
    layout->addWidget(makeHeader());
    m_message = named(new InlineMessage, "compareMessage");
    layout->addWidget(m_message);

    auto* texts = new QWidget;
    auto* column = new QVBoxLayout(texts);
    column->setContentsMargins({});
    column->setSpacing(Theme::kGrid);
    column->addWidget(makeColumns(), 1);
    column->addWidget(makePlayer());
    m_details = new CompareDetails;
    auto* splitter = named(new QSplitter(Qt::Vertical), "compareSplitter");
    splitter->setChildrenCollapsible(false);
    splitter->setHandleWidth(Theme::kGrid);
    splitter->addWidget(texts);
    splitter->addWidget(m_details);
    splitter->setStretchFactor(0, 1);
    m_details->setMinimumHeight(kLeastDetails);
    splitter->setSizes({10 * kDetailsHeight, kDetailsHeight});
    m_stack = new QStackedWidget;
    m_stack->addWidget(makeEmpty());
    m_stack->addWidget(splitter);
    layout->addWidget(m_stack, 1);

    connect(m_details, &CompareDetails::baselineChosen, this,
            [this](int run) { setBaseline(static_cast<std::size_t>(run)); });
    connect(&m_session, &Session::compareRunsRequested, this, [this](const std::vector<qint64>& wanted) {
        setRuns(wanted);
        emit shown();
    });
    connect(&m_library, &RunLibrary::runsChanged, this, &ComparePage::look);
    connect(&m_session, &Session::poolChanged, this, [this] {
        if (!m_runs.empty())
            refresh();
    });
    connect(&m_shelf, &TokenizerShelf::changed, this, [this] {
        if (!m_runs.empty())
            refresh();
    });
    makeCommands();
    const QSettings stored;
    m_difference->setCurrentIndex(
        indexOf(kDifferenceNames, stored.value(settings::kCompareDifference).toString()));
    m_coloring->setCurrentIndex(indexOf(kColoringNames, stored.value(settings::kCompareColoring).toString()));
    m_together->setChecked(stored.value(settings::kCompareTogether, true).toBool());
    refresh();
}

QWidget* ComparePage::makeHeader() {
    QLabel* title = makeLabel(tr("Compare"));
    title->setFont(Theme::instance().font(1, true));
    m_summary = named(new ElidedLabel(48), "compareSummaryText");
    setLook(m_summary, "dim");
    m_legend = named(new CanvasLegend, "compareLegend");
    m_difference = named(new QComboBox, "compareDifference");
    m_difference->setAccessibleName(tr("What texts are compared by"));
    m_difference->setToolTip(tr("Frames tokens that differ from the baseline's: at the same position, or in "
                                "the order of a longest common sequence"));
    m_difference->addItems({tr("diff: by position"), tr("diff: by sequence"), tr("diff: off")});
    m_coloring = named(new QComboBox, "compareColoring");
    m_coloring->setAccessibleName(tr("Colour of the tokens"));
    m_coloring->addItems(
        {tr("colour: model"), tr("colour: step"), tr("colour: confidence"), tr("colour: entropy")});
    m_together = named(new PillButton(tr("Scroll together")), "compareTogether");
    m_together->setCheckable(true);
    m_add = named(new PillButton(tr("Add run…")), "compareAdd");
    m_report = named(new PrimaryButton(tr("Report…")), "compareReport");
    m_report->setToolTip(tr("A report of these runs"));

    auto* header = new QWidget;
    auto* row = new QHBoxLayout(header);
    row->setContentsMargins({});
    row->setSpacing(Theme::kGrid);
    row->addWidget(title);
    row->addWidget(m_summary, 1);
    row->addWidget(m_legend);
    for (QWidget* each :
         std::initializer_list<QWidget*>{m_difference, m_coloring, m_together, m_add, m_report})
        row->addWidget(each);

    connect(m_difference, &QComboBox::currentIndexChanged, this, [this](int index) {
        QSettings().setValue(settings::kCompareDifference, QLatin1String(kDifferenceNames[index]));
        refreshDifferences();
    });
    connect(m_coloring, &QComboBox::currentIndexChanged, this, [this](int index) {
        QSettings().setValue(settings::kCompareColoring, QLatin1String(kColoringNames[index]));
        for (CompareColumn* column : m_columns)
            column->canvas()->setColoring(static_cast<TokenColoring>(index));
        if (!m_runs.empty())
            showSample(m_sample); // the legend's scale is the sample's
    });
    connect(m_together, &QToolButton::toggled, this,
            [](bool on) { QSettings().setValue(settings::kCompareTogether, on); });
    connect(m_add, &QToolButton::clicked, this, &ComparePage::addRuns);
    connect(m_report, &QPushButton::clicked, this, [this] {
        if (!m_runs.empty())
            emit m_session.reportRunsRequested(runs());
    });
    return header;
}

QWidget* ComparePage::makeColumns() {
    auto* columns = new QWidget;
    auto* row = new QHBoxLayout(columns);
    row->setContentsMargins({});
    row->setSpacing(Theme::kGrid);
    for (std::size_t i = 0; i < kMostCompared; ++i) {
        m_columns.push_back(makeColumn(static_cast<int>(i)));
        row->addWidget(m_columns.back(), 1);
    }
    return columns;
}

CompareColumn* ComparePage::makeColumn(int place) {
    auto* column = new CompareColumn(place);
    const auto at = static_cast<std::size_t>(place);
    connect(column, &CompareColumn::baselineRequested, this, [this, at] { setBaseline(at); });
    connect(column, &CompareColumn::moveRequested, this, [this, at](int direction) { move(at, direction); });
    connect(column, &CompareColumn::removeRequested, this, [this, at] { remove(at); });
    connect(column, &CompareColumn::openRequested, this,
            [this, at] { emit m_session.openRunRequested(m_runs.at(at).summary.id); });
    connect(column->canvas()->verticalScrollBar(), &QScrollBar::valueChanged, this,
            [this, at] { scrollFrom(at); });
    return column;
}

QWidget* ComparePage::makePlayer() {
    m_previous = named(new FlatButton(Glyph::Previous, tr("Previous sample (Ctrl+←)")), "comparePrevious");
    m_next = named(new FlatButton(Glyph::Next, tr("Next sample (Ctrl+→)")), "compareNext");
    m_sampleText = named(makeLabel({}, "title"), "compareSample");
    m_sampleText->setMinimumWidth(m_sampleText->fontMetrics().horizontalAdvance(tr("Sample 100 of 100")));
    m_transport = new CanvasTransport(QStringLiteral("compare"));
    auto* card = new Card;
    auto* row = new QHBoxLayout(card);
    row->setContentsMargins(12, 4, 12, 4);
    row->setSpacing(Theme::kGrid / 2);
    row->addWidget(m_sampleText);
    row->addWidget(m_previous);
    row->addWidget(m_next);
    row->addSpacing(Theme::kGrid);
    row->addWidget(m_transport, 1);
    connect(m_previous, &QToolButton::clicked, this, [this] { stepSample(-1); });
    connect(m_next, &QToolButton::clicked, this, [this] { stepSample(1); });
    connect(m_transport, &CanvasTransport::stepChosen, this, &ComparePage::showTick);
    return card;
}

QWidget* ComparePage::makeEmpty() {
    m_emptyText = named(makeLabel({}, "dim"), "compareEmptyText");
    m_emptyText->setAlignment(Qt::AlignCenter);
    m_newest = named(new PrimaryButton({}), "compareNewest");
    m_newest->setAccessibleName(tr("Compare the newest two runs"));
    m_chooseEmpty = named(new PillButton(tr("Choose runs…")), "compareChoose");
    auto* card = new Card;
    auto* column = new QVBoxLayout(card);
    column->setSpacing(2 * Theme::kGrid);
    column->addStretch(1);
    column->addWidget(m_emptyText);
    column->addWidget(m_newest, 0, Qt::AlignHCenter);
    column->addWidget(m_chooseEmpty, 0, Qt::AlignHCenter);
    column->addStretch(1);
    connect(m_newest, &QPushButton::clicked, this, [this] { setRuns(m_newestRuns); });
    connect(m_chooseEmpty, &QToolButton::clicked, this, &ComparePage::addRuns);
    return card;
}

void ComparePage::makeCommands() {
    const auto make = [this](const char* name, const QString& text, auto does) {
        auto* action = named(new QAction(text, this), name);
        connect(action, &QAction::triggered, this, does);
        m_commands << action;
    };
    // What is chosen from the palette happens where it can be seen.
    const auto whileShown = [this](auto does) {
        return [this, does] {
            restore();
            emit shown();
            does();
        };
    };
    make("compareAddAction", tr("Add a run to the comparison…"), whileShown([this] { addRuns(); }));
    make("compareNewestAction", tr("Compare the newest two runs"), whileShown([this] {
             refreshEmpty();
             if (!m_newestRuns.empty())
                 setRuns(m_newestRuns);
         }));
    make("compareNextAction", tr("Next sample of the comparison"), whileShown([this] { stepSample(1); }));
    make("comparePreviousAction", tr("Previous sample of the comparison"),
         whileShown([this] { stepSample(-1); }));
    make("comparePlayAction", tr("Play the compared samples"), whileShown([this] { m_transport->play(); }));
    make("comparePositionAction", tr("Differences by position"),
         whileShown([this] { m_difference->setCurrentIndex(0); }));
    make("compareSequenceAction", tr("Differences by sequence"),
         whileShown([this] { m_difference->setCurrentIndex(1); }));
    make("compareOffAction", tr("Differences off"), whileShown([this] { m_difference->setCurrentIndex(2); }));
    make("compareReportAction", tr("Report of the compared runs…"), [this] {
        restore();
        m_report->click();
    });
}

} // namespace steploom
