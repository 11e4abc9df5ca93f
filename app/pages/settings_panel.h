// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/bridge/session.h"
#include "app/pages/order_fields.h"
#include "app/widgets/controls.h"
#include "engine/sampling/generation_request.h"

class QDoubleSpinBox;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QSpinBox;
class QToolButton;

namespace steploom {

/// Everything of a generation request that is not models or schedule, and what the prompt comes to in tokens.
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
    /// Shows another number of steps without telling: the schedule says so already.
    void showSteps(int steps);
    int length() const;
    int batch() const;
    int samples() const;

    /// Positions to write in a sample, M ≤ L; all of them when the text does not fit.
    int masked() const noexcept { return m_masked; }
    /// Why the fields cannot be run; empty when they can.
    const QString& problem() const noexcept { return m_problem; }

signals:
    /// Any field, or what the prompt comes to.
    void changed();
    /// The person asks for this many steps.
    void stepsEdited(int steps);

private:
    void makeFields();
    void layOut();
    void showMore(bool shown);
    void drawSeed();
    void review();
    void judgeText();

    Session& m_session;
    QSpinBox* m_steps = nullptr;
    QSpinBox* m_length = nullptr;
    OrderFields* m_order = nullptr;
    QDoubleSpinBox* m_temperature = nullptr;
    QDoubleSpinBox* m_topP = nullptr;
    QSpinBox* m_samples = nullptr;
    QLineEdit* m_seed = nullptr;
    QSpinBox* m_batch = nullptr;
    QSpinBox* m_topTokens = nullptr;
    QWidget* m_more = nullptr;
    QToolButton* m_moreButton = nullptr;
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
