// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/analyses/causal_checkpoint.h"
#include "engine/analyses/correlation_study.h"

#include <span>

namespace steploom {

class CorrelationObserver {
public:
    virtual ~CorrelationObserver() = default;
    /// Before a checkpoint is measured (or found): which of how many.
    virtual void beginning(int /*index*/, int /*count*/, const std::string& /*name*/) {}
    /// Of the whole.
    virtual void advanced(double /*share*/) {}
    /// The points so far, correlated.
    virtual void measured(const CorrelationStudy&) {}
};

/// Cross-entropy and BrierLM of every checkpoint on the same windows of a text (measureCausal), and how they
/// go together. Each checkpoint's figures are kept in `store` (null: none) on their own: a study that was
/// broken off, or that grows, measures only what is new. `settings.context` 0: half the first checkpoint's
/// positions, for all. Throws Error(Request) for no checkpoint, and as measureCausal().
CorrelationStudy studyCorrelation(std::span<const CausalCheckpoint> checkpoints, const StudyText& text,
                                  CausalMeasuring settings, RunStore* store, ThreadPool* threads,
                                  CorrelationObserver& observer, const std::stop_token& stop);

} // namespace steploom
