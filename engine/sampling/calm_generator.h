// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/sampling/sequential_sampling.h"

#include <utility>

namespace steploom {

/// Generation by CALM (arXiv 2510.27688) under a step schedule: a step draws the vector of the next K tokens
/// and decodes it. Below temperature 1 many vectors are drawn, and one of their chunks is taken by the counts
/// (chunk_temperature.h).
class CalmGenerator final : public Generator {
public:
    /// See makeGenerator.
    explicit CalmGenerator(const ModelPool& pool, std::vector<int> finished = {})
        : m_pool(pool), m_finished(std::move(finished)) {}
    Trace run(const GenerationRequest& request, GenerationObserver& observer, std::stop_token stop) override;

private:
    const ModelPool& m_pool;
    std::vector<int> m_finished;
};

/// The head's noise for draws first, first + 1, … of a step, [draws, size] in (−½, ½): numbers of the counter
/// alone, so a vector does not depend on how many are drawn with it.
void vectorNoise(const CounterRandom& random, std::uint32_t sample, int step, std::uint32_t first, int size,
                 std::span<float> out);

/// A member's writer. `stop` is asked between blocks of draws; a stopped write is left by an exception that
/// runSequential knows.
std::unique_ptr<ChunkWriter> makeCalmWriter(CalmModel& model, const GenerationRequest& request,
                                            std::stop_token stop);

} // namespace steploom
