// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/widgets/plot.h"
#include "engine/runs/training_run.h"

#include <span>

namespace steploom {

/// What a training's loss is held against.
enum class TrainingAxis { Steps, Tokens, Flops, Seconds };

/// Which of its curves are drawn.
enum class TrainingMeasures { Both, Loss, Validation };

struct TrainingChoice {
    TrainingAxis axis = TrainingAxis::Steps;
    TrainingMeasures measures = TrainingMeasures::Both;
    bool logarithmicX = false; ///< what lies at 0 is then left out
    bool logarithmicY = false;
};

/// Its name, with its number where others of `all` share the name.
QString trainingLabel(const TrainingSummary& training, std::span<const TrainingSummary> all);

/// A training that is to be drawn, in a colour of its own.
struct ShownTraining {
    const TrainingRun* run = nullptr;
    QString label;
    QColor color;
};

/// Whether loss and validation are nats per token; those of CALM's parts are not.
bool isInNatsPerToken(const TrainingSummary& training);

/// Loss (thin, under everything) and validation (bold, a disc at each) of every training, in nats per token
/// but for CALM's parts.
Plot trainingPlot(std::span<const ShownTraining> trainings, const TrainingChoice& choice);

/// "4,200 of 10,000 steps", "no step yet"
QString progressText(const TrainingSummary& training);
/// "NELBO 4.321", or "loss 4.402" while nothing was validated; empty without a point.
QString figureText(const TrainingSummary& training);

} // namespace steploom
