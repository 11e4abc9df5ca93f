// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/error.h"
#include "tests/engine/text/tokenizer_files.h"

#include <QtTest>

using namespace steploom;
using namespace steploom::testing;
using nlohmann::json;

namespace {

using Change = void (*)(json& document);

/// The message with which a path is refused, or what is wrong with the refusal.
QByteArray refusalOf(const std::filesystem::path& path) {
    try {
        Tokenizer::load(path);
    } catch (const Error& error) {
        const auto& parts = error.parts();
        if (error.kind() != ErrorKind::Tokenizer)
            return "an error of another kind";
        if (parts.what.empty() || parts.why.empty() || parts.remedy.empty())
            return "a part of the message is missing";
        if (parts.where.find(path.filename().string()) == std::string::npos)
            return "the path is not named";
        return error.what();
    }
    return "accepted";
}

} // namespace

Q_DECLARE_METATYPE(Change)

class TokenizerRefusalTest : public QObject {
    Q_OBJECT

private slots:
    void aFileThatDoesNotFitIsRefusedWithTheReason_data() {
        QTest::addColumn<Change>("change");
        QTest::addColumn<QByteArray>("reason");
        const auto add = [](const char* name, Change change, const char* reason) {
            QTest::newRow(name) << change << QByteArray(reason);
        };
        add(
            "WordPiece", [](json& d) { d["model"]["type"] = "WordPiece"; }, "type is \"WordPiece\"");
        add(
            "Unigram",
            [](json& d) {
                d["model"] = {{"type", "Unigram"}, {"vocab", json::array()}};
            },
            "type is \"Unigram\"");
        add(
            "no model", [](json& d) { d.erase("model"); }, "no \"model\"");
        add(
            "no vocabulary", [](json& d) { d["model"].erase("vocab"); }, "no \"vocab\"");
        add(
            "no merges", [](json& d) { d["model"].erase("merges"); }, "\"merges\" is absent");
        add(
            "byte fallback", [](json& d) { d["model"]["byte_fallback"] = true; }, "byte_fallback");
        add(
            "word suffix", [](json& d) { d["model"]["end_of_word_suffix"] = "</w>"; }, "end_of_word_suffix");
        add(
            "dropout", [](json& d) { d["model"]["dropout"] = 0.1; }, "dropout");
        add(
            "normalizer",
            [](json& d) {
                d["normalizer"] = {{"type", "NFKC"}};
            },
            "\"NFKC\"");
        add(
            "no pre-tokenizer", [](json& d) { d["pre_tokenizer"] = nullptr; }, "no pre_tokenizer");
        add(
            "decoder",
            [](json& d) {
                d["decoder"] = {{"type", "Metaspace"}};
            },
            "\"Metaspace\", not ByteLevel");
        add(
            "post-processor",
            [](json& d) {
                d["post_processor"] = {{"type", "BertProcessing"}};
            },
            "\"BertProcessing\"");
        add(
            "gap", [](json& d) { d["added_tokens"][0]["id"] = 300; }, "no piece has id 256");
        add(
            "double id", [](json& d) { d["model"]["vocab"]["a"] = d["model"]["vocab"]["b"]; },
            "\"a\" and \"b\" share the id 65");
        add(
            "negative id", [](json& d) { d["model"]["vocab"]["a"] = -1; }, "\"a\" has the negative id -1");
        add(
            "huge id", [](json& d) { d["model"]["vocab"]["a"] = 18446744073709551615u; },
            "the id of \"a\" is 18446744073709551615");
        add(
            "id of another type", [](json& d) { d["model"]["vocab"]["a"] = 1.5; }, "the id of \"a\" is 1.5");
        add(
            "added token under two ids", [](json& d) { d["added_tokens"].push_back(addedToken(257, "a")); },
            "\"a\" has id 257, but the vocabulary has it as 64");
        add(
            "added token twice", [](json& d) { d["added_tokens"].push_back(d["added_tokens"][0]); },
            "adds the token \"<|endoftext|>\" twice");
        add(
            "empty added token", [](json& d) { d["added_tokens"].push_back(addedToken(257, "")); },
            "content is empty");
        add(
            "added token without id", [](json& d) { d["added_tokens"][0].erase("id"); },
            "the id of \"<|endoftext|>\" is null");
        add(
            "merge of an unknown piece", [](json& d) { d["model"]["merges"].push_back("a bc"); },
            "merge 0 needs the piece \"bc\"");
        add(
            "merge into an unknown piece", [](json& d) { d["model"]["merges"].push_back("a b"); },
            "merge 0 needs the piece \"ab\"");
        add(
            "merge of one piece", [](json& d) { d["model"]["merges"].push_back("ab"); }, "merge 0 is \"ab\"");
        add(
            "merge of three",
            [](json& d) {
                d["model"]["merges"].push_back({"a", "b", "c"});
            },
            "merge 0 is neither");
        add(
            "bytes without a piece",
            [](json& d) {
                d["model"]["vocab"]["xyz"] = d["model"]["vocab"]["!"];
                d["model"]["vocab"].erase("!");
            },
            "1 bytes have no piece, the first is 0x21");
        add(
            "template with an id too high",
            [](json& d) {
                d["post_processor"] = {
                    {"type", "TemplateProcessing"},
                    {"single", {{{"SpecialToken", {{"id", "<s>"}}}}, {{"Sequence", {{"id", "A"}}}}}},
                    {"special_tokens", {{"<s>", {{"ids", {999}}}}}}};
            },
            "adds id 999, the tokenizer has 257 pieces");
        add(
            "template with an unknown token",
            [](json& d) {
                d["post_processor"] = {
                    {"type", "TemplateProcessing"},
                    {"single", {{{"SpecialToken", {{"id", "<s>"}}}}, {{"Sequence", {{"id", "A"}}}}}},
                    {"special_tokens", json::object()}};
            },
            "names \"<s>\"");
        add(
            "template without the text",
            [](json& d) {
                d["post_processor"] = {{"type", "TemplateProcessing"}, {"single", json::array()}};
            },
            "holds the text 0 times");
        add(
            "template that adds a long list many times",
            [](json& d) {
                json parts(100, json{{"SpecialToken", {{"id", "s"}}}});
                parts.push_back({{"Sequence", {{"id", "A"}}}});
                d["post_processor"] = {{"type", "TemplateProcessing"},
                                       {"single", parts},
                                       {"special_tokens", {{"s", {{"ids", std::vector<int>(100, 1)}}}}}};
            },
            "adds more than 1000 tokens");
        add(
            "long added token",
            [](json& d) { d["added_tokens"].push_back(addedToken(257, std::string(1001, 'x'))); },
            "the added token with id 257 has 1001 bytes");
        add(
            "added tokens too long together",
            [](json& d) {
                for (int id = 257; id < 257 + 4001; ++id)
                    d["added_tokens"].push_back(addedToken(id, std::to_string(id) + std::string(996, 'x')));
            },
            "those up to it 4000");
        add(
            "an array", [](json& d) { d = json::array(); }, "it is array, not an object");
    }
    void aFileThatDoesNotFitIsRefusedWithTheReason() {
        QFETCH(Change, change);
        QFETCH(QByteArray, reason);
        TemporaryFolder folder;
        writeText(folder / "tokenizer.json", byteTokenizer(change).dump());
        const QByteArray message = refusalOf(folder / "tokenizer.json");
        QVERIFY2(message.contains(reason), message);
    }

    void aDamagedFileIsRefused() {
        TemporaryFolder folder;
        writeText(folder / "tokenizer.json", R"({"model": {"type": "BPE")");
        QVERIFY2(refusalOf(folder / "tokenizer.json").contains("not valid JSON"), "cut off");
        writeText(folder / "tokenizer.json", R"({"model": {"vocab": {"a": 0, "a": 1}}})");
        QVERIFY2(refusalOf(folder / "tokenizer.json").contains("names \"a\" twice"), "doubled key");
        writeText(folder / "tokenizer.json", std::string(100'000, '['));
        QVERIFY2(refusalOf(folder / "tokenizer.json").contains("more than 100 deep"), "deep nesting");
    }

    void aFolderWithoutATokenizerIsRefused() {
        TemporaryFolder folder;
        QVERIFY(!Tokenizer::isPresentIn(folder.path()));
        QVERIFY2(refusalOf(folder.path()).contains("neither tokenizer.json nor vocab.json"),
                 refusalOf(folder.path()));
        QVERIFY2(refusalOf(folder / "absent.json").contains("there is no such file"), "absent");
    }

    void damagedGpt2FilesAreRefused() {
        TemporaryFolder folder;
        const json pieces = byteTokenizer()["model"]["vocab"];
        const auto messageOf = [&folder](const char* file) {
            try {
                Tokenizer::load(folder.path());
            } catch (const Error& error) {
                return error.parts().where.find(file) != std::string::npos ? QByteArray(error.what())
                                                                           : QByteArray("file not named");
            }
            return QByteArray("accepted");
        };
        writeText(folder / "vocab.json", pieces.dump());
        writeText(folder / "merges.txt", "#version: 0.2\r\n");
        QCOMPARE(messageOf(""), QByteArray("accepted")); // complete, without <|endoftext|>
        writeText(folder / "merges.txt", "#version: 0.2\na b c\n");
        QVERIFY2(messageOf("merges.txt").contains("merge 0 is \"a b c\""), messageOf("merges.txt"));
        writeText(folder / "merges.txt", "\xFF b\n");
        QVERIFY2(messageOf("merges.txt").contains("byte 0 is not valid UTF-8"), messageOf("merges.txt"));
        writeText(folder / "merges.txt", "a b\n");
        QVERIFY2(messageOf("vocab.json").contains("needs the piece \"ab\""), messageOf("vocab.json"));
        writeText(folder / "vocab.json", "[]");
        QVERIFY2(messageOf("vocab.json").contains("it is array"), messageOf("vocab.json"));
        writeText(folder / "vocab.json", "{}");
        writeText(folder / "merges.txt", "");
        QVERIFY2(messageOf("vocab.json").contains("its vocabulary is empty"), messageOf("vocab.json"));
    }
};

QTEST_GUILESS_MAIN(TokenizerRefusalTest)
#include "tokenizer_refusal_test.moc"
