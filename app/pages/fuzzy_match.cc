// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/fuzzy_match.h"

#include <QStringList>

#include <algorithm>
#include <limits>

namespace steploom {
namespace {

constexpr int kEach = 1;
constexpr int kWordBegin = 8;
constexpr int kNeighbour = 5;
constexpr int kGap = 1; ///< lost for every character passed over, up to kMostGap
constexpr int kMostGap = 6;
constexpr int kNone = std::numeric_limits<int>::min() / 2;

bool beginsWord(const QString& name, int at) {
    return at == 0 || (!name[at - 1].isLetterOrNumber() && name[at].isLetterOrNumber());
}

/// The best placing of the characters in their order: best[i][j] is the score with character i at place j.
/// O(pattern · name) by carrying the best of all earlier places along.
std::optional<FuzzyMatch> inOrder(const QString& pattern, const QString& name) {
    const int m = static_cast<int>(pattern.size()), n = static_cast<int>(name.size());
    if (m > n)
        return std::nullopt;
    std::vector<std::vector<int>> best(m, std::vector<int>(n, kNone)), from(m, std::vector<int>(n, -1));
    for (int i = 0; i < m; ++i) {
        for (int j = i; j < n; ++j) {
            if (name[j] != pattern[i])
                continue;
            const int here = kEach + (beginsWord(name, j) ? kWordBegin : 0);
            if (i == 0) {
                best[i][j] = here - std::min(j * kGap, kMostGap);
                continue;
            }
            for (int k = i - 1; k < j; ++k) {
                if (best[i - 1][k] == kNone)
                    continue;
                const int step = k == j - 1 ? kNeighbour : -std::min((j - k - 1) * kGap, kMostGap);
                if (best[i - 1][k] + here + step > best[i][j]) {
                    best[i][j] = best[i - 1][k] + here + step;
                    from[i][j] = k;
                }
            }
        }
    }
    const auto& last = best[m - 1];
    const auto end = std::ranges::max_element(last);
    if (*end == kNone)
        return std::nullopt;
    FuzzyMatch match{*end, std::vector<int>(m)};
    for (int i = m - 1, j = static_cast<int>(end - last.begin()); i >= 0; j = from[i][j], --i)
        match.positions[i] = j;
    return match;
}

/// Every word of the pattern as a piece of the name, in any order.
std::optional<FuzzyMatch> byWords(const QStringList& words, const QString& name) {
    FuzzyMatch match;
    for (const QString& word : words) {
        int at = -1;
        for (int i = static_cast<int>(name.indexOf(word)); i >= 0;
             i = static_cast<int>(name.indexOf(word, i + 1)))
            if (at < 0 || (beginsWord(name, i) && !beginsWord(name, at)))
                at = i;
        if (at < 0)
            return std::nullopt;
        const int length = static_cast<int>(word.size());
        match.score += length * (kEach + kNeighbour) + (beginsWord(name, at) ? kWordBegin : 0);
        for (int i = 0; i < length; ++i)
            match.positions.push_back(at + i);
    }
    std::ranges::sort(match.positions);
    const auto repeated = std::ranges::unique(match.positions);
    match.positions.erase(repeated.begin(), repeated.end());
    return match;
}

} // namespace

std::optional<FuzzyMatch> fuzzyMatch(const QString& pattern, const QString& name) {
    QString lowered = name.toLower();
    if (lowered.size() != name.size())
        lowered = name; // a character whose lower case is longer: places would be off
    const QStringList words = pattern.toLower().split(u' ', Qt::SkipEmptyParts);
    if (words.isEmpty())
        return FuzzyMatch{};
    std::optional<FuzzyMatch> match = byWords(words, lowered);
    std::optional<FuzzyMatch> ordered = inOrder(words.join(QString()), lowered);
    if (!match || (ordered && ordered->score > match->score))
        match = std::move(ordered);
    return match;
}

} // namespace steploom
