// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/widgets/controls.h"
#include "app/widgets/step_words.h"
#include "engine/schedule/cost.h"

#include <optional>

class QAction;
class QToolButton;
class QVBoxLayout;

namespace steploom {

/// What the schedule costs, in the three readings and in time, before anything runs. It follows the mouse:
/// setCost() is cheap enough for every move of a drag.
class CostPanel : public Card {
    Q_OBJECT
public:
    explicit CostPanel(QWidget* parent = nullptr);
    /// `cost` is per sample; the time shown is for all `samples`.
    void setCost(const ScheduleCost& cost, int samples);
    /// What the schedule is expected to lose against the first model alone, nats a token; nothing: not known,
    /// and `measure` (its text, tool tip, and whether it is enabled) is offered in its place.
    void setPredictedCost(std::optional<double> natsPerToken, const QString& measureText);
    /// What the steps are called. Where they write in order, no importance of theirs is defined: what its
    /// place shows is who reads how much on returning.
    void setWords(const StepWords& words);
    /// "L reads 12 vectors", with the sentence that explains it; empty: nobody sits out.
    void setCatchUp(const QString& text, const QString& explanation);
    void setMeasureAction(QAction* measure);
    /// What opens the calculator of compute.
    void setCalculatorAction(QAction* calculator);
    QSize sizeHint() const override { return {232, 250}; }

private:
    QLabel* addRow(QVBoxLayout& column, const QString& name, const char* objectName,
                   const QString& explanation);

    FlatButton* m_calculator;
    QLabel* m_blocksOnly;
    QLabel* m_nominal;
    QLabel* m_executed;
    QLabel* m_calls;
    QLabel* m_seconds;
    QLabel* m_light;
    QLabel* m_catchUp;
    StepWords m_words;
    QLabel* m_predicted;
    QToolButton* m_measure;
    LabeledRow* m_predictedRow;
};

} // namespace steploom
