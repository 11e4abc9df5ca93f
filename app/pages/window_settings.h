// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

/// Every key the window remembers between sessions.
namespace steploom::settings {

inline constexpr const char* kGeometry = "window/geometry";
/// Docks and tool bars: QMainWindow::saveState(kStateVersion).
inline constexpr const char* kState = "window/state";
inline constexpr int kStateVersion = 1; ///< of what kState holds; another one is not restored
/// Object name of the page that was shown.
inline constexpr const char* kPage = "window/page";
/// Whether the queue of generations waits until somebody resumes it. True also while it runs: after a crash
/// it is not to begin by itself what may have been the cause.
inline constexpr const char* kQueuePaused = "queue/paused";
inline constexpr const char* kTheme = "window/theme";
/// "open" from the first start on, "done" once the hint was put away or a generation has finished.
inline constexpr const char* kHint = "window/hint";
/// Request of the Design page as JSON, without pool.
inline constexpr const char* kRequest = "design/request";
/// What ruler and notation count in: "step", "fraction", "masked".
inline constexpr const char* kUnit = "design/unit";
/// Colours of the tokens: "model", "step", "confidence", "entropy".
inline constexpr const char* kColoring = "design/coloring";
/// Colours that were chosen for pool members: letter → number.
inline constexpr const char* kMemberColors = "design/memberColors";
/// Text that step importance is measured on; empty: the one that comes with the program.
inline constexpr const char* kImportanceText = "design/importanceText";
/// What a new analysis was set to last. The text: of importance and correlation; empty: the one that comes
/// with the program.
inline constexpr const char* kAnalysisText = "analysis/text";
inline constexpr const char* kImportanceTimes = "analysis/importanceTimes";
inline constexpr const char* kImportanceWindows = "analysis/importanceWindows";
inline constexpr const char* kSearchSegments = "analysis/searchSegments";
inline constexpr const char* kSearchLight = "analysis/searchLight";
/// Whether only some of the choices are drawn, and how many.
inline constexpr const char* kSearchDrawn = "analysis/searchDrawn";
inline constexpr const char* kSearchMost = "analysis/searchMost";
inline constexpr const char* kSearchSamples = "analysis/searchSamples";
inline constexpr const char* kSearchStopEarly = "analysis/searchStopEarly";
inline constexpr const char* kFrontierTemperatures = "analysis/frontierTemperatures"; ///< as typed
inline constexpr const char* kFrontierSamples = "analysis/frontierSamples";
inline constexpr const char* kCorrelationFolders = "analysis/correlationFolders";
inline constexpr const char* kCorrelationWindows = "analysis/correlationWindows";
inline constexpr const char* kCorrelationDraws = "analysis/correlationDraws";
inline constexpr const char* kBrierFolders = "analysis/brierFolders";
inline constexpr const char* kBrierSchedules = "analysis/brierSchedules";       ///< as typed
inline constexpr const char* kBrierTemperatures = "analysis/brierTemperatures"; ///< as typed
inline constexpr const char* kBrierCandidates = "analysis/brierCandidates";     ///< as typed
inline constexpr const char* kBrierWindows = "analysis/brierWindows";
inline constexpr const char* kBrierContext = "analysis/brierContext";
inline constexpr const char* kBrierLength = "analysis/brierLength";
inline constexpr const char* kBrierSteps = "analysis/brierSteps";
inline constexpr const char* kBrierDraws = "analysis/brierDraws";
inline constexpr const char* kAutoencoderFolder = "analysis/autoencoderFolder";
inline constexpr const char* kAutoencoderChunks = "analysis/autoencoderChunks";
/// Object names of the groups of settings that are folded.
inline constexpr const char* kFolded = "design/folded";
/// Name of the profile that was chosen last; empty: none.
inline constexpr const char* kProfile = "design/profile";
/// Array of named sets of settings: "name" and "settings", JSON (see profiles.h).
inline constexpr const char* kProfiles = "profiles";
/// Ids of the runs that are compared, in their order, and the baseline's place among them.
inline constexpr const char* kCompareRuns = "compare/runs";
inline constexpr const char* kCompareBaseline = "compare/baseline";
/// What texts are compared by: "position", "sequence", "off".
inline constexpr const char* kCompareDifference = "compare/difference";
/// Colours of the tokens there, as kColoring.
inline constexpr const char* kCompareColoring = "compare/coloring";
inline constexpr const char* kCompareTogether = "compare/scrollTogether";
/// Columns and sorting of the table of runs: QHeaderView::saveState().
inline constexpr const char* kRunColumns = "runs/columns";
/// What a report was made of last, JSON (see ReportChoice), and the folder it was saved in.
inline constexpr const char* kReport = "report/choice";
inline constexpr const char* kReportFolder = "report/folder";
/// Group of shortcuts that differ from the usual ones: command → list of portable texts.
inline constexpr const char* kShortcuts = "shortcuts";
/// What was chosen from the command palette, the latest first.
inline constexpr const char* kRecentCommands = "palette/recent";

} // namespace steploom::settings
