// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sampling/chunk_temperature.h"

#include "engine/core/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace steploom {
namespace {

constexpr int kMostWhole = 1000; ///< draws that have to agree

void requireTemperature(double temperature) {
    if (temperature > 0 && temperature <= 1 && 1 / temperature <= kMostWhole)
        return;
    throw Error(ErrorKind::Request,
                {"cannot draw chunks at this temperature", fmt::format("temperature {}", temperature),
                 "agreement among draws sharpens a distribution and cannot flatten it",
                 fmt::format("Choose a temperature above {} and up to 1", 1.0 / kMostWhole)});
}

/// C(count, m) as a number that may be large.
double choices(int count, int m) {
    double product = 1;
    for (int i = 1; i <= m; ++i)
        product *= static_cast<double>(count - m + i) / i;
    return product;
}

} // namespace

InverseTemperature inverseTemperature(double temperature) {
    requireTemperature(temperature);
    constexpr double kRounding = 1e-9; // 1/(1/3) is not quite 3
    const double inverse = 1 / temperature, nearest = std::round(inverse);
    if (std::abs(inverse - nearest) < kRounding * inverse)
        return {static_cast<int>(nearest), 0};
    const double whole = std::floor(inverse);
    return {static_cast<int>(whole), inverse - whole};
}

TemperedChunk drawAtTemperature(const InverseTemperature& inverse, std::int64_t mostDraws,
                                const ChunkSource& source) {
    TemperedChunk result;
    result.agreed = inverse.whole;
    TokenChunk next;
    const auto draw = [&](TokenChunk& out) {
        if (result.draws == mostDraws)
            return false;
        ++result.draws;
        source.draw({&out, 1});
        return true;
    };
    /// Whether the chunk stands; nothing more to be had: `limited`.
    bool limited = false;
    const auto attempt = [&] {
        if (!draw(result.chunk)) {
            limited = true;
            return false;
        }
        for (int i = 1; i < inverse.whole; ++i) {
            if (!draw(next)) {
                limited = true;
                return false;
            }
            if (next != result.chunk) // the rest could not make up for it
                return false;
        }
        if (inverse.share <= 0)
            return true;
        for (int i = 1;; ++i) {
            if (!draw(next)) {
                limited = true;
                return false;
            }
            if (next == result.chunk)
                return true;
            if (source.uniform() < inverse.share / i)
                return false;
        }
    };
    do {
        ++result.attempts;
        if (attempt())
            return result;
    } while (!limited);
    result.chunk.clear();
    result.drawn = false;
    return result;
}

int nearestWhole(double temperature) {
    requireTemperature(temperature);
    const int below = std::clamp(static_cast<int>(1 / temperature), 1, kMostWhole);
    const double above = 1.0 / (below + 1);
    return below < kMostWhole && temperature - above < 1.0 / below - temperature ? below + 1 : below;
}

TemperedChunk drawFromCounts(int whole, int draws, const ChunkSource& source) {
    std::vector<TokenChunk> all(static_cast<std::size_t>(draws));
    source.draw(all);
    std::map<TokenChunk, int> counts;
    int most = 0;
    for (const TokenChunk& chunk : all)
        most = std::max(most, ++counts[chunk]);

    const int m = std::min(whole, most);
    double total = 0;
    for (const auto& [chunk, count] : counts)
        if (count >= m)
            total += choices(count, m);
    double left = source.uniform() * total;
    const TokenChunk* chosen = nullptr;
    for (const auto& [chunk, count] : counts) {
        if (count < m)
            continue;
        chosen = &chunk; // the last one takes what rounding leaves
        left -= choices(count, m);
        if (left < 0)
            break;
    }
    return {.chunk = chosen ? *chosen : TokenChunk{}, .draws = draws, .attempts = 1, .agreed = m};
}

} // namespace steploom
