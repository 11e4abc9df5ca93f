// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/analyses/run_analysis.h"
#include "experiments/cli/console.h"

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

/// "stopped: …; the same command goes on from here" on standard error, and the exit code.
int stoppedNote(const Console& console, const std::string& howFar);

} // namespace steploom::cli
