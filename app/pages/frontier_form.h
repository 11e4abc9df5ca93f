// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/pages/analysis_form.h"

class QLabel;
class QLineEdit;
class QSpinBox;

namespace steploom {

class ScheduleChoiceList;

/// Reads "0.6 0.8, 1": numbers above 0, each once, by size. Throws Error(Request) that names the part which
/// is none, or when there are none.
std::vector<double> parseTemperatures(const QString& text);

/// Frontier: which schedules at which temperatures, on how many samples.
class FrontierForm : public AnalysisForm {
    Q_OBJECT
public:
    explicit FrontierForm(const AnalysisMeans& means, QWidget* parent = nullptr);

    AnalysisOrder order() const override;
    GenerationRequest request() const override;
    QString missing() const override;
    QString problem() const override;
    void remember() const override;

private:
    void review();

    const AnalysisMeans& m_means;
    ScheduleChoiceList* m_schedules;
    QSpinBox *m_budget, *m_samples;
    QLineEdit* m_temperatures;
    QLabel *m_schedulesLine, *m_temperaturesLine;
    QString m_temperaturesProblem;
};

} // namespace steploom
