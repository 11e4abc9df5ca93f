// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/sampling/sequential_sampling.h"

#include <utility>

namespace steploom {

/// Generation token by token under a step schedule, with temperature, top-k and top-p.
class AutoregressiveGenerator final : public Generator {
public:
    /// See makeGenerator.
    explicit AutoregressiveGenerator(const ModelPool& pool, std::vector<int> finished = {})
        : m_pool(pool), m_finished(std::move(finished)) {}
    Trace run(const GenerationRequest& request, GenerationObserver& observer, std::stop_token stop) override;

private:
    const ModelPool& m_pool;
    std::vector<int> m_finished;
};

/// A member's writer. `drawable`: ids below it may be drawn.
std::unique_ptr<ChunkWriter> makeTokenWriter(CausalModel& model, const GenerationRequest& request,
                                             int drawable);

} // namespace steploom
