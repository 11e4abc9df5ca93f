// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/error.h"
#include "tests/engine/text/tokenizer_files.h"

#include <QtTest>

#include <thread>

using namespace steploom;
using namespace steploom::testing;
using nlohmann::json;

class TokenizerTest : public QObject {
    Q_OBJECT

private slots:
    void everyByteOfTextComesBack() {
        const auto tokenizer = load(byteTokenizer());
        QCOMPARE(tokenizer->size(), 257);
        const std::string text = "tab\t nul\x01 \xC3\xA9 \xE6\x97\xA5 \xF0\x9F\x98\x80 \x7F";
        const auto ids = tokenizer->encode(text);
        QCOMPARE(ids.size(), text.size());
        QCOMPARE(tokenizer->decode(ids), text);
    }

    void anAddedTokenInTheTextBecomesItsId() {
        const auto tokenizer = load(byteTokenizer());
        QCOMPARE(tokensOf(*tokenizer, "a<|endoftext|>b"), std::string("a|<|endoftext|>|b"));
        QCOMPARE(tokenizer->encode("<|endoftext|>"), std::vector<std::int32_t>{256});
        QCOMPARE(tokenizer->idOf("<|endoftext|>"), std::optional<std::int32_t>(256));
        QVERIFY(tokenizer->isSpecial(256));
        QVERIFY(!tokenizer->isSpecial(0));
        QVERIFY(!tokenizer->isSpecial(-1) && !tokenizer->isSpecial(257));
    }

    void ofTwoAddedTokensAtOnePlaceTheLongerIsTaken() {
        const auto tokenizer = loadChanged([](json& document) {
            document["added_tokens"].push_back(addedToken(257, "<a>"));
            document["added_tokens"].push_back(addedToken(258, "<a><b>"));
            document["added_tokens"].push_back(addedToken(259, "x<a>"));
        });
        QCOMPARE(tokensOf(*tokenizer, "y<a><b><a>"), std::string("y|<a><b>|<a>"));
        QCOMPARE(tokensOf(*tokenizer, "x<a><b>"),
                 std::string("x<a>|<|b|>")); // the leftmost before the longest
    }

    void strippingTokensTakeTheWhiteSpaceBesideThem() {
        const auto tokenizer = loadChanged([](json& document) {
            json left = addedToken(257, "<left>"), right = addedToken(258, "<right>");
            left["lstrip"] = true;
            right["rstrip"] = true;
            document["added_tokens"].push_back(left);
            document["added_tokens"].push_back(right);
        });
        QCOMPARE(tokensOf(*tokenizer, "a \xE2\x80\x83<left> b"), std::string("a|<left>| |b"));
        QCOMPARE(tokensOf(*tokenizer, "a <right>\n\t b"), std::string("a| |<right>|b"));
        // Both want the space between them: the first has it already.
        QCOMPARE(tokensOf(*tokenizer, "<right> <left>"), std::string("<right>|<left>"));
    }

    void aSingleWordTokenIsNotFoundInsideAWord() {
        const auto tokenizer = loadChanged([](json& document) {
            json word = addedToken(257, "no");
            word["single_word"] = true;
            document["added_tokens"].push_back(word);
        });
        QCOMPARE(tokensOf(*tokenizer, "no, no."), std::string("no|,| |no|."));
        QCOMPARE(tokensOf(*tokenizer, "nor"), std::string("n|o|r"));
        QCOMPARE(tokensOf(*tokenizer, "_no"), std::string("_|n|o"));
        QCOMPARE(tokenizer->encode("\xC3\xA9no").size(), std::size_t{4}); // é is a letter too
    }

    void aPieceThatSpellsNothingDoesNoHarm() {
        const auto tokenizer = loadChanged([](json& document) { document["model"]["vocab"][""] = 257; });
        QVERIFY(tokenizer->bytesOf(257).empty());
        QCOMPARE(tokensOf(*tokenizer, "ab"), std::string("a|b"));
    }

    void plainTokensAreFoundBeforeNormalizedOnes() {
        const auto tokenizer = loadChanged([](json& document) {
            json normalized = addedToken(257, "abc");
            normalized["normalized"] = true;
            document["added_tokens"].push_back(normalized);
            document["added_tokens"].push_back(addedToken(258, "bc"));
        });
        QCOMPARE(tokensOf(*tokenizer, "abc"), std::string("a|bc"));
    }

    void theTemplateWrapsTheText() {
        const auto tokenizer = loadChanged([](json& document) {
            document["added_tokens"].push_back(addedToken(257, "<s>"));
            document["post_processor"] = {
                {"type", "TemplateProcessing"},
                {"single",
                 {{{"SpecialToken", {{"id", "<s>"}, {"type_id", 0}}}},
                  {{"Sequence", {{"id", "A"}, {"type_id", 0}}}},
                  {{"SpecialToken", {{"id", "<e>"}, {"type_id", 0}}}}}},
                {"special_tokens",
                 {{"<s>", {{"id", "<s>"}, {"ids", {257}}, {"tokens", {"<s>"}}}},
                  {"<e>", {{"id", "<e>"}, {"ids", {256}}, {"tokens", {"<|endoftext|>"}}}}}}};
        });
        QCOMPARE(tokensOf(*tokenizer, "ab", true), std::string("<s>|a|b|<|endoftext|>"));
        QCOMPARE(tokensOf(*tokenizer, "ab", false), std::string("a|b"));
        QCOMPARE(tokenizer->encode("", true).size(), std::size_t{2});
    }

    void ignoreMergesTakesAWordThatIsAPieceWhole() {
        // "abc" is a piece that its merges do not reach: "bc" is merged first, and "a bc" is no merge.
        const auto change = [](bool ignore) {
            return [ignore](json& document) {
                addMerge(document, "b", "c");
                addMerge(document, "a", "b");
                addMerge(document, "ab", "c");
                document["model"]["ignore_merges"] = ignore;
            };
        };
        QCOMPARE(tokensOf(*loadChanged(change(false)), "abc"), std::string("a|bc"));
        QCOMPARE(tokensOf(*loadChanged(change(true)), "abc"), std::string("abc"));
        QVERIFY(loadChanged(change(false))->fingerprint() != loadChanged(change(true))->fingerprint());
    }

    void theMaskTokenIsFoundByItsName() {
        TemporaryFolder folder;
        writeByteTokenizer(folder.path(), true);
        QCOMPARE(Tokenizer::load(folder.path())->maskToken(), std::optional<std::int32_t>(257));
        QVERIFY(!load(byteTokenizer())->maskToken());
        const auto other = loadChanged(
            [](json& document) { document["added_tokens"].push_back(addedToken(257, "<|mdm_mask|>")); });
        QCOMPARE(other->maskToken(), std::optional<std::int32_t>(257));
    }

    void piecesAreFoundByTheirSpelling() {
        const auto tokenizer =
            loadChanged([](json& document) { addMerge(document, "\xC4\xA0", "a"); }); // "Ġ"
        QCOMPARE(tokenizer->idOf("\xC4\xA0"
                                 "a"),
                 std::optional<std::int32_t>(257));
        QCOMPARE(tokenizer->bytesOf(257), std::string_view(" a"));
        QVERIFY(!tokenizer->idOf(" a"));
        QVERIFY(!tokenizer->idOf("\xC4")); // not even UTF-8
        QVERIFY(!tokenizer->idOf(""));
    }

    void addedTokensOutsideTheAlphabetComeBackAsTheyAre() {
        const auto tokenizer = loadChanged([](json& document) {
            document["added_tokens"].push_back(addedToken(257, "\xE2\x96\x81 caf\xC3\xA9"));
        });
        const std::string text = "a\xE2\x96\x81 caf\xC3\xA9";
        QCOMPARE(tokenizer->encode(text), (std::vector<std::int32_t>{*tokenizer->idOf("a"), 257}));
        QCOMPARE(tokenizer->decode(tokenizer->encode(text)), text);
    }

    void decodingReplacesBrokenCharactersAndLeavesUnknownIdsOut() {
        const auto tokenizer = load(byteTokenizer());
        const auto ids = tokenizer->encode("a\xE6\x97\xA5z");
        const std::vector<std::int32_t> broken = {ids[0], ids[1], ids[2], ids[4], -1, 257, 1 << 30, 256};
        QCOMPARE(tokenizer->decode(broken), std::string("a\xEF\xBF\xBDz<|endoftext|>"));
        QCOMPARE(tokenizer->decode(broken, true), std::string("a\xEF\xBF\xBDz"));
        QVERIFY(tokenizer->bytesOf(-1).empty() && tokenizer->bytesOf(257).empty());
    }

    void aStreamHoldsHalfACharacterBack() {
        const auto tokenizer = load(byteTokenizer());
        const auto ids = tokenizer->encode("\xF0\x9F\x98\x80!");
        StreamDecoder stream(tokenizer);
        QCOMPARE(stream.add(ids[0]), std::string());
        QCOMPARE(stream.add(ids[1]), std::string());
        QCOMPARE(stream.add(ids[2]), std::string());
        QCOMPARE(stream.add(ids[3]), std::string("\xF0\x9F\x98\x80"));
        QCOMPARE(stream.add(ids[4]), std::string("!"));
        QCOMPARE(stream.finish(), std::string());
        stream.add(ids[0]);
        QCOMPARE(stream.finish(), std::string("\xEF\xBF\xBD"));
        stream.add(ids[0]); // a character that another interrupts
        QCOMPARE(stream.add(ids[4]), std::string("\xEF\xBF\xBD!"));
    }

    void invalidUtf8IsRefusedWithItsPlace() {
        const auto tokenizer = load(byteTokenizer());
        try {
            tokenizer->encode("ab\xFF");
            QFAIL("accepted");
        } catch (const Error& error) {
            QCOMPARE(error.kind(), ErrorKind::Text);
            QVERIFY2(error.parts().why.find("byte 2") != std::string::npos, error.what());
            QVERIFY(!error.parts().remedy.empty());
        }
    }

    void fingerprintsTellTokenizersApart() {
        const std::string plain = load(byteTokenizer())->fingerprint();
        QCOMPARE(load(byteTokenizer())->fingerprint(), plain);
        const auto swapped = loadChanged([](json& document) {
            std::swap(document["model"]["vocab"]["a"], document["model"]["vocab"]["b"]);
        });
        const auto prefixed =
            loadChanged([](json& document) { document["pre_tokenizer"]["add_prefix_space"] = true; });
        const auto stripping =
            loadChanged([](json& document) { document["added_tokens"][0]["lstrip"] = true; });
        for (const auto& other : {swapped, prefixed, stripping})
            QVERIFY(other->fingerprint() != plain);
    }

    void longRunsOfOneCharacterAreEncodedInTime() {
        // A merge loop that looks at all pairs again after each merge would take hours here.
        const auto tokenizer = loadChanged([](json& document) {
            std::string run = "a";
            for (int i = 0; i < 4; ++i, run += run)
                addMerge(document, run, run);
        });
        const std::string letters(1'000'000, 'a');
        QCOMPARE(tokenizer->encode(letters).size(), letters.size() / 16);
        for (const char character : {' ', '\n', '1', '!'})
            QCOMPARE(tokenizer->encode(std::string(1'000'000, character)).size(), std::size_t{1'000'000});
    }

    void threadsShareATokenizer() {
        const auto tokenizer = Tokenizer::load(goldenPath("tokenizers/llama3_style.json"));
        const std::string text = "Once upon a time there were 12 na\xC3\xAFve dogs, weren't there?\n\n";
        const auto expected = tokenizer->encode(text);
        std::atomic<int> differing = 0;
        {
            std::vector<std::jthread> threads;
            for (int i = 0; i < 4; ++i)
                threads.emplace_back([&] {
                    for (int round = 0; round < 50; ++round)
                        differing +=
                            tokenizer->encode(text) != expected || tokenizer->decode(expected) != text;
                });
        }
        QCOMPARE(differing.load(), 0);
    }
};

QTEST_GUILESS_MAIN(TokenizerTest)
#include "tokenizer_test.moc"
