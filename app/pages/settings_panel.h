// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/bridge/session.h"
#include "app/pages/order_fields.h"
#include "app/pages/profile_bar.h"
#include "app/widgets/controls.h"
#include "app/widgets/step_words.h"
#include "engine/sampling/generation_request.h"

#include <array>

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QSpinBox;
class QToolButton;

namespace steploom {

class CalmFields;
class SettingsGroup;

/// Everything of a generation request that is not models or schedule, in groups that fold and go back to
/// their defaults one by one; the profile it is from; and what the prompt comes to in tokens.
class SettingsPanel : public Card {
    Q_OBJECT
public:
    /// The session's pool gives tokenizer and mask token; it must outlive the panel.
    explicit SettingsPanel(Session& session, QWidget* parent = nullptr);

    /// The panel's fields; pool, tokenizer and schedule are left as they are in a new request.
    GenerationRequest request() const;
    /// Shows the request's fields; emits changed() once.
    void setRequest(const GenerationRequest& request);

    int steps() const;
    /// Shows another number of steps without telling: the schedule says so already. Where steps write in
    /// order the length follows.
    void showSteps(int steps);
    int length() const;
    int batch() const;
    int samples() const;

    /// Positions to write in a sample, M ≤ L; all of them when the text does not fit.
    int masked() const noexcept { return m_masked; }
    /// Why the fields cannot be run; empty when they can.
    const QString& problem() const noexcept { return m_problem; }

    Profiles& profiles() noexcept { return m_profiles; }
    ProfileBar& profileBar() noexcept { return *m_profileBar; }
    /// Opens and folds the groups as they are when nothing is remembered.
    void resetFolding();
    /// Draw a seed, fold or open, reset: for the palette.
    QList<QAction*> commands() const { return m_commands; }

signals:
    /// Any field, or what the prompt comes to.
    void changed();
    /// The person asks for this many steps.
    void stepsEdited(int steps);

private:
    enum Part { Length, Order, Drawing, Samples, Text, PartCount };

    void makeFields();
    void layOut();
    SettingsGroup* addGroup(Part part, const char* key, const QString& title, QVBoxLayout& column);
    void rememberFolding() const;
    void restoreFolding();
    void reset(Part part);
    void adoptKind();
    void followLength();
    void refreshGroups();
    void applyProfile(const Profile& profile);
    void drawSeed();
    void review();
    void judgeText();
    static void copyPart(Part part, const GenerationRequest& from, GenerationRequest& to);
    QString summaryOf(Part part, int steps, const GenerationRequest& request) const;
    int usualSteps() const;

    Session& m_session;
    Profiles m_profiles;
    ProfileBar* m_profileBar = nullptr;
    std::array<SettingsGroup*, PartCount> m_groups{};
    QList<QAction*> m_commands;
    QSpinBox* m_steps = nullptr;
    QSpinBox* m_length = nullptr;
    OrderFields* m_order = nullptr;
    QDoubleSpinBox* m_temperature = nullptr;
    QDoubleSpinBox* m_topP = nullptr;
    QCheckBox* m_float32Gumbel = nullptr;
    QSpinBox* m_topK = nullptr; ///< of autoregressive pools
    QWidget* m_topKRow = nullptr;
    CalmFields* m_calm = nullptr;     ///< of CALM pools
    QComboBox* m_promptFit = nullptr; ///< of CALM pools
    LabeledRow *m_stepsRow = nullptr, *m_topPRow = nullptr, *m_batchRow = nullptr, *m_promptFitRow = nullptr;
    StepWords m_words;
    int m_freeSteps = 0; ///< chosen while they were to be chosen; 0: never
    QSpinBox* m_samples = nullptr;
    QLineEdit* m_seed = nullptr;
    QSpinBox* m_batch = nullptr;
    QSpinBox* m_topTokens = nullptr;
    QToolButton* m_dice = nullptr;
    SegmentedSwitch* m_textKind = nullptr;
    QPlainTextEdit* m_text = nullptr;
    QLabel* m_textLine = nullptr;
    QString m_otherText; ///< what was written in the other kind: switching back finds it again
    int m_masked = 0;
    QString m_problem;
    bool m_quiet = false; ///< fields are being set by the program
};

} // namespace steploom
