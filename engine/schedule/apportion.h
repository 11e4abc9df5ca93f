// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace steploom {

/// A claim on steps: a segment of a schedule, in any unit.
struct Claim {
    char letter;
    std::int64_t weight; ///< at most 10¹², so that products with step counts fit
};

/// Shares `steps` out in proportion to the weights, by largest remainder (Hamilton): every claim gets its
/// quota rounded down, the steps that are left go to the largest remainders. Equal remainders are served
/// letter by letter, evenly spread, earlier ones first: so an alternating schedule over half the steps still
/// alternates, from end to end.
std::vector<int> apportion(std::span<const Claim> claims, int steps);

} // namespace steploom
