// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/schedule/presets.h"

#include <QMenu>

#include <vector>

class QDoubleSpinBox;
class QSlider;

namespace steploom {

/// All presets, each with a picture of its schedule, under a field for the budget they are made at.
class PresetMenu : public QMenu {
    Q_OBJECT
public:
    explicit PresetMenu(QWidget* parent = nullptr);
    /// Steps, letters and budget that the presets are made with; `current` is ticked among them.
    void setOptions(const PresetOptions& options, const StepSchedule& current);
    /// How much each step matters, and the models at hand: with importance and two models the optimum for the
    /// budget can be chosen, otherwise its entry says why not.
    void setImportance(const std::vector<double>& importance, std::size_t members);
    const PresetOptions& options() const noexcept { return m_options; }
    QDoubleSpinBox* budget() const noexcept { return m_budget; }

signals:
    void chosen(const StepSchedule& schedule, const QString& presetName);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void addBudgetRow();

    PresetOptions m_options;
    QSlider* m_slider = nullptr;
    QDoubleSpinBox* m_budget = nullptr;
    std::vector<QAction*> m_actions; ///< in the order of allPresets()
    QAction* m_optimum = nullptr;
    std::vector<double> m_importance;
};

} // namespace steploom
