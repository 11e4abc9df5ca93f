// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/correlation_form.h"

#include "app/pages/analysis_fields.h"
#include "app/pages/checkpoint_folders.h"
#include "app/pages/checkpoint_list.h"
#include "app/pages/text_file_field.h"
#include "app/pages/window_settings.h"
#include "app/widgets/controls.h"
#include "app/widgets/theme.h"

#include <QSettings>
#include <QSpinBox>
#include <QVBoxLayout>

namespace steploom {
namespace {

constexpr int kLeastPoints = 3; ///< of a correlation
constexpr int kMostWindows = 1'000'000, kMostDraws = 64;

} // namespace

CorrelationForm::CorrelationForm(const AnalysisMeans& means, QWidget* parent)
    : AnalysisForm(parent), m_means(means) {
    const QSettings stored;
    const CorrelationOrder usual;
    m_text = new TextFileField("correlationText", tr("Text"));
    m_windows = fields::number("correlationWindows", 1, kMostWindows,
                               stored.value(settings::kCorrelationWindows, usual.windows).toInt());
    m_draws = fields::number("correlationDraws", 1, kMostDraws,
                             stored.value(settings::kCorrelationDraws, usual.draws).toInt());
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins({});
    column->setSpacing(Theme::kGrid);
    m_folders = new CheckpointList(
        "correlation", tr("A checkpoint, or the output of a training with all checkpoints that it kept"),
        problemOfCausalFolder);
    column->addWidget(m_folders, 1);
    column->addWidget(m_text);
    column->addWidget(fields::row(tr("Windows"), m_windows,
                                  tr("Pieces of the text, as long as the models' positions, at most")));
    column->addWidget(fields::row(tr("Draws"), m_draws,
                                  tr("R: pairs that every model draws after each window's first half, for "
                                     "BrierLM")));
    m_text->setMeasure(nullptr, 0); // each model has a tokenizer of its own
    const QString text = stored.value(settings::kAnalysisText).toString();
    m_text->setPath(text.isEmpty() ? m_means.text : text);
    connect(m_text, &TextFileField::changed, this, &AnalysisForm::changed);
    for (QSpinBox* box : {m_windows, m_draws})
        connect(box, &QSpinBox::valueChanged, this, &AnalysisForm::changed);
    m_folders->setFolders(stored.value(settings::kCorrelationFolders).toStringList());
    connect(m_folders, &CheckpointList::changed, this, [this] {
        review();
        emit changed();
    });
    review();
}

void CorrelationForm::addFolders(const QStringList& folders) { m_folders->addFolders(folders); }

QString CorrelationForm::tooFew() const {
    return m_folders->folders().size() < kLeastPoints
               ? tr("A correlation takes three checkpoints. Add them, or drop folders here.")
               : QString();
}

void CorrelationForm::review() {
    // Too few is no fault while somebody is adding them.
    m_folders->setRemark(tooFew().isEmpty() ? tr("%1 checkpoints").arg(m_folders->folders().size())
                                            : tooFew());
}

AnalysisOrder CorrelationForm::order() const {
    CorrelationOrder order;
    for (const QString& folder : m_folders->folders())
        order.checkpoints.push_back(folder.toStdString());
    order.text = m_text->path().toStdString();
    order.windows = m_windows->value();
    order.draws = m_draws->value();
    order.seed = m_means.present.seed;
    return order;
}

GenerationRequest CorrelationForm::request() const {
    GenerationRequest request;
    request.schedule = StepSchedule("H"); // none is used, but a request without one cannot be kept
    request.seed = m_means.present.seed;
    return request;
}

QString CorrelationForm::missing() const { return {}; }

QString CorrelationForm::problem() const {
    for (const QString& problem : {m_folders->unfit(), tooFew(), m_text->problem()})
        if (!problem.isEmpty())
            return problem;
    return {};
}

void CorrelationForm::remember() const {
    QSettings stored;
    stored.setValue(settings::kCorrelationFolders, m_folders->folders());
    stored.setValue(settings::kAnalysisText, m_text->path() == m_means.text ? QString() : m_text->path());
    stored.setValue(settings::kCorrelationWindows, m_windows->value());
    stored.setValue(settings::kCorrelationDraws, m_draws->value());
}

} // namespace steploom
