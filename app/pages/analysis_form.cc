// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/analysis_form.h"

#include "app/pages/analysis_fields.h"

namespace steploom {

QString problemOfPool(const AnalysisMeans& means, std::size_t members) {
    if (means.present.pool.empty())
        return AnalysisForm::tr("There is no model. Add a checkpoint folder to the pool of the Design page.");
    if (means.present.pool.size() < members)
        return AnalysisForm::tr(
            "The pool has one model only. Add a second one to the pool of the Design page.");
    try {
        requireRunnable(means.present);
    } catch (const Error& error) {
        return fields::sentence(error.parts());
    }
    return {};
}

QString problemOfEvaluator(const AnalysisMeans& means) {
    return means.evaluator.path.isEmpty()
               ? AnalysisForm::tr(
                     "There is no evaluator to judge the samples. Choose one at the right of the "
                     "pool, or drop its folder on the window.")
               : QString();
}

} // namespace steploom
