// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/pages/chart_card.h"
#include "app/pages/training_curves.h"

#include <functional>
#include <map>
#include <optional>
#include <vector>

class QCheckBox;
class QComboBox;
class QScrollArea;
class QVBoxLayout;

namespace steploom {

/// A training run in the list beside the chart: a box in its colour, name, latest figure, state and progress.
/// A click draws it or takes it away.
class TrainingRow : public QAbstractButton {
    Q_OBJECT
public:
    explicit TrainingRow(QWidget* parent = nullptr);
    /// `label`: its name as the chart has it.
    void setTraining(const TrainingSummary& training, const QString& label);
    /// Of its curves; shown while it is checked.
    void setColor(const QColor& color);
    const TrainingSummary& training() const noexcept { return m_training; }
    QSize sizeHint() const override { return {248, 50}; }
    QSize minimumSizeHint() const override { return {180, 50}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    TrainingSummary m_training;
    QColor m_color;
};

/// Curves of the training runs in the store.
class TrainingCard : public ChartCard {
    Q_OBJECT
public:
    /// Reads a training with its points; nothing when that fails.
    using Reader = std::function<std::optional<TrainingRun>(qint64)>;

    explicit TrainingCard(QWidget* parent = nullptr);

    /// Newest first. Curves are read when they are seen, and again when their training has moved on.
    void setTrainings(std::vector<TrainingSummary> trainings, Reader read);

protected:
    void showEvent(QShowEvent* event) override;

private:
    TrainingChoice choice() const;
    void refreshRows();
    void setShown(qint64 training, bool shown);
    void refresh();

    std::vector<TrainingSummary> m_trainings;
    Reader m_read;
    std::map<qint64, int> m_shown;        ///< those drawn, with the index of their colour
    std::vector<qint64> m_known;          ///< those that were in the list once
    std::map<qint64, TrainingRun> m_runs; ///< with points, as last read
    std::vector<TrainingRow*> m_rows;
    QComboBox* m_measures;
    QComboBox* m_axis;
    QCheckBox* m_logarithmicX;
    QCheckBox* m_logarithmicY;
    QScrollArea* m_list;
    QVBoxLayout* m_rowLayout;
};

} // namespace steploom
