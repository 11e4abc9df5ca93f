// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runs/run.h"

#include <random>
#include <string>
#include <vector>

namespace steploom {

/// Finished runs as a year of work would leave them, without a model: five schedules, two pools, measures,
/// and texts of words that are as common as Zipf's law has it. The same runs every time.
class MadeUpRuns {
public:
    static constexpr int kSamples = 4;
    static constexpr int kLength = 128; ///< tokens of a sample

    MadeUpRuns();
    Run next();

    /// Words by how common they are: 0 is in nearly every text.
    const std::string& word(std::size_t rank) const { return m_words.at(rank); }
    std::size_t words() const noexcept { return m_words.size(); }

private:
    std::string text();
    RunSample sample(int index, int steps, const GenerationRequest& request);

    std::mt19937_64 m_random{20'261'122};
    std::vector<std::string> m_words;
    std::vector<std::string> m_sentences; ///< drawn once, put together anew
    std::vector<GenerationRequest> m_requests;
    std::int64_t m_made = 0;
};

} // namespace steploom
