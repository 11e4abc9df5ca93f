// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/error.h"
#include "engine/text/pre_tokenizer.h"

#include <QtTest>

using namespace steploom;
using nlohmann::json;

namespace {

json byteLevel(bool regex, bool prefix = false) {
    return {{"type", "ByteLevel"}, {"add_prefix_space", prefix}, {"use_regex", regex}};
}

json split(const std::string& regex) {
    return {{"type", "Split"}, {"pattern", {{"Regex", regex}}}, {"behavior", "Isolated"}, {"invert", false}};
}

json sequence(std::vector<json> stages) {
    return {{"type", "Sequence"}, {"pretokenizers", std::move(stages)}};
}

/// The words with "|" between them.
QByteArray wordsOf(const PreTokenizer& preTokenizer, std::string_view text) {
    PreTokenizer::Words words;
    preTokenizer.split(text, words);
    QByteArray shown;
    for (const std::string_view word : words.views)
        shown += (shown.isEmpty() ? "" : "|") + QByteArray(word.data(), static_cast<int>(word.size()));
    return shown;
}

QByteArray wordsOf(const json& description, std::string_view text) {
    return wordsOf(PreTokenizer::fromJson(description, "test.json"), text);
}

/// The message with which a description is refused.
QByteArray refusalOf(const json& description) {
    try {
        PreTokenizer::fromJson(description, "test.json");
    } catch (const Error& error) {
        const auto& parts = error.parts();
        const bool whole =
            !parts.what.empty() && !parts.where.empty() && !parts.why.empty() && !parts.remedy.empty();
        return whole && error.kind() == ErrorKind::Tokenizer ? error.what()
                                                             : "a part of the message is missing";
    }
    return "accepted";
}

} // namespace

class PreTokenizerTest : public QObject {
    Q_OBJECT

private slots:
    void byteLevelCutsAsGpt2Does() {
        QCOMPARE(wordsOf(byteLevel(true), "Hello  world's 42nd\n\n test!?"),
                 QByteArray("Hello| | world|'s| 42|nd|\n\n| test|!?"));
        QCOMPARE(wordsOf(byteLevel(true), ""), QByteArray());
    }

    void qwen2CutsDigitsAndLinesApart() {
        QCOMPARE(wordsOf(PreTokenizer::qwen2(), "Hello  world's 42nd\n\n test!?"),
                 QByteArray("Hello| | world|'s| |4|2|nd|\n\n| test|!?"));
        QCOMPARE(wordsOf(PreTokenizer::qwen2(), "I'LL say: don'T\r\n  (x)=1;\n\n\ty"),
                 QByteArray("I|'LL| say|:| don|'T|\r\n| | (|x|)=|1|;\n\n|\ty"));
    }

    void quantifiersThatGiveNothingBackAreUnderstood() {
        // As in the tokenizers of the Ling family.
        const json possessive = split(R"('(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}|)"
                                      R"( ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+)");
        QCOMPARE(wordsOf(sequence({possessive, byteLevel(false)}), "I'LL  say 42;\n\nx"),
                 QByteArray("I|'LL| | say| |4|2|;\n\n|x"));
    }

    void byteLevelWithoutItsPatternCutsNothing() {
        QCOMPARE(wordsOf(byteLevel(false), "Hello world's"), QByteArray("Hello world's"));
    }

    void aPrefixSpaceIsPutBeforeEachPieceThatHasNone() {
        QCOMPARE(wordsOf(byteLevel(true, true), "Hello world"), QByteArray(" Hello| world"));
        QCOMPARE(wordsOf(byteLevel(true, true), " Hello"), QByteArray(" Hello"));
        QCOMPARE(wordsOf(sequence({split("b"), byteLevel(false, true)}), "abc"), QByteArray(" a| b| c"));
    }

    void aSplitIsolatesMatchesAndWhatLiesBetween() {
        QCOMPARE(wordsOf(sequence({split("[0-9]{1,3}"), byteLevel(false)}), "ab1234cd"),
                 QByteArray("ab|123|4|cd"));
        QCOMPARE(wordsOf(sequence({split("x*"), byteLevel(false)}), "axxb"),
                 QByteArray("a|xx|b")); // empty matches
        QCOMPARE(wordsOf(sequence({split("(?<=a)b"), byteLevel(false)}), "abb"), QByteArray("a|b|b"));
        QCOMPARE(wordsOf(sequence({split("(a)(b)"), byteLevel(false)}), "xaby"), QByteArray("x|ab|y"));
    }

    void aSplitOnAStringTakesItLiterally() {
        const json dot = {{"type", "Split"}, {"pattern", {{"String", "."}}}, {"behavior", "Isolated"}};
        QCOMPARE(wordsOf(sequence({dot, byteLevel(false)}), "a.bc"), QByteArray("a|.|bc"));
    }

    void stagesCutThePiecesOfTheOneBefore() {
        QCOMPARE(wordsOf(sequence({split("\\p{N}"), split("[^\\r\\n]+"), byteLevel(true)}), "a b12"),
                 QByteArray("a| b|1|2"));
    }

    void whiteSpaceIsUnicodesWhiteSpace() {
        // U+180E is a space to PCRE2, but not to Unicode; U+0085 and U+3000 are to both.
        QCOMPARE(wordsOf(sequence({split("\\s"), byteLevel(false)}), "a\xE1\xA0\x8E"
                                                                     "b\xC2\x85"
                                                                     "c\xE3\x80\x80"
                                                                     "d"),
                 QByteArray("a\xE1\xA0\x8E"
                            "b|\xC2\x85|c|\xE3\x80\x80|d"));
        QCOMPARE(wordsOf(sequence({split("[^\\s\\]]+"), byteLevel(false)}), "a\xE1\xA0\x8E"
                                                                            "b] c"),
                 QByteArray("a\xE1\xA0\x8E"
                            "b|] |c"));
        QCOMPARE(wordsOf(sequence({split("\\S+"), byteLevel(false)}), "a\xE1\xA0\x8E b"),
                 QByteArray("a\xE1\xA0\x8E| |b"));
    }

    void whatIsNotKnownIsRefused() {
        QVERIFY2(refusalOf({{"type", "Metaspace"}}).contains("\"Metaspace\""),
                 refusalOf({{"type", "Metaspace"}}));
        QVERIFY(refusalOf(sequence({split("a")})).contains("does not end in a ByteLevel stage"));
        QVERIFY(refusalOf(sequence({})).contains("does not end in a ByteLevel stage"));
        QVERIFY(refusalOf(sequence({byteLevel(true), split("a")})).contains("\"Split\" follows ByteLevel"));
        QVERIFY(refusalOf(sequence({sequence({split("a")}), byteLevel(true)})).contains("\"Sequence\""));
        json removing = split("a");
        removing["behavior"] = "Removed";
        QVERIFY(refusalOf(sequence({removing, byteLevel(true)})).contains("\"Removed\""));
        QVERIFY(refusalOf(json::object()).contains("\"type\" is absent"));
        QVERIFY(refusalOf({{"type", "ByteLevel"}, {"use_regex", 1}}).contains("\"use_regex\" is number"));
    }

    void patternsThatCannotBeUsedAreRefused() {
        QVERIFY(refusalOf(sequence({split("(a"), byteLevel(true)})).contains("missing closing parenthesis"));
        QVERIFY(refusalOf(sequence({split("[a[b]]"), byteLevel(true)})).contains("nests or intersects"));
        QVERIFY(refusalOf(sequence({split("[\\w&&[^a]]"), byteLevel(true)})).contains("nests or intersects"));
    }

    void patternsAndStagesAreBounded() {
        QVERIFY(
            refusalOf(sequence({split(std::string(10'001, 'a')), byteLevel(true)})).contains("10001 bytes"));
        std::vector<json> stages(32, split("a"));
        stages.push_back(byteLevel(true));
        QVERIFY(refusalOf(sequence(stages)).contains("more than 32 stages"));
        stages.erase(stages.begin());
        QCOMPARE(refusalOf(sequence(stages)), QByteArray("accepted"));
    }

    void longRunsOfWhiteSpaceStayWithinTheSteps() {
        // Llama 3's: the run is looked through for a line break to its end, then given back byte by byte.
        const json llama3 = sequence({split(R"(\s*[\r\n]+|\s+(?!\S)|\s+)"), byteLevel(false)});
        const std::string spaces(300'000, ' ');
        const QByteArray words = wordsOf(llama3, spaces + "a");
        QCOMPARE(words.count('|'), 2);
    }

    void aPatternThatTakesTooManyStepsIsGivenUp() {
        PreTokenizer::Words words;
        const auto slow = PreTokenizer::fromJson(sequence({split("(a+)+$"), byteLevel(false)}), "test.json");
        try {
            slow.split(std::string(64, 'a') + "b", words);
            QFAIL("finished");
        } catch (const Error& error) {
            QCOMPARE(error.kind(), ErrorKind::Tokenizer);
            QVERIFY2(error.parts().why.find("match limit") != std::string::npos, error.what());
        }
    }
};

QTEST_GUILESS_MAIN(PreTokenizerTest)
#include "pre_tokenizer_test.moc"
