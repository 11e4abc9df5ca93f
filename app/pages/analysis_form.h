// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/bridge/session.h"
#include "engine/analyses/analysis_order.h"
#include "engine/runs/named_schedule.h"
#include "engine/sampling/generation_request.h"

#include <QWidget>

#include <vector>

namespace steploom {

/// What there is when an analysis is asked for.
struct AnalysisMeans {
    GenerationRequest present; ///< of the Design page: pool, length, steps, sampler, seed, samples
    PoolFacts pool;
    EvaluatorFacts evaluator; ///< empty path: none
    std::vector<NamedSchedule> library;
    QString text; ///< file, unless another one is remembered; empty: none
};

/// The fields of one kind of analysis. What they are set to is remembered by remember() and found again when
/// the form is made.
class AnalysisForm : public QWidget {
    Q_OBJECT
public:
    using QWidget::QWidget;

    /// What the fields ask for. Only what lacks nothing and has no problem() can be queued.
    virtual AnalysisOrder order() const = 0;
    /// The request that goes with it: the present one, but for what the form decides.
    virtual GenerationRequest request() const = 0;
    /// What is missing outside of the form (a second model, an evaluator) and what to do, as a sentence;
    /// empty when nothing is.
    virtual QString missing() const = 0;
    /// What is wrong in the form, as it is said beside the field; empty when nothing is.
    virtual QString problem() const = 0;
    /// What the order comes to, where that is less than was asked for: a text may hold fewer windows.
    virtual AnalysisOrder expected() const { return order(); }
    virtual void remember() const = 0;

signals:
    void changed();
};

/// "Add a second model to the pool…" where the present pool has fewer models than `members`, or the request
/// cannot be run; empty when all is well.
QString problemOfPool(const AnalysisMeans& means, std::size_t members);
/// Empty when there is an evaluator.
QString problemOfEvaluator(const AnalysisMeans& means);

} // namespace steploom
