// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

namespace steploom::testing {

/// Logits that lean on what stands left and right, on the position and on the noise level: a wrong order, a
/// wrong time or tokens that see each other within a step change the law.
inline void heavyRule(std::span<const std::int32_t> tokens, float sigma, int position,
                      std::span<float> logits) {
    const auto at = static_cast<std::size_t>(position);
    const std::int32_t left = at > 0 ? tokens[at - 1] : 0;
    const std::int32_t right = at + 1 < tokens.size() ? tokens[at + 1] : 1;
    for (std::size_t id = 0; id < logits.size(); ++id)
        logits[id] = 1.2f * static_cast<float>((static_cast<int>(id) + 2 * left + right + position) % 3) -
                     0.3f * static_cast<float>(id) * std::min(sigma, 3.0f);
    logits.back() = 9; // the mask: must never be drawn
}

/// Likes whatever heavyRule does not.
inline void lightRule(std::span<const std::int32_t> tokens, float sigma, int position,
                      std::span<float> logits) {
    heavyRule(tokens, sigma, position, logits);
    for (float& logit : logits)
        logit *= -0.8f;
    logits.back() = 9;
}

/// The tokens or steps of a short sample as one number.
inline std::uint64_t outcome(std::span<const std::int32_t> tokens) {
    std::uint64_t code = 0;
    for (std::int32_t token : tokens)
        code = code * 16 + static_cast<std::uint64_t>(token + 1);
    return code;
}

} // namespace steploom::testing
