// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runs/run_store.h"

#include <string>

namespace steploom::cli {

/// Opens an existing store to read from; empty: this user's. Unlike RunStore it makes no new file: a mistyped
/// name would otherwise read as "no runs". Throws Error(Store).
RunStore openStoredRuns(const std::string& file);

} // namespace steploom::cli
