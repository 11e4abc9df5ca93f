// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

/// Every key the window remembers between sessions.
namespace steploom::settings {

inline constexpr const char* kGeometry = "window/geometry";
/// Docks and their places, as QMainWindow::saveState() has them.
inline constexpr const char* kWindowState = "window/state";
/// Whether the queue of generations waits until somebody resumes it. True also while it runs: after a crash
/// it is not to begin by itself what may have been the cause.
inline constexpr const char* kQueuePaused = "queue/paused";
inline constexpr const char* kTheme = "window/theme";
/// Request of the Design page as JSON, without pool.
inline constexpr const char* kRequest = "design/request";
/// What ruler and notation count in: "step", "fraction", "masked".
inline constexpr const char* kUnit = "design/unit";
/// Colours that were chosen for pool members: letter → number.
inline constexpr const char* kMemberColors = "design/memberColors";

} // namespace steploom::settings
