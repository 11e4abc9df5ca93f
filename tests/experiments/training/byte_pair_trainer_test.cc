// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/training/byte_pair_trainer.h"

#include "engine/text/tokenizer.h"
#include "experiments/training/pair_merging.h"
#include "tests/testing/errors.h"
#include "tests/testing/paths.h"

#include <QtTest>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <string>

using namespace steploom;
using namespace steploom::testing;
using nlohmann::json;

namespace {

using Documents = std::vector<std::string>;

TrainedTokenizer train(const Documents& documents, int vocabulary) {
    const std::vector<std::string_view> views(documents.begin(), documents.end());
    return trainBytePairs(views, {.vocabulary = vocabulary});
}

QStringList mergesOf(const TrainedTokenizer& trained) {
    QStringList merges;
    const json document = json::parse(trained.json);
    for (const json& merge : document["model"]["merges"])
        merges << QString::fromStdString(merge.get<std::string>());
    return merges;
}

/// Words of a made-up language, some far more frequent than others, so that pairs of all counts occur.
std::string madeUpText(unsigned seed, int words) {
    std::mt19937 random(seed);
    std::string text;
    for (int i = 0; i < words; ++i) {
        const unsigned number = random() % (1 + random() % 400);
        for (unsigned rest = number + 3; rest > 0; rest /= 5)
            text += "aeint"[rest % 5];
        text += i % 11 == 0 ? ".\n" : " ";
    }
    return text;
}

/// What PairMerging promises, as short as it gets: count all pairs, merge the best, begin again.
class PlainMerging {
public:
    PlainMerging(const WordCounts& words) {
        for (const auto& [text, count] : words) {
            std::vector<int> symbols;
            for (const char byte : text)
                symbols.push_back(static_cast<unsigned char>(byte));
            m_words.push_back({symbols, count});
        }
        for (int byte = 0; byte < 256; ++byte)
            m_pieces.emplace_back(1, static_cast<char>(byte));
    }

    std::optional<std::array<int, 3>> mergeNext() {
        std::map<std::pair<int, int>, std::uint64_t> counts;
        for (const auto& [symbols, count] : m_words)
            for (std::size_t i = 1; i < symbols.size(); ++i)
                counts[{symbols[i - 1], symbols[i]}] += count;
        std::pair<int, int> best;
        std::uint64_t most = 1;
        for (const auto& [pair, count] : counts) // in ascending order: the first of equals stays
            if (count > most) {
                most = count;
                best = pair;
            }
        if (most < 2)
            return std::nullopt;
        const std::string joined =
            m_pieces[static_cast<std::size_t>(best.first)] + m_pieces[static_cast<std::size_t>(best.second)];
        auto known = std::find(m_pieces.begin(), m_pieces.end(), joined);
        const int result = static_cast<int>(known - m_pieces.begin());
        if (known == m_pieces.end())
            m_pieces.push_back(joined);
        for (auto& [symbols, count] : m_words)
            for (std::size_t i = 1; i < symbols.size(); ++i)
                if (symbols[i - 1] == best.first && symbols[i] == best.second) {
                    symbols[i - 1] = result;
                    symbols.erase(symbols.begin() + static_cast<std::ptrdiff_t>(i));
                }
        return std::array{best.first, best.second, result};
    }

private:
    std::vector<std::pair<std::vector<int>, std::uint64_t>> m_words;
    std::vector<std::string> m_pieces;
};

} // namespace

class BytePairTrainerTest : public QObject {
    Q_OBJECT

private slots:
    void mergesAreThoseCountedByHand_data() {
        QTest::addColumn<QStringList>("documents");
        QTest::addColumn<QStringList>("merges");
        // The example in the tests of Hugging Face's tokenizers: "re" 3 times, then "are" and "is" twice.
        QTest::newRow("tokenizers") << QStringList{"roses", "are", "red", "voilets", "are", "blue", "BERT",
                                                   "is",    "big", "and", "so",      "is",  "GPT-2"}
                                    << QStringList{"r e", "a re", "i s"};
        QTest::newRow("most frequent first")
            << QStringList{"xy", "xy", "ab", "ab", "ab"} << QStringList{"a b", "x y"};
        // Equals go by the lower left piece, then the lower right one.
        QTest::newRow("ties") << QStringList{"zb", "zb", "yc", "yc", "yb", "yb"}
                              << QStringList{"y b", "y c", "z b"};
        // Ids number the characters that stand for bytes: "\n" is Ċ, behind all of ASCII; space is Ġ.
        QTest::newRow("ties of spelled bytes")
            << QStringList{" a", " a", "zb", "zb"} << QStringList{"z b", "Ġ a"};
        // A merged piece comes behind all bytes: "ab"+"c" loses to "d"+"e".
        QTest::newRow("ties with new pieces")
            << QStringList{"abc", "abc", "ab", "de", "de"} << QStringList{"a b", "d e", "ab c"};
        // Overlapping occurrences count, and are merged from the left: aaa becomes aa a.
        QTest::newRow("overlaps") << QStringList{"aaaa", "aaaa", "aaa"} << QStringList{"a a", "aa aa"};
        QTest::newRow("words do not join") << QStringList{"a1", "a1", "b!", "b!"} << QStringList{};
        QTest::newRow("documents do not join") << QStringList{"x", "y", "x", "y"} << QStringList{};
    }
    void mergesAreThoseCountedByHand() {
        QFETCH(QStringList, documents);
        QFETCH(QStringList, merges);
        Documents texts;
        for (const QString& document : documents)
            texts.push_back(document.toStdString());
        const int supported = 257 + static_cast<int>(merges.size());
        const TrainedTokenizer trained = train(texts, supported);
        QCOMPARE(mergesOf(trained), merges);
        QCOMPARE(trained.merges, static_cast<int>(merges.size()));
        const QString said = QString("supports %1 pieces").arg(supported);
        expectError([&] { train(texts, supported + 1); }, ErrorKind::Tokenizer,
                    {said.toUtf8().constData(), QByteArray::number(supported + 1).constData()});
    }

    void randomTextsMergeAsTheDefinitionSays() {
        for (unsigned seed = 0; seed < 5; ++seed) {
            const std::string text = madeUpText(seed, 600);
            const std::string_view view = text;
            const WordCounts words = countWords({&view, 1}, {}, {});
            std::array<PairMerging::Piece, 256> bytes{};
            for (std::size_t byte = 0; byte < 256; ++byte)
                bytes[byte] = static_cast<PairMerging::Piece>(byte);
            PairMerging merging(words, bytes);
            PlainMerging plain(words);
            int merges = 0;
            for (bool more = true; more; ++merges) {
                const auto expected = plain.mergeNext();
                const auto merge = merging.mergeNext();
                more = merge.has_value();
                QCOMPARE(more, expected.has_value());
                if (more)
                    QCOMPARE((std::array<int, 3>{merge->left, merge->right, merge->result}), *expected);
            }
            QVERIFY(merges > 50);
        }
    }

    void theFileHasExactlyTheSizeAskedFor_data() {
        QTest::addColumn<int>("vocabulary");
        QTest::newRow("bytes alone") << 257;
        QTest::newRow("one merge") << 258;
        QTest::newRow("some") << 300;
    }
    void theFileHasExactlyTheSizeAskedFor() {
        QFETCH(int, vocabulary);
        const std::string text = madeUpText(1, 3'000) + " \"çà et là\" — 日本\t\r\n\x01";
        const TrainedTokenizer trained = train({text}, vocabulary);
        const auto tokenizer = Tokenizer::parse(trained.json, "trained");
        QCOMPARE(tokenizer->size(), vocabulary);
        QCOMPARE(trained.pieces, vocabulary);
        QCOMPARE(tokenizer->idOf("<|endoftext|>"), std::optional<std::int32_t>(vocabulary - 1));
        QVERIFY(tokenizer->isSpecial(vocabulary - 1));
        const std::vector<std::int32_t> ids = tokenizer->encode(text);
        QCOMPARE(tokenizer->decode(ids), text);
        // The count of tokens that comes for free with training is the tokenizer's.
        QCOMPARE(static_cast<std::size_t>(trained.tokens), ids.size());
        QCOMPARE(static_cast<std::size_t>(trained.bytes), text.size());
        QCOMPARE(tokenizer->encode("a<|endoftext|>")[1], vocabulary - 1);
    }

    void theFileHasTheFormOfTheBundledOne() {
        const json ours = json::parse(train({madeUpText(1, 500)}, 280).json);
        const json bundled = json::parse(readText(resourcePath("checkpoints/heavy/tokenizer.json")));
        for (const auto& [key, value] : bundled.items())
            if (key != "model" && key != "added_tokens")
                QVERIFY2(ours.at(key) == value, key.c_str());
        for (const auto& [key, value] : bundled["model"].items())
            if (key != "vocab" && key != "merges")
                QVERIFY2(ours["model"].at(key) == value, key.c_str());
        json added = bundled["added_tokens"];
        added[0]["id"] = 279;
        QVERIFY(ours["added_tokens"] == added);
        for (const auto& [piece, id] : bundled["model"]["vocab"].items())
            if (id < 256)
                QVERIFY2(ours["model"]["vocab"].at(piece) == id, piece.c_str());
    }

    void theSameTextGivesTheSameFile() {
        // Long enough for several stretches, which threads take in any order.
        const std::string text = madeUpText(3, 150'000);
        const std::string first = train({text, "end"}, 500).json;
        QVERIFY(train({text, "end"}, 500).json == first);
        QVERIFY(train({madeUpText(4, 150'000), "end"}, 500).json != first);
    }

    void aVocabularyThatCannotBeIsRefused() {
        expectError([] { train({"some text"}, 256); }, ErrorKind::Tokenizer, {"256", "257"});
        expectError([] { train({"some text"}, -1); }, ErrorKind::Tokenizer, {"257"});
        expectError([] { train({"abc"}, 4'096); }, ErrorKind::Tokenizer,
                    {"4096", "supports 257 pieces", "257 pieces or fewer"});
    }

    void progressRisesToTheEnd() {
        std::vector<double> shares;
        const std::string text = madeUpText(3, 3'000);
        const std::string_view view = text;
        trainBytePairs({&view, 1},
                       {.vocabulary = 300, .progress = [&](double share) { shares.push_back(share); }});
        QVERIFY(shares.size() > 10 && std::is_sorted(shares.begin(), shares.end()));
        QCOMPARE(shares.back(), 1.0);
    }

    void itStopsWhereverItIs() {
        const std::string text = madeUpText(3, 3'000);
        const std::string_view view = text;
        for (const double when : {0.0, 0.1, 0.8}) {
            std::stop_source stop;
            double last = 0;
            expectError(
                [&] {
                    trainBytePairs({&view, 1}, {.vocabulary = 300,
                                                .progress =
                                                    [&](double share) {
                                                        last = share;
                                                        if (share >= when)
                                                            stop.request_stop();
                                                    },
                                                .stop = stop.get_token()});
                },
                ErrorKind::Tokenizer, {"stopped"});
            QVERIFY(last < 0.9);
        }
    }
};

QTEST_GUILESS_MAIN(BytePairTrainerTest)
#include "byte_pair_trainer_test.moc"
