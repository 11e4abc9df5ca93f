// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/analyses/run_analysis.h"
#include "engine/runs/run_store.h"
#include "engine/tensor/compute_context.h"
#include "experiments/cli/console.h"
#include "experiments/cli/interruption.h"
#include "experiments/cli/request_options.h"

#include <optional>
#include <string>

namespace steploom::cli {

/// Shows an analysis at the terminal: a bar with the time left of the whole under what is being done, and a
/// line for what the store has.
class AnalysisProgress : public AnalysisObserver {
public:
    explicit AnalysisProgress(const Console& console) : m_console(console) {}
    void advanced(double share, const std::string& what) override;
    void clear() { m_bar.reset(); }

private:
    const Console& m_console;
    std::string m_what;
    std::optional<ProgressBar> m_bar;
};

/// What an analysis by generation takes, loaded: pool, evaluator and store. Throws as the loaders do.
struct AnalysisMeans {
    /// `store` empty: the file of the window.
    AnalysisMeans(const GenerationRequest& request, const EvaluatorOptions& evaluator,
                  const std::string& store, int threads);
    /// Until it is done or Ctrl+C is pressed, with a bar at the terminal.
    StoredAnalysis run(const GenerationRequest& request, const AnalysisOrder& order, const Console& console);

    Interruption interruption;
    RunStore store;
    ComputeContext context;
    ModelPool pool;
    std::optional<Evaluator> evaluator;
};

/// "stopped: …; the same command goes on from here" on standard error, and the exit code.
int stoppedNote(const Console& console, const std::string& howFar);

} // namespace steploom::cli
