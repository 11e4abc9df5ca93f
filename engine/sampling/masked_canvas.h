// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/models/model.h"

#include <chrono>
#include <vector>

namespace steploom {

/// A call to be timed: `samples` canvases of `length`, all masked, of which the first `rowsPerSample` rows
/// are wanted.
class MaskedCanvas {
public:
    MaskedCanvas(int samples, int length, int rowsPerSample, std::int32_t maskToken)
        : m_samples(samples), m_length(length),
          m_tokens(static_cast<std::size_t>(samples) * static_cast<std::size_t>(length), maskToken),
          m_sigma(static_cast<std::size_t>(samples), 1.0f) {
        for (int sample = 0; sample < samples; ++sample)
            for (int row = 0; row < rowsPerSample; ++row)
                m_rows.push_back(sample * length + row);
    }
    std::size_t rows() const noexcept { return m_rows.size(); }
    DenoisingCall call() const noexcept { return {m_tokens, m_sigma, m_samples, m_length, m_rows}; }

private:
    int m_samples;
    int m_length;
    std::vector<std::int32_t> m_tokens;
    std::vector<float> m_sigma;
    std::vector<std::int32_t> m_rows;
};

/// Seconds of one call.
inline double secondsOf(MaskedDiffusionModel& model, const DenoisingCall& call, std::span<float> out) {
    const auto begin = std::chrono::steady_clock::now();
    model.logits(call, out);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

} // namespace steploom
