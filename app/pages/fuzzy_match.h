// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <optional>
#include <vector>

namespace steploom {

/// How well a typed text fits a name, and which of the name's characters it found.
struct FuzzyMatch {
    int score = 0;              ///< higher is better
    std::vector<int> positions; ///< ascending
};

/// All characters of the pattern, blanks aside, occur in the name in this order, whatever their case;
/// otherwise nothing. Whole words count most, then beginnings of words, then neighbours; gaps cost. Words of
/// the pattern may also stand in another order. An empty pattern fits everything with 0.
std::optional<FuzzyMatch> fuzzyMatch(const QString& pattern, const QString& name);

} // namespace steploom
