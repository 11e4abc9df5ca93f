// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/bridge/run_library.h"
#include "app/bridge/session.h"
#include "app/pages/training_card.h"

#include <QWidget>

class QAction;
class QLabel;
class QPushButton;
class QStackedWidget;

namespace steploom {

class ChartSwitch;
class AblationCard;
class AutoencoderCard;
class BrierCard;
class CorrelationCard;
class FlatButton;
class FrontierCard;
class ImportanceCard;
class PredictionCard;
class QualityCard;
class SearchCard;

/// The charts of the page, in its order.
enum class AnalyseChart {
    Quality,
    Importance,
    Search,
    Prediction,
    Frontier,
    Correlation,
    Brier,
    Ablation,
    Autoencoder,
    Training
};

/// Charts over what is stored, one at a time.
class AnalysePage : public QWidget {
    Q_OBJECT
public:
    explicit AnalysePage(Session* session, QWidget* parent = nullptr);

    /// The newest runs, and how many there are.
    void setRuns(const std::vector<RunSummary>& runs, int all = 0);
    void setTrainings(const std::vector<TrainingSummary>& trainings, TrainingCard::Reader read);
    /// What opens the calculator of compute: a button beside the charts.
    void setCalculatorAction(QAction* calculator);
    /// Of every kind, as RunLibrary has them; whole or so far.
    void setAnalyses(const AnalysesByKind& analyses);
    void showChart(AnalyseChart chart);
    AnalyseChart chart() const;
    /// Where ChartCard::setActions() puts what can be done about a chart.
    ChartCard* card(AnalyseChart chart) const;
    PlotWidget* plot() const noexcept; ///< quality against compute
    TrainingCard* training() const noexcept { return m_training; }

signals:
    /// Somebody wants this schedule (as notation) on the timeline.
    void scheduleChosen(const QString& notation);

private:
    void refreshExports();

    ChartSwitch* m_switch;
    QStackedWidget* m_charts; ///< in the order of AnalyseChart
    QualityCard* m_quality;
    ImportanceCard* m_importance;
    SearchCard* m_search;
    PredictionCard* m_prediction;
    FrontierCard* m_frontier;
    CorrelationCard* m_correlation;
    BrierCard* m_brier;
    AblationCard* m_ablation;
    AutoencoderCard* m_autoencoder;
    TrainingCard* m_training;
    QLabel* m_notice;
    FlatButton* m_calculator;
    std::vector<QPushButton*> m_exports;
};

} // namespace steploom
