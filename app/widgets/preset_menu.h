// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/schedule/presets.h"

#include <QMenu>

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
};

} // namespace steploom
