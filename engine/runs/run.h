// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/core/generation_kind.h"
#include "engine/measures/measure.h"
#include "engine/measures/text_score.h"
#include "engine/sampling/generation_request.h"
#include "engine/sampling/trace.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace steploom {

/// Where and with what a run was made.
struct Provenance {
    std::string version;   ///< of the program
    std::string processor; ///< name and instruction set
    int threads = 0;
    std::string onednn;              ///< "2.6.3"
    std::vector<ModelFacts> members; ///< in pool order: stored, requested, effective precision…
};

enum class RunState {
    Running, ///< written before the first call; a store opened later finds it cut off unless its process
             ///< lives
    Finished,
    Stopped, ///< by the user; finished samples kept
    CutOff,  ///< the process died, or generation failed; finished samples kept
};
std::string_view runStateName(RunState state) noexcept; ///< "running", "finished", "stopped", "cut off"

/// A sample as stored.
struct RunSample {
    SampleTrace trace;
    std::string text;               ///< decoded with the pool's tokenizer
    std::optional<TextScore> score; ///< under the evaluator of the run's generative perplexity

    friend bool operator==(const RunSample&, const RunSample&) = default;
};

/// What a run took so far, its unfinished samples included.
struct RunWork {
    std::map<char, ExecutedWork> members; ///< by letter; empty: not known (runs of older versions)
    int batch = 0;                        ///< samples in one network call at most; 0: not known
    /// Most bytes of memory the process had held when this was counted, loading and earlier runs included; 0:
    /// not known.
    std::int64_t peakMemory = 0;

    friend bool operator==(const RunWork&, const RunWork&) = default;
};

/// One line of a list of runs: everything a table, a chart or a thumbnail needs, no samples.
struct RunSummary {
    std::int64_t id = 0;
    RunState state = RunState::Running;
    std::string started; ///< UTC, ISO 8601
    GenerationKind kind = GenerationKind::MaskedDiffusion; ///< of its models
    GenerationRequest request;
    int finishedSamples = 0;
    ScheduleCost cost;                  ///< expected, as shown when it was started
    double executedFlops = 0;           ///< measured, finished samples
    double seconds = 0;                 ///< wall time of generation
    std::map<char, std::int64_t> calls; ///< sample-calls executed for finished samples, by letter
    RunWork work;
    std::vector<Measure> measures;
    std::string note;
    bool starred = false;
    std::vector<std::string> tags; ///< sorted
    std::string binned;            ///< UTC, ISO 8601: when it was put in the bin; empty: not in the bin

    const Measure* measure(std::string_view name) const noexcept;
};

struct Run {
    RunSummary summary;
    Provenance provenance;
    std::vector<RunSample> samples; ///< by index
};

} // namespace steploom
