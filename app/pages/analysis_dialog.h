// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/bridge/analysis_work.h"
#include "app/pages/analysis_form.h"
#include "engine/runs/queued_generation.h"

#include <QDialog>

#include <array>
#include <functional>
#include <optional>

class QCheckBox;
class QLabel;
class QStackedWidget;

namespace steploom {

class PrimaryButton;
class SegmentedSwitch;

/// In the order in which the dialog offers them.
enum class AnalysisKind { Importance, Search, Frontier, Correlation, Brier, Autoencoder };
inline constexpr int kAnalysisKinds = 6;

/// What is to be analysed, how, and what that comes to. Pool, length, steps, sampler and seed are the Design
/// page's. Whatever takes long has to be said yes to.
class AnalysisDialog : public QDialog {
    Q_OBJECT
public:
    using WorkOf = std::function<AnalysisWork(const GenerationRequest&, const AnalysisOrder&)>;

    AnalysisDialog(AnalysisKind kind, AnalysisMeans means, WorkOf workOf, QWidget* parent = nullptr);

    /// What is to be queued; nothing while something is missing.
    std::optional<WantedGeneration> wanted() const;
    AnalysisForm& form() const;

    // More than this is done only when somebody says so.
    static constexpr std::uint64_t kManySchedules = 200;
    static constexpr double kLong = 3600; ///< seconds

private:
    void layOut(AnalysisKind kind);
    void chooseKind(int kind);
    void review();
    void showMeans();
    void accept() override;

    AnalysisMeans m_means; ///< which the forms refer to
    WorkOf m_workOf;
    SegmentedSwitch* m_kind = nullptr;
    QStackedWidget* m_forms = nullptr;
    QLabel *m_about = nullptr, *m_meansLine = nullptr, *m_summary = nullptr;
    QCheckBox* m_yes = nullptr;
    PrimaryButton* m_add = nullptr;
    QString m_askedFor; ///< what the yes was said to
};

} // namespace steploom
