// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <CLI/CLI.hpp>

#include <functional>

namespace steploom::cli {

class Console;

/// What the chosen command does once its options are read; returns the exit code.
using Work = std::function<int()>;

/// Each adds one command with its options to `app`; when that command is chosen, `work` becomes what it has
/// to do. Console and work outlive the call.
void addInspect(CLI::App& app, Console& console, Work& work);
void addConvert(CLI::App& app, Console& console, Work& work);
void addTokenize(CLI::App& app, Console& console, Work& work);
void addLogits(CLI::App& app, Console& console, Work& work);
void addCost(CLI::App& app, Console& console, Work& work);
void addCompute(CLI::App& app, Console& console, Work& work);
void addGenerate(CLI::App& app, Console& console, Work& work);
void addRuns(CLI::App& app, Console& console, Work& work);
void addCompare(CLI::App& app, Console& console, Work& work);
void addSchedules(CLI::App& app, Console& console, Work& work);
void addQueue(CLI::App& app, Console& console, Work& work);
void addTrainings(CLI::App& app, Console& console, Work& work);
void addEvaluate(CLI::App& app, Console& console, Work& work);
void addImportance(CLI::App& app, Console& console, Work& work);
void addOptimise(CLI::App& app, Console& console, Work& work);
void addSearch(CLI::App& app, Console& console, Work& work);
void addFrontier(CLI::App& app, Console& console, Work& work);
void addCorrelation(CLI::App& app, Console& console, Work& work);
void addBrierStudy(CLI::App& app, Console& console, Work& work);
void addAnchors(CLI::App& app, Console& console, Work& work);
void addReport(CLI::App& app, Console& console, Work& work);

} // namespace steploom::cli
