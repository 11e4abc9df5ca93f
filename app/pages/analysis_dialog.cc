// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/analysis_dialog.h"

#include "app/bridge/queue_model.h"
#include "app/pages/analysis_fields.h"
#include "app/pages/autoencoder_form.h"
#include "app/pages/brier_form.h"
#include "app/pages/correlation_form.h"
#include "app/pages/frontier_form.h"
#include "app/pages/importance_form.h"
#include "app/pages/search_form.h"
#include "app/widgets/controls.h"
#include "app/widgets/number_format.h"
#include "app/widgets/theme.h"
#include "engine/analyses/analysis_name.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

namespace steploom {
namespace {

constexpr QSize kDialogSize(700, 640);

QString textOf(std::string_view text) {
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

QString countOf(std::uint64_t count) {
    return count > 1'000'000'000 ? AnalysisDialog::tr("more than a thousand million schedules")
           : count == 1
               ? AnalysisDialog::tr("1 schedule")
               : AnalysisDialog::tr("%1 schedules").arg(QLocale().toString(static_cast<qulonglong>(count)));
}

/// What each of them answers.
QString about(int kind) {
    switch (static_cast<AnalysisKind>(kind)) {
    case AnalysisKind::Importance:
        return AnalysisDialog::tr(
            "How much it matters which model does a step: a text is masked as the steps of "
            "a run find it, and the models are compared on it.");
    case AnalysisKind::Search:
        return AnalysisDialog::tr("Which steps can be light: each choice of light segments is generated and "
                                  "judged against the first model alone.");
    case AnalysisKind::Frontier:
        return AnalysisDialog::tr(
            "Whether a schedule is better or only less varied: entropy against generative "
            "perplexity over temperatures.");
    case AnalysisKind::Brier:
        return AnalysisDialog::tr(
            "What models of different kinds give for their compute: BrierLM, which needs no "
            "likelihoods, of autoregressive, CALM and masked-diffusion checkpoints.");
    case AnalysisKind::Autoencoder:
        return AnalysisDialog::tr(
            "How much of a text a CALM autoencoder's vectors hold, with and without noise, and "
            "which of their dimensions are used.");
    case AnalysisKind::Correlation:
        break;
    }
    return AnalysisDialog::tr("Whether BrierLM, which needs samples only, ranks checkpoints of a model as "
                              "cross-entropy does.");
}

} // namespace

AnalysisDialog::AnalysisDialog(AnalysisKind kind, AnalysisMeans means, WorkOf workOf, QWidget* parent)
    : QDialog(parent), m_means(std::move(means)), m_workOf(std::move(workOf)) {
    setObjectName(QStringLiteral("analysisDialog"));
    setWindowTitle(tr("New analysis"));
    layOut(kind);
    resize(kDialogSize);
    chooseKind(static_cast<int>(kind));
}

void AnalysisDialog::layOut(AnalysisKind kind) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(16, 16, 16, 16);
    column->setSpacing(Theme::kGrid);
    m_kind = new SegmentedSwitch({tr("Step importance"), tr("Segment search"), tr("Frontier"),
                                  tr("Correlation"), tr("BrierLM"), tr("Autoencoder")});
    m_kind->setObjectName(QStringLiteral("analysisKind"));
    m_kind->setAccessibleName(tr("Kind of analysis"));
    m_kind->setCurrentIndex(static_cast<int>(kind));
    column->addWidget(m_kind, 0, Qt::AlignLeft);
    m_about = makeLabel({}, "dim");
    m_about->setWordWrap(true);
    column->addWidget(m_about);
    column->addSpacing(Theme::kGrid / 2);
    m_forms = new QStackedWidget;
    const std::array<AnalysisForm*, kAnalysisKinds> forms{
        new ImportanceForm(m_means),  new SearchForm(m_means), new FrontierForm(m_means),
        new CorrelationForm(m_means), new BrierForm(m_means),  new AutoencoderForm(m_means)};
    for (AnalysisForm* form : forms) {
        m_forms->addWidget(form);
        connect(form, &AnalysisForm::changed, this, &AnalysisDialog::review);
    }
    column->addWidget(m_forms, 1);
    column->addWidget(makeHairline());
    m_meansLine = makeLabel({}, "dim");
    m_meansLine->setObjectName(QStringLiteral("analysisMeans"));
    m_meansLine->setWordWrap(true);
    column->addWidget(m_meansLine);
    m_summary = makeLabel({});
    m_summary->setObjectName(QStringLiteral("analysisSummary"));
    m_summary->setWordWrap(true);
    column->addWidget(m_summary);
    m_yes = new QCheckBox;
    m_yes->setObjectName(QStringLiteral("analysisYes"));
    m_yes->hide();
    column->addWidget(m_yes);

    auto* buttons = new QHBoxLayout;
    buttons->addStretch(1);
    auto* cancel = new QPushButton(tr("Cancel"));
    cancel->setObjectName(QStringLiteral("analysisCancel"));
    cancel->setAutoDefault(false);
    m_add = new PrimaryButton(tr("Add to the queue"));
    m_add->setObjectName(QStringLiteral("analysisAdd"));
    m_add->setDefault(true);
    buttons->addWidget(cancel);
    buttons->addWidget(m_add);
    column->addLayout(buttons);
    connect(m_kind, &SegmentedSwitch::currentChanged, this, &AnalysisDialog::chooseKind);
    connect(m_yes, &QCheckBox::toggled, this, &AnalysisDialog::review);
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_add, &QPushButton::clicked, this, &AnalysisDialog::accept);
    m_kind->button(static_cast<int>(kind))->setFocus();
}

AnalysisForm& AnalysisDialog::form() const { return *static_cast<AnalysisForm*>(m_forms->currentWidget()); }

void AnalysisDialog::chooseKind(int kind) {
    m_forms->setCurrentIndex(kind);
    m_about->setText(about(kind));
    showMeans();
    review();
}

/// What comes from the Design page, and who judges.
void AnalysisDialog::showMeans() {
    const auto kind = static_cast<AnalysisKind>(m_kind->currentIndex());
    const GenerationRequest& request = m_means.present;
    m_meansLine->setVisible(kind == AnalysisKind::Importance || kind == AnalysisKind::Search ||
                            kind == AnalysisKind::Frontier);
    QStringList names;
    for (const PoolMemberSpec& member : request.pool)
        names << QStringLiteral("%1 %2").arg(QLatin1Char(member.letter)).arg(textOf(member.name));
    QString line = names.isEmpty() ? tr("From the Design page: no models yet")
                                   : tr("From the Design page: %1 · %2 tokens · seed %3")
                                         .arg(names.join(QStringLiteral(", ")))
                                         .arg(request.length)
                                         .arg(request.seed);
    if (kind != AnalysisKind::Importance && !names.isEmpty()) {
        line +=
            tr(" · %1 steps · %2").arg(request.schedule.steps()).arg(textOf(samplerName(request.sampler)));
        if (!m_means.evaluator.path.isEmpty()) {
            line += tr("\nJudged by %1").arg(m_means.evaluator.name);
            const std::string& theirs = m_means.evaluator.tokenizer;
            if (!theirs.empty() && m_means.pool.tokenizer && theirs != m_means.pool.tokenizer->fingerprint())
                line += tr(", which has another tokenizer than the pool: samples are tokenised again for it");
        }
    }
    m_meansLine->setText(line);
}

void AnalysisDialog::review() {
    const QString missing = form().missing();
    const QString problem = missing.isEmpty() ? form().problem() : missing;
    QString summary, asked;
    if (problem.isEmpty()) {
        const GenerationRequest request = form().request();
        const AnalysisOrder order = form().expected();
        const AnalysisWork work = m_workOf(request, order);
        QStringList parts;
        if (std::holds_alternative<SearchOrder>(order))
            parts << tr("The baseline and %1, %2 samples each")
                         .arg(countOf(work.schedules))
                         .arg(request.samples);
        else
            parts << textOf(analysisName(order, request));
        if (work.flops > 0)
            parts << formatFlops(work.flops);
        if (work.seconds)
            parts << (work.atMost ? tr("%1 at most").arg(remainingText(*work.seconds))
                                  : remainingText(*work.seconds));
        else if (work.flops > 0)
            parts << tr("the time is known once the models were timed at this length");
        summary = parts.join(QStringLiteral(" · "));
        if (work.schedules > kManySchedules && std::holds_alternative<SearchOrder>(order))
            asked = tr("Yes, try %1").arg(countOf(work.schedules));
        else if (work.seconds.value_or(0) > kLong)
            asked = tr("Yes, it may take so long");
    }
    if (asked != m_askedFor) { // the yes was to something else
        m_askedFor = asked;
        const QSignalBlocker blocker(m_yes);
        m_yes->setChecked(false);
        m_yes->setText(asked);
    }
    m_yes->setVisible(!asked.isEmpty());
    fields::showLine(*m_summary, missing, summary); // what is wrong in the form is said there
    if (missing.isEmpty())
        setLook(m_summary, "");
    const bool told = asked.isEmpty() || m_yes->isChecked();
    m_add->setEnabled(problem.isEmpty() && told);
    m_add->setToolTip(!problem.isEmpty() ? problem
                      : told             ? QString()
                                         : tr("Tick the box first: it takes long"));
}

std::optional<WantedGeneration> AnalysisDialog::wanted() const {
    if (!m_add->isEnabled())
        return std::nullopt;
    const GenerationRequest request = form().request();
    const AnalysisOrder order = form().order();
    return WantedGeneration{analysisName(order, request), request, orderJson(order)};
}

void AnalysisDialog::accept() {
    if (!m_add->isEnabled())
        return;
    form().remember();
    QDialog::accept();
}

} // namespace steploom
