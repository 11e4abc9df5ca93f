// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/text/byte_pair_encoding.h"

#include <QtTest>

#include <random>
#include <string>

using namespace steploom;

namespace {

/// The definition, as short as it gets: look at all pairs, merge the leftmost of the lowest rank, begin
/// again.
std::vector<std::int32_t> mergePlainly(std::vector<std::int32_t> ids,
                                       const std::vector<BytePairEncoding::Merge>& merges) {
    while (true) {
        std::size_t bestRank = merges.size(), bestAt = 0;
        for (std::size_t at = 0; at + 1 < ids.size(); ++at)
            for (std::size_t rank = 0; rank < bestRank; ++rank)
                if (merges[rank].left == ids[at] && merges[rank].right == ids[at + 1]) {
                    bestRank = rank;
                    bestAt = at;
                }
        if (bestRank == merges.size())
            return ids;
        ids[bestAt] = merges[bestRank].result;
        ids.erase(ids.begin() + static_cast<std::ptrdiff_t>(bestAt) + 1);
    }
}

} // namespace

class BytePairEncodingTest : public QObject {
    Q_OBJECT

private slots:
    void randomVocabulariesMergeAsTheDefinitionSays() {
        std::mt19937 random(7);
        for (int round = 0; round < 200; ++round) {
            std::vector<std::string> pieces;
            for (int byte = 0; byte < 256; ++byte)
                pieces.emplace_back(1, static_cast<char>(byte));
            std::vector<BytePairEncoding::Merge> merges;
            std::vector<std::int32_t> usable = {'a', 'b', 'c'};
            for (int i = 0; i < 20; ++i) {
                const std::int32_t left = usable[random() % usable.size()],
                                   right = usable[random() % usable.size()];
                const std::string joined =
                    pieces[static_cast<std::size_t>(left)] + pieces[static_cast<std::size_t>(right)];
                auto known = std::find(pieces.begin(), pieces.end(), joined);
                const auto result = static_cast<std::int32_t>(known - pieces.begin());
                if (known == pieces.end())
                    pieces.push_back(joined);
                const bool repeated = std::any_of(merges.begin(), merges.end(), [&](const auto& merge) {
                    return merge.left == left && merge.right == right;
                });
                if (repeated)
                    continue;
                merges.push_back({left, right, result});
                usable.push_back(result);
            }
            BytePairEncoding::Pieces table;
            for (std::size_t id = 0; id < pieces.size(); ++id)
                table.emplace(pieces[id], static_cast<std::int32_t>(id));
            const BytePairEncoding encoding(std::move(table), merges, false);
            BytePairEncoding::Scratch scratch;
            for (int length = 1; length < 60; length += 3) {
                std::string word;
                for (int i = 0; i < length; ++i)
                    word += static_cast<char>('a' + random() % 3);
                std::vector<std::int32_t> ids;
                encoding.encode(word, scratch, ids);
                QCOMPARE(ids, mergePlainly({word.begin(), word.end()}, merges));
            }
        }
    }
};

QTEST_GUILESS_MAIN(BytePairEncodingTest)
#include "byte_pair_encoding_test.moc"
