// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/cli/analysis_progress.h"

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

int stoppedNote(const Console& console, const std::string& howFar) {
    console.note("stopped: " + howFar + "; the same command goes on from here");
    return kFailed;
}

} // namespace steploom::cli
