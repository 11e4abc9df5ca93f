// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runs/run.h"

#include <string>

namespace steploom {

/// "ancestral", "threshold 0.9, blocks of 32", "ancestral, ReMDM loop (η 0.02, t 0.55 to 0.05, α 0.9)".
std::string orderText(const GenerationRequest& request);

/// What a run is called in a report, "3 · sandwich 25%", with the order of reveal where it is not the plain
/// ancestral one and the temperature where it is not 1: "3 · tail 10%, threshold 0.9, temperature 0.8". A
/// notation longer than `most` characters is cut.
std::string runName(const RunSummary& run, std::size_t most = 32);
/// The same without the number: what runs that differ in their seed alone share.
std::string settingsName(const GenerationRequest& request, std::size_t most = 32);

/// "generative perplexity", "entropy, nats": how a measure is headed.
std::string measureTitle(const Measure& measure);

} // namespace steploom
