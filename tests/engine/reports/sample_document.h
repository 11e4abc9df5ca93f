// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/reports/report_document.h"

#include <string>

namespace steploom::testing {

/// A short report with one block of every kind.
inline ReportDocument sampleDocument() {
    ReportFigure figure{"Saved work against perplexity", "Two points, the sandwich below the head", "", 640,
                        320};
    figure.svg =
        R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 320" width="640" height="320">)"
        R"(<rect class="member-0" x="40" y="40" width="200" height="80" fill="currentColor"/>)"
        R"(<rect class="member-1" x="260" y="40" width="200" height="80" fill="currentColor"/>)"
        R"(<text class="ink" x="40" y="200" font-size="12" fill="currentColor">figurelabel</text></svg>)";
    ReportDocument document;
    document.title = "Where the light model may step in";
    document.author = "A. Author";
    document.remarks = "The sandwich keeps its perplexity.";
    document.date = "2026-11-20T09:30:00Z";
    document.program = "Steploom 0.1.0";
    document.sections = {
        {"summary",
         "Summary",
         {ReportParagraph{"Three runs of one pool.", false},
          ReportTable{"Runs and their measures",
                      {{"run", false}, {"schedule", false}, {"perplexity", true}},
                      {{"1", "(H256)", "31.22 ± 0.87"}, {"2", "(L32,H192,L32)", "31.94 ± 0.91"}}},
          ReportParagraph{"± is a 95% interval.", true}}},
        {"charts", "Charts", {figure}},
        {"samples",
         "Texts side by side",
         {ReportTexts{"The same seed in the same row",
                      {"run 1", "run 2"},
                      {{"sample 0", {"the little goose was tired", "the lamp was lit again"}}}}}},
        {"provenance",
         "Provenance",
         {ReportCode{"To repeat run 1", "steploom-cli generate --seed 1 --steps 256"}}},
    };
    return document;
}

} // namespace steploom::testing
