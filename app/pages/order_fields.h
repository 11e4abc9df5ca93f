// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/widgets/controls.h"
#include "engine/sampling/generation_request.h"

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QSpinBox;

namespace steploom {

/// The fields that say in which order positions are revealed and whether they are masked again: the sampler
/// with what it needs, and `advanced()` for the rest. A field shows only where it applies, and only then
/// counts.
class OrderFields : public QWidget {
    Q_OBJECT
public:
    explicit OrderFields(int fieldWidth, QWidget* parent = nullptr);

    /// Blocks, remasking and the noise: for the panel to place.
    QWidget* advanced() const noexcept { return m_advanced; }
    /// Whether the request uses anything that advanced() holds.
    static bool usesAdvanced(const GenerationRequest& request);

    void writeTo(GenerationRequest& request) const;
    /// Shows the request's fields without telling.
    void show(const GenerationRequest& request);

signals:
    void changed();

private:
    Sampler sampler() const;
    Remask remask() const;
    void showWhatApplies();
    void edited();

    QComboBox* m_sampler = nullptr;
    QDoubleSpinBox* m_threshold = nullptr;
    QSpinBox* m_blockLength = nullptr;
    QComboBox* m_remask = nullptr;
    QDoubleSpinBox* m_eta = nullptr;
    QDoubleSpinBox* m_loopOn = nullptr;
    QDoubleSpinBox* m_loopOff = nullptr;
    QDoubleSpinBox* m_alphaOn = nullptr;
    QCheckBox* m_float32Gumbel = nullptr;
    QWidget* m_advanced = nullptr;
    bool m_quiet = false; ///< fields are being set by the program
};

} // namespace steploom
