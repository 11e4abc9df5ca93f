// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/text/normalizer.h"
#include "tests/engine/text/tokenizer_files.h"
#include "tests/testing/errors.h"

#include <QtTest>

using namespace steploom;
using namespace steploom::testing;
using nlohmann::json;

class NormalizerTest : public QObject {
    Q_OBJECT

private slots:
    void nfcComposesAsUnicodeSays_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("expected");
        QTest::newRow("ASCII") << "plain"
                               << "plain";
        QTest::newRow("composed already") << "caf\u00E9"
                                          << "caf\u00E9";
        QTest::newRow("letter and accent") << "cafe\u0301!"
                                           << "caf\u00E9!";
        QTest::newRow("accents out of order") << "a\u0315\u0300"
                                              << "\u00E0\u0315";
        QTest::newRow("Hangul syllable") << "\u1100\u1161\u11A8"
                                         << "\uAC01";
        QTest::newRow("a sign that is a letter") << "\u212B"
                                                 << "\u00C5";
        QTest::newRow("excluded from composition") << "\u0958"
                                                   << "\u0915\u093C";
    }
    void nfcComposesAsUnicodeSays() {
        QFETCH(QString, text);
        QFETCH(QString, expected);
        const std::string bytes = text.toStdString();
        std::string storage;
        const std::string_view normal = Normalizer::nfc().apply(bytes, storage);
        QCOMPARE(QString::fromUtf8(normal.data(), static_cast<int>(normal.size())), expected);
        QCOMPARE(normal.data() == bytes.data(), text == expected); // no copy of what is normal already
        QCOMPARE(Normalizer().apply(bytes, storage).data(), bytes.data());
    }

    void aTokenizerEncodesTheNormalText() {
        const auto tokenizer = loadChanged([](json& document) {
            document["normalizer"] = {{"type", "NFC"}};
            document["added_tokens"].push_back(addedToken(257, "<x>"));
            json word = addedToken(258, "\u00E9\u00E9");
            word["normalized"] = true;
            document["added_tokens"].push_back(word);
        });
        QCOMPARE(tokenizer->encode("e\u0301"), tokenizer->encode("\u00E9"));
        // Found after normalisation.
        QCOMPARE(tokenizer->encode("e\u0301e\u0301"), std::vector<std::int32_t>{258});
        // '>' and a combining stroke would be one character, but the token was cut out before.
        const auto ids = tokenizer->encode("<x>\u0338e\u0301");
        QCOMPARE(ids.front(), 257);
        QCOMPARE(tokenizer->decode(ids), std::string("<x>\u0338\u00E9"));
    }

    void aSequenceOfNfcIsNfc() {
        const auto plain = loadChanged([](json&) {});
        const auto nfc = loadChanged([](json& document) { document["normalizer"] = {{"type", "NFC"}}; });
        const auto sequence = loadChanged([](json& document) {
            document["normalizer"] = {{"type", "Sequence"}, {"normalizers", {{{"type", "NFC"}}}}};
        });
        const auto empty = loadChanged([](json& document) {
            document["normalizer"] = {{"type", "Sequence"}, {"normalizers", json::array()}};
        });
        QCOMPARE(nfc->fingerprint(), sequence->fingerprint());
        QCOMPARE(plain->fingerprint(), empty->fingerprint());
        QVERIFY(plain->fingerprint() != nfc->fingerprint());
    }

    void anAddedTokenThatNormalTextNeverHoldsIsRefused() {
        expectError(
            [] {
                loadChanged([](json& document) {
                    document["normalizer"] = {{"type", "NFC"}};
                    json word = addedToken(257, "e\u0301");
                    word["normalized"] = true;
                    document["added_tokens"].push_back(word);
                });
            },
            ErrorKind::Tokenizer, {"tokenizer.json", "NFC"});
    }
};

QTEST_GUILESS_MAIN(NormalizerTest)
#include "normalizer_test.moc"
