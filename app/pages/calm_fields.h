// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/widgets/controls.h"
#include "engine/sampling/generation_request.h"

class QCheckBox;
class QComboBox;
class QSpinBox;

namespace steploom {

/// How CALM draws at a temperature below 1: by counts of N draws, or exactly with a limit. A field shows only
/// where it applies.
class CalmFields : public QWidget {
    Q_OBJECT
public:
    explicit CalmFields(int fieldWidth, QWidget* parent = nullptr);

    /// What the fields set, and nothing else of the request.
    static void copy(const GenerationRequest& from, GenerationRequest& to);
    /// "batch of 200", "exact"; "one draw" at temperature 1.
    static QString summary(const GenerationRequest& request);

    /// A temperature that the batch approximation can do is meant exactly: 0.33 is 1/3 there.
    void writeTo(GenerationRequest& request) const;
    /// Shows the request's fields without telling.
    void show(const GenerationRequest& request);

signals:
    void changed();

private:
    TemperatureMethod method() const;
    void showWhatApplies();

    QComboBox* m_method;
    QSpinBox *m_candidates, *m_mostDraws;
    LabeledRow *m_candidatesRow, *m_mostDrawsRow;
    QCheckBox* m_fallBack;
};

} // namespace steploom
