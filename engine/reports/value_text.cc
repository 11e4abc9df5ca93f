// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/reports/value_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

namespace steploom {

std::string numberText(double value) {
    if (!std::isfinite(value))
        return "–";
    // Four significant digits without an exponent, as long as that is readable.
    const double magnitude = std::abs(value);
    if (magnitude >= 1000 && magnitude < 1e6)
        return fmt::format("{:.0f}", value);
    return fmt::format("{:.4g}", value);
}

std::string shareText(double share) {
    return std::isfinite(share) ? fmt::format("{:.1f}%", 100 * share) : "–";
}

std::string estimateText(const Estimate& estimate) {
    if (!std::isfinite(estimate.value))
        return "–";
    if (!std::isfinite(estimate.margin()))
        return numberText(estimate.value);
    // The margin has as many decimals as the value: more would be noise.
    const int magnitude =
        estimate.value == 0 ? 0 : static_cast<int>(std::floor(std::log10(std::abs(estimate.value))));
    const int decimals = std::clamp(3 - magnitude, 0, 6);
    // A perplexity's interval is the exponential of a symmetric one: its ends say what ± cannot.
    if (std::abs((estimate.high - estimate.value) - (estimate.value - estimate.low)) >
        0.1 * estimate.margin())
        return estimate.high >= 1e5 ? fmt::format("{} ({}–{})", numberText(estimate.value),
                                                  numberText(estimate.low), numberText(estimate.high))
                                    : fmt::format("{:.{}f} ({:.{}f}–{:.{}f})", estimate.value, decimals,
                                                  estimate.low, decimals, estimate.high, decimals);
    return fmt::format("{:.{}f} ± {:.{}f}", estimate.value, decimals, estimate.margin(), decimals);
}

namespace {

std::string scaled(double value, std::span<const char* const> suffixes) {
    std::size_t index = 0;
    while (std::abs(value) >= 999.5 && index + 1 < suffixes.size()) {
        value /= 1000;
        ++index;
    }
    return fmt::format("{:.3g}{}", value, suffixes[index]);
}

} // namespace

std::string countText(double count) {
    static constexpr std::array kSuffixes = {"", "k", "M", "B", "T"};
    return scaled(count, kSuffixes);
}

std::string flopsText(double flops) {
    static constexpr std::array kSuffixes = {" FLOP",  " kFLOP", " MFLOP", " GFLOP",
                                             " TFLOP", " PFLOP", " EFLOP", " ZFLOP"};
    return scaled(flops, kSuffixes);
}

std::string memoryText(double bytes) {
    static constexpr std::array kSuffixes = {" B", " kB", " MB", " GB", " TB", " PB", " EB"};
    return scaled(bytes, kSuffixes);
}

std::string durationText(double seconds) {
    if (!std::isfinite(seconds) || seconds < 0)
        return "–";
    if (seconds < 9.95)
        return fmt::format("{:.1f} s", seconds);
    if (seconds < 60)
        return fmt::format("{:.0f} s", seconds);
    const long whole = std::lround(seconds);
    if (whole < 3600)
        return fmt::format("{} min {:02} s", whole / 60, whole % 60);
    return fmt::format("{} h {:02} min", whole / 3600, whole % 3600 / 60);
}

std::string shortened(std::string_view text, std::size_t characters) {
    std::string line;
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t next = at + 1;
        while (next < text.size() && (static_cast<unsigned char>(text[next]) & 0xC0u) == 0x80u)
            ++next;
        if (++count > characters)
            return line + "…";
        const bool control = static_cast<unsigned char>(text[at]) < 0x20u;
        line += control ? std::string_view(" ") : text.substr(at, next - at);
        at = next;
    }
    return line;
}

} // namespace steploom
