// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/importance_form.h"

#include "app/pages/analysis_fields.h"
#include "app/pages/text_file_field.h"
#include "app/pages/window_settings.h"
#include "app/widgets/controls.h"
#include "app/widgets/theme.h"

#include <QLabel>
#include <QSettings>
#include <QSpinBox>
#include <QVBoxLayout>

#include <algorithm>

namespace steploom {
namespace {

constexpr int kMostTimes = 1000, kMostWindows = 1'000'000;

/// Of a window: as long as a sample, as far as all members have positions.
int windowLength(const AnalysisMeans& means) {
    int length = means.present.length;
    for (const PoolFacts::Member& member : means.pool.members)
        length = std::min(length, member.facts.length);
    return length;
}

} // namespace

ImportanceForm::ImportanceForm(const AnalysisMeans& means, QWidget* parent)
    : AnalysisForm(parent), m_means(means) {
    const QSettings stored;
    const ImportanceSettings usual;
    m_text = new TextFileField("importanceText", tr("Text"));
    m_times = fields::number("importanceTimes", 1, kMostTimes,
                             stored.value(settings::kImportanceTimes, usual.times).toInt());
    m_windows = fields::number("importanceWindows", 1, kMostWindows,
                               stored.value(settings::kImportanceWindows, usual.windows).toInt());
    m_windowsLine = makeLabel({}, "dim");
    m_windowsLine->setObjectName("importanceWindowsLine");
    m_windowsLine->setWordWrap(true);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins({});
    column->setSpacing(Theme::kGrid);
    column->addWidget(m_text);
    column->addWidget(fields::row(tr("Windows"), m_windows,
                                  tr("Pieces of the text, each as long as a sample; they do not overlap")));
    column->addWidget(m_windowsLine);
    column->addWidget(fields::row(tr("Times"), m_times,
                                  tr("The run in this many equal parts, each measured at its middle")));
    column->addStretch(1);
    m_text->setMeasure(m_means.pool.tokenizer, windowLength(m_means));
    const QString remembered = stored.value(settings::kAnalysisText).toString();
    m_text->setPath(remembered.isEmpty() ? m_means.text : remembered);
    const auto edited = [this] {
        review();
        emit changed();
    };
    connect(m_text, &TextFileField::changed, this, edited);
    for (QSpinBox* box : {m_times, m_windows})
        connect(box, &QSpinBox::valueChanged, this, edited);
    review();
}

void ImportanceForm::review() {
    const int held = m_text->windows();
    fields::showLine(*m_windowsLine, {},
                     held > 0 && held < m_windows->value()
                         ? tr("The text holds %1; all of them are measured.").arg(held)
                         : QString());
}

AnalysisOrder ImportanceForm::order() const {
    return ImportanceOrder{m_text->path().toStdString(),
                           {.times = m_times->value(),
                            .windows = m_windows->value(),
                            .length = windowLength(m_means),
                            .seed = m_means.present.seed}};
}

AnalysisOrder ImportanceForm::expected() const {
    ImportanceOrder least = std::get<ImportanceOrder>(order());
    if (m_text->windows() > 0)
        least.settings.windows = std::min(least.settings.windows, m_text->windows());
    return least;
}

QString ImportanceForm::missing() const {
    if (m_means.pool.kind() != GenerationKind::MaskedDiffusion)
        return tr("Step importance is defined for masked-diffusion models: load a pool of them first.");
    return problemOfPool(m_means, 2);
}

QString ImportanceForm::problem() const { return m_text->problem(); }

void ImportanceForm::remember() const {
    QSettings stored;
    // The text that comes with the program may lie elsewhere next time.
    stored.setValue(settings::kAnalysisText, m_text->path() == m_means.text ? QString() : m_text->path());
    stored.setValue(settings::kImportanceTimes, m_times->value());
    stored.setValue(settings::kImportanceWindows, m_windows->value());
}

} // namespace steploom
