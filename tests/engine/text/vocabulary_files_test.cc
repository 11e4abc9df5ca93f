// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/engine/text/tokenizer_files.h"
#include "tests/testing/errors.h"

#include <QtTest>

using namespace steploom;
using namespace steploom::testing;
using nlohmann::json;

namespace {

/// Bytes, and merges that tell the two ways to cut apart: Qwen2 cuts "12" into digits, GPT-2 does not.
void writeVocabulary(const std::filesystem::path& folder) {
    json pieces = byteTokenizer()["model"]["vocab"];
    pieces["12"] = 256;
    writeText(folder / "vocab.json", pieces.dump());
    writeText(folder / "merges.txt", "#version: 0.2\n1 2\n");
}

json specialToken(const std::string& content, bool special = true) {
    return {{"content", content}, {"lstrip", false},      {"normalized", false},
            {"rstrip", false},    {"single_word", false}, {"special", special}};
}

} // namespace

class VocabularyFilesTest : public QObject {
    Q_OBJECT

private slots:
    void theTokenizerClassDecidesHowTextIsCut_data() {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<QByteArray>("cut");
        QTest::newRow("none") << QByteArray() << QByteArray("x|12");
        QTest::newRow("GPT-2") << QByteArray("GPT2Tokenizer") << QByteArray("x|12");
        QTest::newRow("Qwen2") << QByteArray("Qwen2Tokenizer") << QByteArray("x|1|2");
        QTest::newRow("Qwen2, fast") << QByteArray("Qwen2TokenizerFast") << QByteArray("x|1|2");
        QTest::newRow("Dream") << QByteArray("DreamTokenizer") << QByteArray("x|1|2");
    }
    void theTokenizerClassDecidesHowTextIsCut() {
        QFETCH(QByteArray, name);
        QFETCH(QByteArray, cut);
        const TemporaryFolder folder;
        writeVocabulary(folder.path());
        if (!name.isEmpty())
            writeText(folder / "tokenizer_config.json",
                      json({{"tokenizer_class", name.toStdString()}}).dump());
        const auto tokenizer = Tokenizer::load(folder.path());
        QCOMPARE(QByteArray::fromStdString(tokensOf(*tokenizer, "x12")), cut);
        // Qwen2's family composes, GPT-2 takes text as it is.
        const bool composes = tokenizer->encode("e\u0301") == tokenizer->encode("\u00E9");
        QCOMPARE(composes, cut == "x|1|2");
    }

    void anotherClassIsRefusedByName() {
        const TemporaryFolder folder;
        writeVocabulary(folder.path());
        writeText(folder / "tokenizer_config.json", R"({"tokenizer_class": "WhisperTokenizer"})");
        expectError([&] { Tokenizer::load(folder.path()); }, ErrorKind::Tokenizer,
                    {"tokenizer_config.json", "WhisperTokenizer", "tokenizer.json"});
    }

    void theConfigNamesTheAddedTokens() {
        const TemporaryFolder folder;
        writeVocabulary(folder.path());
        const json config = {{"tokenizer_class", "DreamTokenizer"},
                             {"mask_token", "<|mask|>"},
                             {"added_tokens_decoder",
                              {{"257", specialToken("<|endoftext|>")},
                               {"258", specialToken("<tool>", false)},
                               {"259", specialToken("<|mask|>")}}}};
        writeText(folder / "tokenizer_config.json", config.dump());
        const auto tokenizer = Tokenizer::load(folder.path());
        QCOMPARE(tokenizer->size(), 260);
        QCOMPARE(tokenizer->maskToken(), std::optional<std::int32_t>(259));
        QVERIFY(tokenizer->isSpecial(257) && !tokenizer->isSpecial(258) && tokenizer->isSpecial(259));
        QCOMPARE(QByteArray::fromStdString(tokensOf(*tokenizer, "a<|mask|><tool>b")),
                 QByteArray("a|<|mask|>|<tool>|b"));
    }

    void olderFoldersNameThemInAFileOfTheirOwn() {
        const TemporaryFolder folder;
        writeVocabulary(folder.path());
        writeText(folder / "added_tokens.json", R"({"<|mask|>": 258, "<|endoftext|>": 257})");
        const auto tokenizer = Tokenizer::load(folder.path());
        QCOMPARE(tokenizer->size(), 259);
        QCOMPARE(tokenizer->maskToken(), std::optional<std::int32_t>(258));
    }

    void bothFormsOfOneTokenizerAreTheSame() {
        const TemporaryFolder folder;
        writeVocabulary(folder.path());
        const json config = {{"tokenizer_class", "Qwen2Tokenizer"},
                             {"added_tokens_decoder", {{"257", specialToken("<|endoftext|>")}}}};
        writeText(folder / "tokenizer_config.json", config.dump());
        const auto fast = loadChanged([](json& document) {
            document["model"]["vocab"]["12"] = 256;
            document["model"]["merges"].push_back("1 2");
            document["added_tokens"][0]["id"] = 257;
            document["normalizer"] = {{"type", "NFC"}};
            // As published with Qwen2.5.
            const std::string pattern =
                R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|)"
                R"(\s*[\r\n]+|\s+(?!\S)|\s+)";
            document["pre_tokenizer"] = {
                {"type", "Sequence"},
                {"pretokenizers",
                 {{{"type", "Split"},
                   {"pattern", {{"Regex", pattern}}},
                   {"behavior", "Isolated"},
                   {"invert", false}},
                  {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", false}}}}};
        });
        QCOMPARE(Tokenizer::load(folder.path())->fingerprint(), fast->fingerprint());
    }

    void aDamagedConfigIsRefused_data() {
        QTest::addColumn<QByteArray>("config");
        QTest::addColumn<QByteArray>("reason");
        QTest::newRow("an array") << QByteArray("[]") << QByteArray("array");
        QTest::newRow("cut off") << QByteArray("{") << QByteArray("not valid JSON");
        QTest::newRow("class") << QByteArray(R"({"tokenizer_class": 1})") << QByteArray("tokenizer_class");
        QTest::newRow("id") << QByteArray(R"({"added_tokens_decoder": {"-1": {"content": "x"}}})")
                            << QByteArray("\"-1\" cannot be an id");
        QTest::newRow("huge id") << QByteArray(R"({"added_tokens_decoder": {"99999999999999999999": {}}})")
                                 << QByteArray("cannot be an id");
        QTest::newRow("no content") << QByteArray(R"({"added_tokens_decoder": {"257": {}}})")
                                    << QByteArray("\"content\" is absent");
        QTest::newRow("gap") << QByteArray(R"({"added_tokens_decoder": {"300": {"content": "<x>"}}})")
                             << QByteArray("no piece has id 257");
    }
    void aDamagedConfigIsRefused() {
        QFETCH(QByteArray, config);
        QFETCH(QByteArray, reason);
        const TemporaryFolder folder;
        writeVocabulary(folder.path());
        writeText(folder / "tokenizer_config.json", config.toStdString());
        expectError([&] { Tokenizer::load(folder.path()); }, ErrorKind::Tokenizer, {reason.constData()});
    }
};

QTEST_GUILESS_MAIN(VocabularyFilesTest)
#include "vocabulary_files_test.moc"
