// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/error.h"
#include "engine/core/json_text.h"
#include "engine/core/read_file.h"
#include "engine/core/sha256.h"
#include "engine/core/thread_pool.h"
#include "engine/core/utf8.h"
#include "tests/testing/paths.h"

#include <QtTest>

#include <atomic>

using namespace steploom;
using namespace steploom::testing;

class CoreTest : public QObject {
    Q_OBJECT

private slots:
    void anErrorSaysAllFourPartsInOneLine() {
        const Error error(ErrorKind::File, {"cannot read", "a.bin", "it is empty", "Save it again"});
        QCOMPARE(std::string(error.what()), std::string("cannot read: a.bin: it is empty. Save it again."));
        QCOMPARE(std::string(Error(ErrorKind::File, {"cannot read", "", "", ""}).what()),
                 std::string("cannot read."));
    }

    void sha256IsThatOfTheStandard() { // FIPS 180-4, examples
        Sha256 empty;
        QCOMPARE(empty.hex(),
                 std::string("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
        Sha256 pieces;
        pieces.add(std::string("a"));
        pieces.add(std::string("bc"));
        QCOMPARE(pieces.hex(),
                 std::string("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    }

    void validUtf8EndsWhereTheStandardSaysSo_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<int>("valid");
        QTest::newRow("all") << QByteArray("a\xC3\xA9\xE6\x97\xA5\xF0\x9F\x98\x80") << 10;
        QTest::newRow("overlong slash") << QByteArray("a\xC0\xAF") << 1;
        QTest::newRow("overlong of three") << QByteArray("\xE0\x80\xAF") << 0;
        QTest::newRow("surrogate") << QByteArray("ab\xED\xA0\x80") << 2;
        QTest::newRow("past U+10FFFF") << QByteArray("\xF4\x90\x80\x80") << 0;
        QTest::newRow("cut off") << QByteArray("a\xE6\x97") << 1;
        QTest::newRow("stray continuation") << QByteArray("a\x80") << 1;
    }
    void validUtf8EndsWhereTheStandardSaysSo() {
        QFETCH(QByteArray, text);
        QFETCH(int, valid);
        QCOMPARE(static_cast<int>(validUtf8Prefix(text.toStdString())), valid);
    }

    void eachMaximalBrokenPartIsReplacedOnce() { // Unicode standard, table 3-8
        const std::string mark = "\xEF\xBF\xBD";
        QCOMPARE(replaceInvalidUtf8("\x61\xF1\x80\x80\xE1\x80\xC2\x62\x80\x63\x80\xBF\x64"),
                 "a" + mark + mark + mark + "b" + mark + "c" + mark + mark + "d");
    }

    void halfACharacterAtTheEndIsCounted() {
        QCOMPARE(incompleteUtf8Suffix("a\xF0\x9F\x98"), std::size_t{3});
        QCOMPARE(incompleteUtf8Suffix("a\xE6"), std::size_t{1});
        QCOMPARE(incompleteUtf8Suffix("a\xC3\xA9"), std::size_t{0});
        QCOMPARE(incompleteUtf8Suffix("a\xED\xA0"), std::size_t{0}); // no continuation makes this valid
        QCOMPARE(incompleteUtf8Suffix(""), std::size_t{0});
    }

    void requireUtf8NamesTheByte() {
        requireUtf8("fine", "the prompt");
        try {
            requireUtf8("abc\xFE", "the prompt");
            QFAIL("accepted");
        } catch (const Error& error) {
            QCOMPARE(error.kind(), ErrorKind::Text);
            QCOMPARE(error.parts().where, std::string("the prompt"));
            QVERIFY2(error.parts().why.find("byte 3 (0xFE)") != std::string::npos, error.what());
        }
    }

    void jsonThatNamesAKeyTwiceIsRefused_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("reason");
        QTest::newRow("twice") << QByteArray(R"({"a": 1, "a": 1})") << QByteArray("\"a\" twice");
        QTest::newRow("twice, deeper")
            << QByteArray(R"([{"x": {"b": 1, "b": 2}}])") << QByteArray("\"b\" twice");
        QTest::newRow("in two objects") << QByteArray(R"([{"a": 1}, {"a": {"a": 2}}])") << QByteArray();
        QTest::newRow("cut off") << QByteArray(R"({"a": )") << QByteArray("not valid JSON");
        QTest::newRow("not UTF-8") << QByteArray("[\"\xFF\"]") << QByteArray("not valid JSON");
        QTest::newRow("number too large") << QByteArray("[1e999]") << QByteArray("not valid JSON");
        QTest::newRow("empty") << QByteArray("") << QByteArray("not valid JSON");
    }
    void jsonThatNamesAKeyTwiceIsRefused() {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, reason);
        QByteArray found;
        try {
            parseJson(text.toStdString(), ErrorKind::Config, {"cannot read", "x.json", {}, "Mend it"});
        } catch (const Error& error) {
            QCOMPARE(error.kind(), ErrorKind::Config);
            QCOMPARE(error.parts().where, std::string("x.json"));
            found = error.what();
        }
        QVERIFY2(reason.isEmpty() ? found.isEmpty() : found.contains(reason), found);
    }

    void jsonBeyondItsLimitsIsRefusedWithTheLimit() {
        const auto refusalOf = [](const std::string& text) -> std::string {
            try {
                parseJson(text, ErrorKind::Config, {"cannot read", "x.json", {}, "Mend it"});
            } catch (const Error& error) {
                return error.parts().why;
            }
            return "accepted";
        };
        const auto nested = [](int depth) {
            const auto count = static_cast<std::size_t>(depth);
            return std::string(count, '[') + std::string(count, ']');
        };
        QCOMPARE(refusalOf(nested(kDeepestJson)), std::string("accepted"));
        QVERIFY(refusalOf(nested(kDeepestJson + 1)).find("more than 100 deep") != std::string::npos);
        std::string objects;
        for (int i = 0; i <= kDeepestJson; ++i)
            objects += "{\"a\":";
        QVERIFY(refusalOf(objects).find("more than 100 deep") != std::string::npos);
        std::string many = "[0";
        for (std::size_t i = 1; i < kMostJsonValues; ++i)
            many += ",0";
        QVERIFY(refusalOf(many + "]").find("more than 5000000 values") != std::string::npos);
    }

    void aLongListOfObjectsTakesNoLongerThanItsLength() {
        constexpr std::size_t kObjects = 1'000'000; // hours, if each were to look through those before it
        std::string text = "[{\"a\":[1,{\"b\":null}]}";
        for (std::size_t i = 1; i < kObjects; ++i)
            text += ",{}";
        const nlohmann::json list = parseJson(text + "]", ErrorKind::Config, {});
        QCOMPARE(list.size(), kObjects);
        QCOMPARE(list[0].dump(), std::string(R"({"a":[1,{"b":null}]})"));
    }

    void aRefusalCanBeShownWhateverItQuotes() {
        std::string where(1'000'000, 'x');
        where += "\xE2\x82"; // half a character
        const Error error(ErrorKind::File, {"cannot read", where, "a\xFF", "Mend it"});
        QVERIFY(error.parts().where.size() < 10'000);
        QVERIFY(error.parts().where.ends_with("x…"));
        QCOMPARE(error.parts().why, std::string("a\uFFFD"));
        const std::string line = error.what();
        QCOMPARE(validUtf8Prefix(line), line.size());
        // Cut between characters, never within one.
        const Error euros(ErrorKind::File, {"cannot read",
                                            [] {
                                                std::string text = "x";
                                                for (int i = 0; i < 10'000; ++i)
                                                    text += "€";
                                                return text;
                                            }(),
                                            "it is long", "Mend it"});
        QCOMPARE(validUtf8Prefix(euros.what()), std::string(euros.what()).size());
    }

    void aFileTooLargeToBeReadWholeIsRefusedUnread() {
        TemporaryFolder folder;
        writeText(folder / "f", "");
        std::filesystem::resize_file(folder / "f", kMostFileBytes + 1); // a hole: takes no space
        try {
            readFile(folder / "f", ErrorKind::Tokenizer, "cannot read");
            QFAIL("accepted");
        } catch (const Error& error) {
            QVERIFY2(error.parts().why.find("268435457 bytes, more than the 268435456") != std::string::npos,
                     error.what());
        }
    }

    void readFileGivesAllBytesOrTheReason() {
        TemporaryFolder folder;
        const std::string bytes("a\0\r\n\xFF", 5);
        writeText(folder / "f", bytes);
        QCOMPARE(readFile(folder / "f", ErrorKind::File, "cannot read"), bytes);
        for (const auto& path : {folder / "absent", folder.path()}) {
            try {
                readFile(path, ErrorKind::Tokenizer, "cannot read");
                QFAIL("accepted");
            } catch (const Error& error) {
                QCOMPARE(error.kind(), ErrorKind::Tokenizer);
                QCOMPARE(error.parts().where, path.string());
            }
        }
    }

    void aPoolDoesEachItemOnce() {
        for (const int threads : {1, 2, 5}) {
            ThreadPool pool(threads);
            QCOMPARE(pool.workers(), threads);
            for (const int count : {0, 1, 3, 1000}) {
                std::vector<std::atomic<int>> done(static_cast<std::size_t>(count));
                std::atomic<bool> inRange = true;
                pool.forEach(count, [&](int index, int worker) {
                    ++done[static_cast<std::size_t>(index)];
                    if (worker < 0 || worker >= threads)
                        inRange = false;
                });
                QVERIFY(inRange);
                QVERIFY(std::all_of(done.begin(), done.end(), [](const auto& times) { return times == 1; }));
            }
        }
    }

    void aPoolRunsManyShortLoops() {
        ThreadPool pool(3);
        std::atomic<int> sum = 0;
        for (int round = 0; round < 2000; ++round)
            pool.forEach(4, [&](int index, int) { sum += index; });
        QCOMPARE(sum.load(), 2000 * 6);
        QVERIFY(ThreadPool::processors() >= 1);
    }
};

QTEST_GUILESS_MAIN(CoreTest)
#include "core_test.moc"
