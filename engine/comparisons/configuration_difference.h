// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runs/run.h"

#include <span>
#include <string>
#include <vector>

namespace steploom {

/// One thing that was chosen for runs, or that they were made with.
struct ConfigurationSetting {
    std::string name;                ///< in words: "schedule", "precision of L", "top-p"
    std::vector<std::string> values; ///< a run each, in words; "–" where a run has none

    bool isSame() const;
};

/// Everything that the requests and the provenance of runs say, in the order in which a person asks:
/// schedule, models, sampling, what it was judged by, machine. A setting appears where any of the runs has
/// it.
std::vector<ConfigurationSetting> configurationOf(std::span<const Run> runs);

struct ConfigurationDifference {
    std::vector<ConfigurationSetting> different; ///< not the same in all runs
    std::vector<ConfigurationSetting> same;
};
ConfigurationDifference configurationDifference(std::span<const Run> runs);

/// "3f9a12cc": as much of a checkpoint's SHA-256 as tells it from others at a glance.
std::string hashPrefix(const std::string& sha256);
/// How positions are chosen, with the options that count: "threshold 0.9, blocks of 32", "ancestral, ReMDM
/// loop (η 0.02, t 0.55 to 0.05, α 0.9)".
std::string samplerText(const GenerationRequest& request);
/// How tokens or vectors are drawn beyond temperature and top-p: "top-k 40", "exact, at most 5000 draws, then
/// by their counts", "by 50 draws", "prompt trimmed"; empty where nothing is out of the usual.
std::string drawText(const GenerationRequest& request);
/// "sandwich (L32,H192,L32)", or the notation alone.
std::string scheduleText(const GenerationRequest& request);

} // namespace steploom
