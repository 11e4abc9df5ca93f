// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/utf8.h"
#include "engine/text/tokenizer.h"
#include "tests/testing/paths.h"

#include <QtTest>

#include <nlohmann/json.hpp>

using namespace steploom;
using namespace steploom::testing;
using nlohmann::json;

namespace {

using Ids = std::vector<std::int32_t>;

json readGolden(const std::string& name) { return json::parse(readText(goldenPath("tokenizers/" + name))); }

QByteArray shown(const Ids& ids) { return QByteArray::fromStdString(json(ids).dump()); }

} // namespace

/// Ids and texts that Hugging Face's tokenizers gave for the same files.
class TokenizerGoldenTest : public QObject {
    Q_OBJECT

    void addRows() {
        QTest::addColumn<QString>("tokenizer");
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("ids");
        QTest::addColumn<QByteArray>("decoded");
        const json expected = readGolden("expected.json");
        for (const char* name : {"gpt2_style", "llama3_style"}) {
            const auto path =
                QString::fromStdString(goldenPath(std::string("tokenizers/") + name + ".json").string());
            int row = 0;
            for (const json& entry : expected.at(name))
                QTest::addRow("%s %d", name, row++)
                    << path << QByteArray::fromStdString(entry.at("text").get<std::string>())
                    << QByteArray::fromStdString(entry.at("ids").dump())
                    << QByteArray::fromStdString(entry.at("decoded").get<std::string>());
        }
    }

    std::shared_ptr<const Tokenizer> loaded(const QString& path) {
        auto& tokenizer = m_loaded[path];
        if (!tokenizer)
            tokenizer = Tokenizer::load(path.toStdString());
        return tokenizer;
    }
    std::map<QString, std::shared_ptr<const Tokenizer>> m_loaded;

private slots:
    void encodesAndDecodesAsHuggingFaceDoes_data() { addRows(); }
    void encodesAndDecodesAsHuggingFaceDoes() {
        QFETCH(QString, tokenizer);
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, ids);
        QFETCH(QByteArray, decoded);
        const auto loadedTokenizer = loaded(tokenizer);
        const Ids found = loadedTokenizer->encode(text.toStdString(), true);
        QCOMPARE(shown(found), ids);
        QCOMPARE(QByteArray::fromStdString(loadedTokenizer->decode(found)), decoded);
        // The template's tokens are special, so leaving those out gives the text back, but for those in it.
        const std::string plain = loadedTokenizer->decode(found, true);
        if (!text.contains("<|"))
            QCOMPARE(QByteArray::fromStdString(plain), text);
    }

    void withoutTheTemplateTheBeginningOfTextIsAbsent() {
        const auto tokenizer = Tokenizer::load(goldenPath("tokenizers/llama3_style.json"));
        const json golden = readGolden("expected.json"); // outlives the loop over a part of it
        for (const json& entry : golden.at("llama3_style")) {
            const auto text = entry.at("text").get<std::string>();
            Ids expected = entry.at("ids").get<Ids>();
            QCOMPARE(expected.front(), *tokenizer->idOf("<|begin_of_text|>"));
            expected.erase(expected.begin());
            QCOMPARE(shown(tokenizer->encode(text)), shown(expected));
        }
    }

    void streamDecodingGivesWholeCharactersAndTheSameText_data() { addRows(); }
    void streamDecodingGivesWholeCharactersAndTheSameText() {
        QFETCH(QString, tokenizer);
        QFETCH(QByteArray, ids);
        QFETCH(QByteArray, decoded);
        StreamDecoder stream(loaded(tokenizer));
        std::string text;
        for (const std::int32_t id : json::parse(ids.toStdString()).get<Ids>()) {
            const std::string part = stream.add(id);
            QCOMPARE(validUtf8Prefix(part), part.size());
            QVERIFY(!QString::fromStdString(part).contains(QChar::ReplacementCharacter));
            text += part;
        }
        text += stream.finish();
        QCOMPARE(QByteArray::fromStdString(text), decoded);
    }

    void vocabularyAndMergesGiveTheIdsOfTheTokenizerFile() {
        const json model = readGolden("gpt2_style.json").at("model");
        TemporaryFolder folder;
        writeText(folder / "vocab.json", model.at("vocab").dump());
        std::string merges = "#version: 0.2\n";
        for (const json& merge : model.at("merges"))
            merges += merge.is_string()
                          ? merge.get<std::string>() + "\n"
                          : merge[0].get<std::string>() + " " + merge[1].get<std::string>() + "\n";
        writeText(folder / "merges.txt", merges);
        QVERIFY(Tokenizer::isPresentIn(folder.path()));
        const auto fromParts = Tokenizer::load(folder.path());
        const json golden = readGolden("expected.json");
        for (const json& entry : golden.at("gpt2_style"))
            QCOMPARE(shown(fromParts->encode(entry.at("text").get<std::string>())),
                     shown(entry.at("ids").get<Ids>()));
        const auto whole = Tokenizer::load(goldenPath("tokenizers/gpt2_style.json"));
        QCOMPARE(fromParts->fingerprint(), whole->fingerprint());
        QVERIFY(fromParts->isSpecial(*fromParts->idOf("<|endoftext|>")));
    }

    void mergesAsPairsOfStringsGiveTheSameTokenizer() {
        json document = readGolden("gpt2_style.json");
        json& merges = document["model"]["merges"];
        const bool wereStrings = merges.at(0).is_string();
        for (json& merge : merges) {
            if (wereStrings) {
                const auto text = merge.get<std::string>();
                const std::size_t space = text.find(' ');
                merge = json::array({text.substr(0, space), text.substr(space + 1)});
            } else {
                merge = merge[0].get<std::string>() + " " + merge[1].get<std::string>();
            }
        }
        TemporaryFolder folder;
        writeText(folder / "tokenizer.json", document.dump());
        QCOMPARE(Tokenizer::load(folder.path())->fingerprint(),
                 Tokenizer::load(goldenPath("tokenizers/gpt2_style.json"))->fingerprint());
    }

    void theBundledTokenizersLoadAndAgree() {
        const auto heavy = Tokenizer::load(resourcePath("checkpoints/heavy/tokenizer.json"));
        const auto light = Tokenizer::load(resourcePath("checkpoints/light"));
        const auto reader = Tokenizer::load(resourcePath("checkpoints/reader"));
        QCOMPARE(heavy->size(), 4096);
        QCOMPARE(heavy->description(), std::string("byte-level BPE, 4,096 pieces"));
        QCOMPARE(light->fingerprint(), heavy->fingerprint());
        QCOMPARE(reader->fingerprint(), heavy->fingerprint());
        QVERIFY(!heavy->maskToken());
        const std::string text = "Once upon a time, there was a little dog.";
        QCOMPARE(heavy->decode(heavy->encode(text)), text);
    }

    void goldenTokenizersThatDifferHaveDifferentFingerprints() {
        QVERIFY(Tokenizer::load(goldenPath("tokenizers/gpt2_style.json"))->fingerprint() !=
                Tokenizer::load(goldenPath("tokenizers/llama3_style.json"))->fingerprint());
    }
};

QTEST_GUILESS_MAIN(TokenizerGoldenTest)
#include "tokenizer_golden_test.moc"
