// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/sampling/generator.h"
#include "engine/sampling/reveal_plan.h"

#include <span>
#include <utility>
#include <vector>

namespace steploom {

/// How the plan of one sample begins: all masked, or what a branch has. The spans borrow from both arguments.
PlanInput planInputOf(const GenerationRequest& request, std::span<const std::int32_t> maskedPositions,
                      int sample);
/// Positions of a branch that were revealed or written before its step, as CostInput::written; 0 without one.
int writtenIn(const GenerationRequest& request) noexcept;

/// Few steps reveal many positions at once, and some orders want all candidates: the logits of a whole batch
/// are kept within 256 MiB by a smaller batch. Samples do not depend on each other, so the batch changes no
/// result. At least 1.
int fittingBatch(int rowsPerSample, const ModelPool& pool);

/// The batch that the request asks for, or the calibration's choice where it leaves that open; never more
/// than samples. Timing takes about two seconds at most, once a length. Throws as Generator::run does.
int requestedBatch(const GenerationRequest& request, ModelPool& pool, const std::stop_token& stop = {});

/// Masked-diffusion sampling (arXiv 2406.07524) under a step schedule (arXiv 2604.02340). Where the order of
/// reveal does not depend on the network it is drawn first, so the network is called exactly where something
/// is revealed; the other orders (see Sampler) look at all candidates. ReMDM (arXiv 2503.00307) masks tokens
/// again. Samples are independent of each other; up to `batch` of them share a call, each at its own next
/// event, and a finished one makes room for the next.
class MaskedDiffusionGenerator : public Generator {
public:
    /// The pool must outlive the generator. `finished`: indices of samples that are there already, ascending;
    /// the others come out as if all had been made at once.
    explicit MaskedDiffusionGenerator(const ModelPool& pool, std::vector<int> finished = {})
        : m_pool(pool), m_finished(std::move(finished)) {}
    Trace run(const GenerationRequest& request, GenerationObserver& observer, std::stop_token stop) override;
    /// The same from many beginnings at once: sample i starts from canvas ⌊i / samplesEach⌋. `canvases`:
    /// [n, L], the mask token at the same positions of each; the request's own beginning (prompt, template,
    /// branch) is not used. `until`: a sample is finished once these positions are revealed, for whoever asks
    /// for no others: what would come later has no influence on them, and without remasking they stay. Empty:
    /// to the end. Throws as run() does, and Error(Request) for canvases that are not alike.
    Trace runFrom(std::span<const std::int32_t> canvases, int samplesEach, GenerationRequest request,
                  GenerationObserver& observer, std::stop_token stop,
                  std::span<const std::int32_t> until = {});

private:
    const ModelPool& m_pool;
    std::vector<int> m_finished;
};

} // namespace steploom
