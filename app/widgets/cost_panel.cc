// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/cost_panel.h"

#include "app/widgets/number_format.h"
#include "app/widgets/shortcut_tip.h"
#include "app/widgets/theme.h"

#include <QAction>
#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>
#include <QVBoxLayout>

#include <cmath>

namespace steploom {

namespace {

QString explained(const QString& term, const QString& text, const QString& formula) {
    return QStringLiteral("<p style='white-space:pre'><b>%1</b>: %2<br/>%3</p>").arg(term, text, formula);
}

// What the figures mean.

QString nominal() {
    return explained(
        CostPanel::tr("Nominal"), CostPanel::tr("every step, all L rows through the output layer too."),
        CostPanel::tr("1 − Σ (blocks + L · head)(model of step i) / (T · (blocks + L · head)(first "
                      "model))"));
}

QString nominalInOrder(const StepWords& words) {
    return explained(
        CostPanel::tr("Nominal"),
        words.kind == GenerationKind::Calm
            ? CostPanel::tr("every vector written, its condition and its draws through head and decoder too.")
            : CostPanel::tr("every token written, its output layer too."),
        words.kind == GenerationKind::Calm
            ? CostPanel::tr(
                  "1 − Σ (blocks + condition + N · draw)(model of vector i) / the same of the first model")
            : CostPanel::tr("1 − Σ (blocks + head)(model of token i) / the same of the first model"));
}

QString executed() {
    return explained(
        CostPanel::tr("Executed"),
        CostPanel::tr("calls that will happen, output layer for revealed rows only."),
        CostPanel::tr("1 − E[FLOPs of this schedule] / E[FLOPs of the first model at every step]"));
}

QString executedInOrder(const StepWords& words) {
    return explained(
        CostPanel::tr("Executed"),
        CostPanel::tr("what really runs: the prompt is read once by each model, and a model that sat "
                      "out reads the %1 of the others in one call when its turn comes.")
            .arg(words.many()),
        CostPanel::tr("1 − FLOPs of this schedule / FLOPs of the first model alone"));
}

QString calls() {
    return explained(CostPanel::tr("Network calls"),
                     CostPanel::tr("expected per sample: a step that reveals nothing needs none."),
                     CostPanel::tr("ancestral: T (1 − (1 − 1/T)^M) for M masked positions"));
}

QString callsInOrder(const StepWords& words) {
    return explained(
        CostPanel::tr("Network calls"),
        CostPanel::tr("one for each of the %1 to write; those of the prompt need none.").arg(words.many()),
        words.kind == GenerationKind::Calm ? CostPanel::tr("T = L / K, less the chunks of the prompt")
                                           : CostPanel::tr("T = L, less the tokens of the prompt"));
}

QString lightShare(const StepWords& words) {
    return explained(CostPanel::tr("Light share"),
                     CostPanel::tr("%1 not done by the first model of the pool.").arg(words.many()),
                     CostPanel::tr("%1 of the other models / T").arg(words.many()));
}

void setFigure(QLabel* label, const QString& text) {
    label->setText(text);
    label->setAccessibleDescription(text);
}

} // namespace

CostPanel::CostPanel(QWidget* parent) : Card(parent) {
    setObjectName(QStringLiteral("costPanel"));
    setAccessibleName(tr("Cost of the schedule"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(16, 14, 16, 14);
    column->setSpacing(0);

    auto* head = new QHBoxLayout;
    head->addWidget(makeLabel(tr("FLOPs saved"), "dim", this), 1);
    m_calculator = new FlatButton(Glyph::Calculator, tr("Compute calculator"), this);
    m_calculator->setObjectName(QStringLiteral("openCalculator"));
    m_calculator->setIconSize(QSize(16, 16));
    setLook(m_calculator, "small");
    m_calculator->setFixedSize(22, 22);
    m_calculator->hide();
    head->addWidget(m_calculator);
    column->addLayout(head);
    column->addSpacing(2);
    m_blocksOnly = makeLabel(QStringLiteral("–"), "", this);
    m_blocksOnly->setObjectName(QStringLiteral("costBlocksOnly"));
    m_blocksOnly->setAccessibleName(tr("FLOPs saved, blocks only"));
    column->addWidget(m_blocksOnly);
    auto* reading = makeLabel(tr("blocks only"), "dim", this);
    column->addWidget(reading);
    const QString blocksOnly =
        explained(tr("Blocks only"), tr("the paper's figure: every step, transformer blocks alone."),
                  tr("1 − Σ blocks(model of step i) / (T · blocks(first model))"));
    m_blocksOnly->setToolTip(blocksOnly);
    reading->setToolTip(blocksOnly);
    column->addSpacing(10);

    m_nominal = addRow(*column, tr("nominal"), "costNominal", nominal());
    m_executed = addRow(*column, tr("executed"), "costExecuted", executed());
    m_calls = addRow(*column, tr("network calls"), "costCalls", calls());
    m_light = addRow(*column, tr("light share"), "costLight", lightShare({}));
    m_predicted = makeLabel({}, "", this);
    m_predicted->setObjectName(QStringLiteral("costPredicted"));
    m_predicted->setAccessibleName(tr("Predicted cost in quality"));
    m_measure = new QToolButton(this);
    m_measure->setObjectName(QStringLiteral("measureImportance"));
    m_measure->setAccessibleName(tr("Measure step importance"));
    setLook(m_measure, "link");
    auto* either = new QWidget(this);
    auto* line = new QHBoxLayout(either);
    line->setContentsMargins(0, 0, 0, 0);
    line->addStretch(1);
    line->addWidget(m_predicted);
    line->addWidget(m_measure);
    m_predictedRow = new LabeledRow(tr("quality lost"), either, 160, this);
    m_predictedRow->setMinimumHeight(24);
    column->addWidget(m_predictedRow);
    m_catchUp = addRow(*column, tr("catch-up"), "costCatchUp", {});
    m_catchUp->parentWidget()->hide();
    m_seconds = addRow(*column, tr("time"), "costSeconds", {});
    column->addStretch(1);

    const auto restyle = [this] { m_blocksOnly->setFont(Theme::instance().font(2, true)); };
    connect(&Theme::instance(), &Theme::changed, this, restyle);
    restyle();
    setCost({}, 0);
    setPredictedCost({}, {});
}

void CostPanel::setMeasureAction(QAction* measure) {
    const auto follow = [this, measure] {
        m_measure->setEnabled(measure->isEnabled());
        const QString whyNot = measure->property("whyNot").toString();
        m_measure->setToolTip(whyNot.isEmpty() ? measure->toolTip() : whyNot);
    };
    connect(m_measure, &QToolButton::clicked, measure, &QAction::trigger);
    connect(measure, &QAction::changed, this, follow);
    follow();
}

void CostPanel::setWords(const StepWords& words) {
    m_words = words;
    m_predictedRow->setVisible(!words.inOrder());
    m_catchUp->parentWidget()->setVisible(words.inOrder());
    const auto explain = [](QLabel* figure, const QString& text) {
        figure->parentWidget()->setToolTip(text);
    };
    explain(m_nominal, words.inOrder() ? nominalInOrder(words) : nominal());
    explain(m_executed, words.inOrder() ? executedInOrder(words) : executed());
    explain(m_calls, words.inOrder() ? callsInOrder(words) : calls());
    explain(m_light, lightShare(words));
}

void CostPanel::setCatchUp(const QString& text, const QString& explanation) {
    setFigure(m_catchUp, text.isEmpty() ? QStringLiteral("–") : text);
    m_catchUp->parentWidget()->setToolTip(
        explained(tr("Catch-up"), explanation, tr("counted under executed; blocks only leaves it out")));
}

void CostPanel::setCalculatorAction(QAction* calculator) {
    connect(m_calculator, &QToolButton::clicked, calculator, &QAction::trigger);
    setTipWithShortcut(m_calculator, calculator,
                       tr("Compute calculator: parameters and FLOPs of a shape, term by term"));
    m_calculator->show();
}

void CostPanel::setPredictedCost(std::optional<double> natsPerToken, const QString& measureText) {
    m_predicted->setVisible(natsPerToken.has_value());
    m_measure->setVisible(!natsPerToken.has_value());
    m_measure->setText(measureText);
    // Without the room that a tool button leaves beside its text: in line with the figures.
    m_measure->setFixedWidth(m_measure->fontMetrics().horizontalAdvance(measureText) + 2);
    if (natsPerToken)
        setFigure(m_predicted, tr("%1 nats/token").arg(formatNumber(*natsPerToken, 3)));
    m_predictedRow->setToolTip(explained(
        tr("Quality lost"), tr("expected divergence from the first model alone, by step importance."),
        tr("Σ over steps: KL(first ‖ model of step i) at tᵢ, times the share of tokens revealed, (1 − ε) / "
           "T")));
}

QLabel* CostPanel::addRow(QVBoxLayout& column, const QString& name, const char* objectName,
                          const QString& explanation) {
    auto* value = new QLabel(this);
    value->setObjectName(QLatin1String(objectName));
    value->setAccessibleName(name);
    auto* row = new LabeledRow(name, value, 0, this);
    row->setToolTip(explanation);
    row->setMinimumHeight(24);
    column.addWidget(row);
    return value;
}

void CostPanel::setCost(const ScheduleCost& cost, int samples) {
    if (cost.steps == 0) {
        for (QLabel* label : {m_blocksOnly, m_nominal, m_executed, m_calls, m_light, m_seconds}) {
            setFigure(label, QStringLiteral("–"));
        }
        return;
    }
    setFigure(m_blocksOnly, formatShare(cost.blocksOnlySaving));
    setFigure(m_nominal, formatShare(cost.nominalSaving));
    setFigure(m_executed, formatShare(cost.executedSaving));
    const bool bound = cost.figures == Figures::AtMost;
    const QString calls = formatNumber(std::round(cost.expectedCalls));
    setFigure(m_calls,
              bound ? tr("at most %1").arg(calls) : tr("%1 of %2").arg(calls, formatNumber(cost.steps)));
    setFigure(m_light, formatShare(cost.lightShare));
    const bool timed = cost.seconds > 0;
    const int count = std::max(1, samples);
    const QString time = timed ? formatDuration(cost.seconds * count, true) : tr("not timed yet");
    setFigure(m_seconds, timed && bound ? tr("at most %1").arg(time) : time);
    m_seconds->parentWidget()->setToolTip(
        timed ? explained(tr("Time"),
                          tr("%n × %1, a sample each.", nullptr, count).arg(formatDuration(cost.seconds)),
                          tr("samples · Σ expected calls · seconds per call, as calibrated on this machine"))
              : explained(tr("Time"), tr("a model of this schedule has not been timed on this machine yet."),
                          tr("Generate once, and the time is known.")));
    setLook(m_seconds, timed ? "" : "dim");
}

} // namespace steploom
