// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/report_form.h"

#include "app/pages/report_run_list.h"
#include "app/widgets/controls.h"
#include "app/widgets/theme.h"

#include <QCheckBox>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QVBoxLayout>

#include <algorithm>
#include <functional>

namespace steploom {
namespace {

constexpr std::size_t kOffered = 12; ///< runs in the menu
constexpr int kRemarksHeight = 72;   ///< px
constexpr int kMostSamples = 1000;
constexpr int kNumberWidth = 88, kTextWidth = 276; ///< px

QString textOf(std::string_view text) {
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

QLabel* heading(const QString& text) { return makeLabel(text, "title"); }

} // namespace

ReportForm::ReportForm(QWidget* parent) : QWidget(parent) {
    setObjectName(QStringLiteral("reportForm"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 14, 16, 14);
    layout->setSpacing(Theme::kGrid);
    layout->addWidget(makeRuns(), 1);
    layout->addWidget(makeHairline());
    layout->addWidget(makeSections());
    layout->addWidget(makeHairline());
    layout->addWidget(makeWords());
    refresh();
}

QWidget* ReportForm::makeRuns() {
    auto* part = new QWidget;
    auto* layout = new QVBoxLayout(part);
    layout->setContentsMargins({});
    layout->setSpacing(Theme::kGrid);
    auto* top = new QHBoxLayout;
    top->setSpacing(4);
    top->addWidget(heading(tr("Runs")));
    m_count = makeLabel({}, "dim");
    m_count->setObjectName(QStringLiteral("reportRunCount"));
    top->addSpacing(4);
    top->addWidget(m_count);
    top->addStretch();

    m_runs = new ReportRunList;
    m_runs->setMinimumHeight(3 * 46 + 8);
    const struct {
        const char* name;
        Glyph glyph;
        QString tip;
        std::function<void()> does;
    } tools[] = {
        {"reportRunUp", Glyph::Up, tr("Move up (Ctrl+Up)"), [this] { m_runs->moveSelected(-1); }},
        {"reportRunDown", Glyph::Down, tr("Move down (Ctrl+Down)"), [this] { m_runs->moveSelected(1); }},
        {"reportRunRemove", Glyph::Close, tr("Take out of the report (Del)"),
         [this] { m_runs->removeSelected(); }},
    };
    for (const auto& each : tools) {
        auto* button = new FlatButton(each.glyph, each.tip);
        button->setObjectName(QLatin1String(each.name));
        button->setIconSize(QSize(16, 16));
        connect(button, &QToolButton::clicked, this, each.does);
        top->addWidget(button);
        m_tools.push_back(button);
    }
    m_add = new PillButton(tr("Add…"));
    m_add->setObjectName(QStringLiteral("reportAddRun"));
    m_add->setToolTip(tr("Add a run to the report; the Runs page adds any that are selected there"));
    m_add->setPopupMode(QToolButton::InstantPopup);
    m_menu = new QMenu(m_add);
    m_menu->setObjectName(QStringLiteral("reportAddMenu"));
    m_add->setMenu(m_menu);
    connect(m_menu, &QMenu::aboutToShow, this, &ReportForm::fillMenu);
    top->addSpacing(4);
    top->addWidget(m_add);
    layout->addLayout(top);
    layout->addWidget(m_runs, 1);
    connect(m_runs, &ReportRunList::runsChanged, this, [this] {
        refresh();
        emit changed();
    });
    connect(m_runs, &QListWidget::itemSelectionChanged, this, &ReportForm::refresh);
    return part;
}

QWidget* ReportForm::makeSections() {
    auto* part = new QWidget;
    auto* grid = new QGridLayout(part);
    grid->setContentsMargins({});
    grid->setVerticalSpacing(4);
    grid->setHorizontalSpacing(Theme::kGrid);
    grid->addWidget(heading(tr("Sections")), 0, 0, 1, 2);
    int at = 0;
    for (const ReportPart each : allReportParts()) {
        auto* box = new QCheckBox(textOf(reportPartTitle(each)));
        box->setObjectName(QStringLiteral("reportPart:") + textOf(reportPartName(each)));
        box->setChecked(true);
        connect(box, &QCheckBox::toggled, this, &ReportForm::changed);
        grid->addWidget(box, 1 + at % 4, at / 4); // the left column first, as the report has them
        m_parts.push_back(box);
        ++at;
    }
    return part;
}

QWidget* ReportForm::makeWords() {
    auto* part = new QWidget;
    auto* layout = new QVBoxLayout(part);
    layout->setContentsMargins({});
    layout->setSpacing(Theme::kGrid);
    m_samples = new QSpinBox;
    m_samples->setRange(0, kMostSamples);
    m_samples->setObjectName(QStringLiteral("reportSamples"));
    m_samples->setAccessibleName(tr("Samples shown of each run"));
    m_title = new QLineEdit;
    m_title->setObjectName(QStringLiteral("reportTitle"));
    m_title->setAccessibleName(tr("Title"));
    m_title->setPlaceholderText(tr("Steploom report"));
    m_author = new QLineEdit;
    m_author->setObjectName(QStringLiteral("reportAuthor"));
    m_author->setAccessibleName(tr("Author"));
    m_remarks = new QPlainTextEdit;
    m_remarks->setObjectName(QStringLiteral("reportRemarks"));
    m_remarks->setAccessibleName(tr("Remarks"));
    m_remarks->setPlaceholderText(tr("Remarks: printed below the title"));
    m_remarks->setTabChangesFocus(true);
    m_remarks->setFixedHeight(kRemarksHeight);
    layout->addWidget(new LabeledRow(tr("Samples of a run"), m_samples, kNumberWidth));
    layout->addWidget(new LabeledRow(tr("Title"), m_title, kTextWidth));
    layout->addWidget(new LabeledRow(tr("Author"), m_author, kTextWidth));
    layout->addWidget(m_remarks);
    m_samples->setValue(ReportChoice().samples);
    connect(m_samples, &QSpinBox::valueChanged, this, &ReportForm::changed);
    connect(m_title, &QLineEdit::textChanged, this, &ReportForm::changed);
    connect(m_author, &QLineEdit::textChanged, this, &ReportForm::changed);
    connect(m_remarks, &QPlainTextEdit::textChanged, this, &ReportForm::changed);
    return part;
}

ReportChoice ReportForm::choice() const {
    ReportChoice choice;
    choice.runs = m_runs->runs();
    choice.parts.clear();
    for (std::size_t i = 0; i < m_parts.size(); ++i)
        if (m_parts[i]->isChecked())
            choice.parts.push_back(allReportParts()[i]);
    choice.title = m_title->text().trimmed().toStdString();
    choice.author = m_author->text().trimmed().toStdString();
    choice.remarks = m_remarks->toPlainText().trimmed().toStdString();
    choice.samples = m_samples->value();
    return choice;
}

void ReportForm::setChoice(const ReportChoice& choice) {
    {
        const QSignalBlocker blocker(this); // one change
        m_runs->setRuns(choice.runs);
        for (std::size_t i = 0; i < m_parts.size(); ++i)
            m_parts[i]->setChecked(std::ranges::find(choice.parts, allReportParts()[i]) !=
                                   choice.parts.end());
        m_title->setText(QString::fromStdString(choice.title));
        m_author->setText(QString::fromStdString(choice.author));
        for (QLineEdit* field : {m_title, m_author})
            field->setCursorPosition(0); // its beginning is seen
        m_remarks->setPlainText(QString::fromStdString(choice.remarks));
        m_samples->setValue(choice.samples);
    }
    emit changed();
}

void ReportForm::setRuns(const std::vector<std::int64_t>& runs) { m_runs->setRuns(runs); }

void ReportForm::setStored(const std::vector<RunSummary>& runs) {
    m_stored.assign(runs.begin(),
                    runs.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(runs.size(), 100)));
    m_runs->setSummaries(m_stored);
    refresh();
}

std::vector<std::int64_t> ReportForm::newestRuns() const {
    std::vector<std::int64_t> runs;
    for (const RunSummary& run : m_stored)
        if (run.finishedSamples > 0 && runs.size() < kNewest)
            runs.insert(runs.begin(), run.id);
    return runs;
}

void ReportForm::fillMenu() {
    m_menu->clear();
    std::size_t offered = 0;
    for (const RunSummary& run : m_stored) {
        if (offered == kOffered)
            break;
        if (run.finishedSamples == 0 || m_runs->contains(run.id))
            continue;
        ++offered;
        QAction* action = m_menu->addAction(
            reportRunName(run) + u'\t' + QString::fromStdString(run.started).mid(5, 11).replace(u'T', u' '));
        action->setObjectName(QStringLiteral("reportAdd:%1").arg(run.id));
        connect(action, &QAction::triggered, this, [this, id = run.id] { m_runs->append({id}); });
    }
    if (offered == 0)
        m_menu->addAction(m_stored.empty() ? tr("No runs yet") : tr("The newest runs are all in it"))
            ->setEnabled(false);
    m_menu->addSeparator();
    m_menu->addAction(tr("The newest runs"), this, [this] { m_runs->append(newestRuns()); })
        ->setEnabled(offered > 0);
    m_menu->addAction(tr("Remove all"), this, [this] { m_runs->setRuns({}); })
        ->setEnabled(m_runs->count() > 0);
}

void ReportForm::refresh() {
    m_count->setText(m_runs->count() > 0 ? QString::number(m_runs->count()) : QString());
    for (QAbstractButton* tool : m_tools)
        tool->setEnabled(!m_runs->selectedItems().isEmpty());
}

} // namespace steploom
