// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/comparisons/common_subsequence.h"
#include "engine/comparisons/token_difference.h"

#include <QtTest>

#include <algorithm>
#include <random>
#include <string>

using namespace steploom;

namespace {

using Tokens = std::vector<std::int32_t>;

Tokens tokensOf(std::string_view letters) { return {letters.begin(), letters.end()}; }

/// "=", "~", "+" for equal, changed, only.
std::string marksOf(const std::vector<TokenMatch>& side) {
    std::string marks;
    for (const TokenMatch match : side)
        marks += match == TokenMatch::Equal ? '=' : match == TokenMatch::Changed ? '~' : '+';
    return marks;
}

/// The textbook's table.
int plainCommonLength(const Tokens& first, const Tokens& second) {
    std::vector<std::vector<int>> table(first.size() + 1, std::vector<int>(second.size() + 1));
    for (std::size_t i = 1; i <= first.size(); ++i)
        for (std::size_t j = 1; j <= second.size(); ++j)
            table[i][j] = first[i - 1] == second[j - 1] ? table[i - 1][j - 1] + 1
                                                        : std::max(table[i - 1][j], table[i][j - 1]);
    return table[first.size()][second.size()];
}

Tokens randomTokens(std::mt19937& random, std::size_t length, int vocabulary) {
    std::uniform_int_distribution<std::int32_t> token(0, vocabulary - 1);
    Tokens tokens(length);
    std::ranges::generate(tokens, [&] { return token(random); });
    return tokens;
}

} // namespace

class TestTokenDifference : public QObject {
    Q_OBJECT

private slots:
    void byPositionTokensAreComparedPlaceByPlace() {
        const TokenDifference difference = differenceByPosition(tokensOf("abcde"), tokensOf("abxd"));
        QCOMPARE(marksOf(difference.first), std::string("==~=+"));
        QCOMPARE(marksOf(difference.second), std::string("==~="));
        QCOMPARE(difference.equal, 3);
        QCOMPARE(difference.changed, 1);
        QCOMPARE(difference.onlyFirst, 1);
        QCOMPARE(difference.onlySecond, 0);
        QCOMPARE(difference.equalShare(), 0.6);
    }

    void bySequenceOneTokenMoreMovesNothing() {
        const TokenDifference difference = differenceBySequence(tokensOf("abcdef"), tokensOf("xabcdef"));
        QCOMPARE(marksOf(difference.first), std::string("======"));
        QCOMPARE(marksOf(difference.second), std::string("+======"));
        QCOMPARE(difference.onlySecond, 1);
        // By position all of it differs.
        QCOMPARE(differenceByPosition(tokensOf("abcdef"), tokensOf("xabcdef")).equal, 0);
    }

    void tokensBetweenCommonOnesStandForEachOther() {
        const TokenDifference difference = differenceBySequence(tokensOf("abXYZcd"), tokensOf("abUcd"));
        QCOMPARE(marksOf(difference.first), std::string("==~++=="));
        QCOMPARE(marksOf(difference.second), std::string("==~=="));
        QCOMPARE(difference.changed, 1);
        QCOMPARE(difference.onlyFirst, 2);
    }

    void emptyTextsAreEqualAndOneOfThemIsNotEqualAtAll() {
        QCOMPARE(differenceBySequence({}, {}).equalShare(), 1.0);
        for (const auto compare : {&differenceByPosition, &differenceBySequence}) {
            const TokenDifference difference = compare({}, tokensOf("ab"));
            QCOMPARE(difference.equalShare(), 0.0);
            QCOMPARE(difference.onlySecond, 2);
            QVERIFY(difference.first.empty());
        }
    }

    void aCommonSubsequenceIsAsLongAsTheTablesAndOneIndeed() {
        std::mt19937 random(7);
        for (int round = 0; round < 400; ++round) {
            const std::size_t longest = round % 8 == 0 ? 300 : 40; // several words of 64, too
            const Tokens first = randomTokens(random, random() % longest, 2 + round % 9);
            Tokens second = randomTokens(random, random() % longest, 2 + round % 9);
            if (round % 3 == 0) { // mostly the same, as samples of one seed are
                second = first;
                for (int change = 0; change < 3 && !second.empty(); ++change)
                    second[random() % second.size()] = -1 - change;
            }
            const auto pairs = commonSubsequence(first, second);
            QCOMPARE(static_cast<int>(pairs.size()), plainCommonLength(first, second));
            for (std::size_t i = 0; i < pairs.size(); ++i) {
                QCOMPARE(first[pairs[i].first], second[pairs[i].second]);
                if (i > 0)
                    QVERIFY(pairs[i].first > pairs[i - 1].first && pairs[i].second > pairs[i - 1].second);
            }
        }
    }

    void everyTokenOfBothSidesIsCountedOnce() {
        std::mt19937 random(11);
        for (int round = 0; round < 200; ++round) {
            const Tokens first = randomTokens(random, random() % 80, 5),
                         second = randomTokens(random, random() % 80, 5);
            for (const auto compare : {&differenceByPosition, &differenceBySequence}) {
                const TokenDifference difference = compare(first, second);
                QCOMPARE(difference.equal + difference.changed + difference.onlyFirst,
                         static_cast<int>(first.size()));
                QCOMPARE(difference.equal + difference.changed + difference.onlySecond,
                         static_cast<int>(second.size()));
                QCOMPARE(std::ranges::count(difference.second, TokenMatch::Equal), difference.equal);
                QCOMPARE(std::ranges::count(difference.first, TokenMatch::Changed), difference.changed);
                QCOMPARE(std::ranges::count(difference.second, TokenMatch::Only), difference.onlySecond);
            }
            QVERIFY(differenceBySequence(first, second).equal >= differenceByPosition(first, second).equal);
        }
    }

    void tenThousandAgainstTenThousandIsNoMatter() {
        std::mt19937 random(3);
        const Tokens first = randomTokens(random, 10'000, 4'000),
                     second = randomTokens(random, 10'000, 4'000);
        const TokenDifference difference = differenceBySequence(first, second);
        QVERIFY(difference.equal > 100 && difference.equal < 1'000);
        // Few different tokens, so that each matches often.
        QVERIFY(differenceBySequence(randomTokens(random, 10'000, 4), randomTokens(random, 10'000, 4)).equal >
                6'000);
    }
};

QTEST_APPLESS_MAIN(TestTokenDifference)
#include "test_token_difference.moc"
