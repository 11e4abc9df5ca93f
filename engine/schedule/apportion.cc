// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/schedule/apportion.h"

#include <algorithm>
#include <numeric>
#include <string>

namespace steploom {

namespace {

/// Gives one step to `seats` of the tied claims: each letter in proportion to how many of its claims are
/// tied.
void serveTied(std::span<const Claim> claims, std::span<const std::size_t> tied, std::size_t seats,
               std::vector<int>& steps) {
    std::string letters;
    std::vector<std::vector<std::size_t>> byLetter;
    for (std::size_t claim : tied) {
        std::size_t group = letters.find(claims[claim].letter);
        if (group == std::string::npos) {
            group = letters.size();
            letters += claims[claim].letter;
            byLetter.emplace_back();
        }
        byLetter[group].push_back(claim);
    }
    std::vector<std::size_t> share;
    std::size_t left = seats;
    for (const auto& group : byLetter) {
        share.push_back(seats * group.size() / tied.size());
        left -= share.back();
    }
    for (std::size_t group = 0; left > 0; group = (group + 1) % byLetter.size()) {
        if (share[group] < byLetter[group].size()) {
            ++share[group];
            --left;
        }
    }
    for (std::size_t group = 0; group < byLetter.size(); ++group)
        for (std::size_t i = 0; i < share[group]; ++i)
            ++steps[byLetter[group][i * byLetter[group].size() / share[group]]];
}

} // namespace

std::vector<int> apportion(std::span<const Claim> claims, int steps) {
    std::int64_t total = 0;
    for (const Claim& claim : claims)
        total += claim.weight;

    std::vector<int> result(claims.size());
    std::vector<std::int64_t> remainder(claims.size());
    auto left = static_cast<std::size_t>(steps);
    for (std::size_t i = 0; i < claims.size(); ++i) {
        result[i] = static_cast<int>(claims[i].weight * steps / total);
        remainder[i] = claims[i].weight * steps % total;
        left -= static_cast<std::size_t>(result[i]);
    }
    if (left == 0)
        return result;

    std::vector<std::size_t> order(claims.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return remainder[a] > remainder[b]; });
    const std::int64_t last = remainder[order[left - 1]];
    std::vector<std::size_t> tied;
    for (std::size_t claim : order) {
        if (remainder[claim] > last) {
            ++result[claim];
            --left;
        } else if (remainder[claim] == last) {
            tied.push_back(claim);
        }
    }
    serveTied(claims, tied, left, result);
    return result;
}

} // namespace steploom
