// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/sampling/generation_request.h"
#include "engine/sampling/trace.h"

#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace steploom {

/// What a run will do, known before it starts.
struct PlannedWork {
    std::vector<std::int32_t> initialTokens; ///< [L], the canvas with its holes
    std::int32_t maskToken = 0;
    std::map<char, std::int64_t> calls; ///< sample-calls, by letter
    std::int64_t totalCalls = 0;
    double flops = 0; ///< executed FLOPs
    std::map<char, double> flopsByLetter;
    /// Of calls and FLOPs. AtMost: the network decides (threshold). Expected: the network and chance do
    /// (ReMDM's confidence schedule). Exact otherwise.
    Figures figures = Figures::Exact;
    int largestCall = 0; ///< most rows of one sample that one call takes through the output layer
    int batch = 1;       ///< samples in one network call at most: of those asked for, what memory allows
    /// What was done beyond what the request says, in whole sentences: what a prompt was padded with.
    std::vector<std::string> remarks;
};

/// Checks that the pool can run the request and says what that will take, call by call, without the samples
/// that are finished already (indices, ascending). Throws as Generator::run does.
PlannedWork planWork(const GenerationRequest& request, const ModelPool& pool,
                     std::span<const int> finished = {});

/// Listens to a generation, on the generating thread. Must not throw.
class GenerationObserver {
public:
    virtual ~GenerationObserver() = default;
    virtual void started(const PlannedWork&) {}
    virtual void stepped(const StepEvent&) {}
    virtual void finished(const SampleTrace&) {}
};

/// The one entry to generation in steps.
class Generator {
public:
    virtual ~Generator() = default;
    /// Runs the request. Checks everything first and throws Error (Request, Schedule, Text, Pool) before the
    /// first call, never in the step loop but where CALM's exact temperature came to its limit of draws and
    /// is not to fall back. A stop is honoured within one network call; finished samples are kept.
    virtual Trace run(const GenerationRequest& request, GenerationObserver& observer,
                      std::stop_token stop) = 0;
};

/// The generator of the pool's kind. The pool must outlive it. `finished`: indices of samples that are there
/// already, ascending; the others come out as if all had been made at once.
std::unique_ptr<Generator> makeGenerator(const ModelPool& pool, std::vector<int> finished = {});

} // namespace steploom
