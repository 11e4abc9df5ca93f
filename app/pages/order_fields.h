// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/widgets/controls.h"
#include "engine/sampling/generation_request.h"

class QComboBox;
class QDoubleSpinBox;
class QSpinBox;

namespace steploom {

/// The fields that say in which order positions are revealed and whether they are masked again: the sampler
/// with what it needs, blocks and remasking. A field shows only where it applies, and only then counts.
class OrderFields : public QWidget {
    Q_OBJECT
public:
    explicit OrderFields(int fieldWidth, QWidget* parent = nullptr);

    /// What the fields set, and nothing else of the request.
    static void copy(const GenerationRequest& from, GenerationRequest& to);
    /// "ancestral, blocks of 32", in a few words.
    static QString summary(const GenerationRequest& request);

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
    bool m_quiet = false; ///< fields are being set by the program
};

} // namespace steploom
