// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/cli/analysis_progress.h"

#include "engine/core/thread_pool.h"
#include "experiments/cli/table.h"

namespace steploom::cli {

void AnalysisProgress::advanced(double share, const std::string& what) {
    if (what != m_what) {
        m_what = what;
        m_bar.reset();
        if (what.ends_with("in the store"))
            m_console.note(what);
        else
            m_bar.emplace(shortened(what, 60));
    }
    if (m_bar)
        m_bar->advance(share);
}

AnalysisMeans::AnalysisMeans(const GenerationRequest& request, const EvaluatorOptions& judge,
                             const std::string& file, int threads)
    : store(file.empty() ? defaultStoreFile() : std::filesystem::path(file)), context(threads),
      pool(ModelPool::load(request.pool, request.tokenizer, context)), evaluator(judge.load(context)) {}

StoredAnalysis AnalysisMeans::run(const GenerationRequest& request, const AnalysisOrder& order,
                                  const Console& console) {
    AnalysisProgress progress(console);
    const StoredAnalysis analysis = runAnalysis(request, order,
                                                {.pool = &pool,
                                                 .evaluator = evaluator ? &*evaluator : nullptr,
                                                 .store = &store,
                                                 .threads = context.threads().workers()},
                                                context, progress, interruption.token());
    progress.clear();
    return analysis;
}

int stoppedNote(const Console& console, const std::string& howFar) {
    console.note("stopped: " + howFar + "; the same command goes on from here");
    return kFailed;
}

} // namespace steploom::cli
