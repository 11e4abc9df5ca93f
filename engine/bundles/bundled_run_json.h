// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runs/run.h"

#include <nlohmann/json.hpp>

#include <string>

namespace steploom {

/// A run as a bundle holds it.
struct BundledRun {
    std::string identity;
    std::string parent;        ///< identity of the run that it was branched from; empty: none, or not known
    std::string parentStarted; ///< UTC, ISO 8601
    /// Without an id, and without one of its parent.
    Run run;
};

/// All of a run but ids and the traces' columns.
nlohmann::json bundledRunJson(const BundledRun& bundled);

/// Reads what the above wrote. Throws Error(File) with `where` for anything that no run of this program could
/// have: a request that cannot be run, samples beyond it or out of order, numbers that do not fit.
BundledRun bundledRunFromJson(const nlohmann::json& json, const std::string& where);

/// Holds a sample's trace, once it is read, against the request: length, steps, pool members. Throws
/// Error(File) with `where`.
void requireFits(const SampleTrace& trace, const GenerationRequest& request, const std::string& where);

} // namespace steploom
