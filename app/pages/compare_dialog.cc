// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/compare_dialog.h"

#include "app/bridge/queue_model.h"
#include "app/pages/schedule_choice_list.h"
#include "app/widgets/controls.h"
#include "app/widgets/theme.h"
#include "engine/core/error.h"
#include "engine/sampling/seed_list.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QVBoxLayout>

namespace steploom {
namespace {

constexpr QSize kDialogSize(560, 560);

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
    layOut(library);
    resize(kDialogSize);
    review();
}

void CompareDialog::layOut(const std::vector<NamedSchedule>& library) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(16, 16, 16, 16);
    column->setSpacing(Theme::kGrid);
    QLabel* intro =
        makeLabel(tr("Every schedule that is ticked is generated under every seed, with the settings "
                     "of the Design page."),
                  "dim");
    intro->setWordWrap(true);
    column->addWidget(intro);

    m_list = new ScheduleChoiceList(m_present, library);
    m_list->setObjectName(QStringLiteral("compareSchedules"));
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

std::vector<WantedGeneration> CompareDialog::wanted() const {
    std::vector<WantedGeneration> all;
    std::vector<std::uint64_t> seeds;
    try {
        seeds = parseSeeds(m_seeds->text().toStdString());
    } catch (const Error&) {
        return {}; // said beside the field
    }
    for (const std::uint64_t seed : seeds)
        for (const ScheduleChoiceList::Choice* choice : m_list->ticked()) {
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

    const auto choices = m_list->ticked();
    const auto count = choices.size() * seeds;
    m_add->setEnabled(count > 0);
    if (choices.empty()) {
        m_summary->setText(tr("Tick at least one schedule."));
        return;
    }
    std::optional<double> seconds = 0;
    for (const ScheduleChoiceList::Choice* choice : choices) {
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
