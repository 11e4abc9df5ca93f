// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/random.h"

#include <Random123/philox.h>

namespace steploom {

std::array<std::uint32_t, 4> CounterRandom::words(Purpose purpose, std::uint32_t sample,
                                                  std::uint32_t position, std::uint32_t step) const noexcept {
    const r123::Philox4x32::ctr_type counter{{static_cast<std::uint32_t>(purpose), sample, position, step}};
    const r123::Philox4x32::key_type key{
        {static_cast<std::uint32_t>(m_seed), static_cast<std::uint32_t>(m_seed >> 32)}};
    const auto drawn = r123::Philox4x32{}(counter, key);
    return {drawn[0], drawn[1], drawn[2], drawn[3]};
}

double CounterRandom::uniform(Purpose purpose, std::uint32_t sample, std::uint32_t position,
                              std::uint32_t step) const noexcept {
    const auto drawn = words(purpose, sample, position, step);
    const std::uint64_t bits = (static_cast<std::uint64_t>(drawn[0]) << 32 | drawn[1]) >> 12;
    return (static_cast<double>(bits) + 0.5) * 0x1p-52;
}

} // namespace steploom
