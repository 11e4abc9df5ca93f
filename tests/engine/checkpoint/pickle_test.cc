// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/pickle.h"

#include "tests/testing/errors.h"
#include "tests/testing/paths.h"
#include "tests/testing/torch_writer.h"

#include <QtTest>

#include <filesystem>

using namespace steploom;
using namespace steploom::testing;

namespace {

std::span<const std::byte> bytesOf(const std::string& text) { return std::as_bytes(std::span(text)); }

void refused(const std::string& pickle, std::initializer_list<const char*> words,
             const PickleLimits& limits = {}) {
    expectError([&] { readPickle(bytesOf(pickle), "data.pkl", limits); }, ErrorKind::File, words);
}

/// Every kind of value, as protocol 2 spells it.
std::string oneOfEach() {
    PickleText pickle;
    pickle.op("}(");
    pickle.text("none").op('N');
    pickle.text("yes").boolean(true);
    pickle.text("small").op(std::string("K\xc8", 2));
    pickle.text("negative").integer(-7);
    pickle.text("long").integer(-(std::int64_t{1} << 40));
    pickle.text("huge").op(std::string("\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 12));
    pickle.text("real").op(std::string("G\x3f\xe0\0\0\0\0\0\0", 9)); // 0.5, big-endian
    pickle.text("tuple").integers({1, 2});
    pickle.text("list").op("](").integer(3).integer(4).op('e');
    pickle.text("ordered").global("collections", "OrderedDict").op(")R").text("k").integer(5).op('s');
    pickle.text("space").global("argparse", "Namespace").op(")\x81}").text("lr").integer(6).op("sb");
    pickle.op('u');
    return pickle.bytes();
}

} // namespace

class PickleTest : public QObject {
    Q_OBJECT

private slots:
    void everyKindOfValueIsRead() {
        const std::string bytes = oneOfEach();
        const PickleDocument document = readPickle(bytesOf(bytes), "data.pkl");
        QCOMPARE(document.consumed(), bytes.size());
        const auto value = [&](const char* key) -> const PickleNode& {
            return *document.find(&document.root(), key);
        };
        QCOMPARE(value("none").kind, PickleKind::None);
        QCOMPARE(value("yes").integer, std::int64_t{1});
        QCOMPARE(value("small").integer, std::int64_t{200});
        QCOMPARE(value("negative").integer, std::int64_t{-7});
        QCOMPARE(value("long").integer, -(std::int64_t{1} << 40));
        QCOMPARE(value("huge").kind, PickleKind::LargeInteger);
        QCOMPARE(value("real").real, 0.5);
        QCOMPARE(document.element(&value("tuple"), 1)->integer, std::int64_t{2});
        QCOMPARE(document.element(&value("list"), 0)->integer, std::int64_t{3});
        QVERIFY(!document.element(&value("list"), 2));
        QCOMPARE(document.typeOf(value("ordered")), std::string_view("collections.OrderedDict"));
        QCOMPARE(document.find(&value("ordered"), "k")->integer, std::int64_t{5});
        QCOMPARE(document.attribute(&value("space"), "lr")->integer, std::int64_t{6});
        QVERIFY(!document.find(&document.root(), "absent"));
    }

    void laterProtocolsAreRead() {
        // Protocol 4: a frame, short names, MEMOIZE and STACK_GLOBAL; the memo is recalled.
        std::string bytes("\x80\x04\x95\x30\0\0\0\0\0\0\0", 11);
        bytes += "\x8c\x0b"
                 "collections"
                 "\x94\x8c\x0b"
                 "OrderedDict"
                 "\x94\x93\x94)R\x94\x8c\x01k\x94h\x01s.";
        const PickleDocument document = readPickle(bytesOf(bytes), "data.pkl");
        QCOMPARE(document.typeOf(document.root()), std::string_view("collections.OrderedDict"));
        QCOMPARE(document.find(&document.root(), "k")->text, std::string_view("OrderedDict"));
    }

    void aPickleThatWouldRunACommandIsRefusedByNameAndRunsNothing_data() {
        QTest::addColumn<QByteArray>("module");
        QTest::addColumn<QByteArray>("name");
        QTest::newRow("os.system") << QByteArray("os") << QByteArray("system");
        QTest::newRow("posix.system") << QByteArray("posix") << QByteArray("system");
        QTest::newRow("builtins.eval") << QByteArray("builtins") << QByteArray("eval");
        QTest::newRow("__builtin__.exec") << QByteArray("__builtin__") << QByteArray("exec");
        QTest::newRow("builtins.getattr") << QByteArray("builtins") << QByteArray("getattr");
        QTest::newRow("subprocess.Popen") << QByteArray("subprocess") << QByteArray("Popen");
        QTest::newRow("torch.hub.load") << QByteArray("torch.hub") << QByteArray("load");
        QTest::newRow("a way through a known module")
            << QByteArray("collections") << QByteArray("_sys.modules");
        QTest::newRow("a way through a tokenizer's module")
            << QByteArray("transformers.models.gpt2.tokenization_gpt2") << QByteArray("os.GPT2Tokenizer");
    }
    void aPickleThatWouldRunACommandIsRefusedByNameAndRunsNothing() {
        QFETCH(const QByteArray, module);
        QFETCH(const QByteArray, name);
        const TemporaryFolder folder;
        const std::filesystem::path marker = folder / "marker";
        const std::string full = (module + '.' + name).toStdString();
        const std::string bytes = PickleText()
                                      .global(module.toStdString(), name.toStdString())
                                      .op('(')
                                      .text("touch " + marker.string())
                                      .op("tR")
                                      .bytes();
        refused(bytes, {full.c_str(), "nothing was run"});
        const std::string stacked =
            PickleText().text(module.toStdString()).text(name.toStdString()).op("\x93)R").bytes();
        refused(stacked, {full.c_str(), "nothing was run"});
        QVERIFY(!std::filesystem::exists(marker));
    }

    void whatTrainingLeavesBehindStaysInert() {
        // omegaconf's DictConfig, a path, a numpy number, a partial and the tokenizer of MDLM's own
        // checkpoints: records, whose state can be looked up.
        const std::string bytes =
            PickleText()
                .op("](")
                .global("omegaconf.dictconfig", "DictConfig")
                .op(")\x81}")
                .text("_content")
                .op('}')
                .text("lr")
                .global("omegaconf.nodes", "AnyNode")
                .op(")\x81}")
                .text("_val")
                .integer(3)
                .op("sbs")
                .op("sb")
                .global("pathlib", "PosixPath")
                .op('(')
                .text("/")
                .text("data")
                .op("tR")
                .global("numpy.core.multiarray", "scalar")
                .op(")R")
                .global("functools", "partial")
                .op('(')
                .global("builtins", "int")
                .op("tR")
                .global("transformers.models.gpt2.tokenization_gpt2_fast", "GPT2TokenizerFast")
                .op(")\x81")
                .op('e')
                .bytes();
        const PickleDocument document = readPickle(bytesOf(bytes), "data.pkl");
        QCOMPARE(document.root().items.size(), std::size_t{5});
        const PickleNode* config = document.element(&document.root(), 0);
        const PickleNode* node = document.find(document.attribute(config, "_content"), "lr");
        QVERIFY(node);
        QCOMPARE(document.attribute(node, "_val")->integer, std::int64_t{3});
        QCOMPARE(document.typeOf(*document.element(&document.root(), 3)),
                 std::string_view("functools.partial"));
    }

    void opcodesThatMakeNoDataAreRefusedByName() {
        refused(PickleText().op("I1\n").bytes(), {"opcode INT"});
        refused(PickleText().op("(ios\nsystem\n").bytes(), {"opcode INST"});
        refused(PickleText().op("(o").bytes(), {"opcode OBJ"});
        refused(PickleText().op("Pid\n").bytes(), {"opcode PERSID"});
        refused(PickleText().op(std::string("\x82\x01", 2)).bytes(), {"opcode EXT1"});
        refused(PickleText().op('\xff').bytes(), {"0xff is no opcode"});
        refused("\x80\x09N.", {"protocol 9"});
    }

    void brokenStacksAreRefused() {
        refused(PickleText().bytes(), {"0 values"});
        refused(PickleText().op("NN").bytes(), {"2 values"});
        refused(PickleText().op("N(").bytes(), {"1 values"});
        refused(PickleText().op('t').bytes(), {"has not opened"});
        refused(PickleText().op("N(\x85").bytes(), {"not there"}); // TUPLE1 may not reach below the mark
        refused(PickleText().op("}(Nu").bytes(), {"key without a value"});
        refused(PickleText().op("](NNu").bytes(), {"no dictionary"});
        refused(PickleText().op("}Na").bytes(), {"no list"});
        refused(PickleText().op("N)R").bytes(), {"otherwise than from a global"});
        refused(PickleText().op("]}b").bytes(), {"no object"});
        refused(PickleText().op(std::string("h\x05", 2)).bytes(), {"recalls value 5"});
    }

    void limitsHold() {
        refused(PickleText().op(std::string(50, '(')).bytes(), {"deeper than 10"}, {.marks = 10});
        refused(PickleText().op(std::string(50, 'N')).bytes(), {"more than 10 values"}, {.nodes = 10});
        refused(PickleText().op('N').op(std::string(50, '2')).bytes(), {"more than 10 references"},
                {.references = 10});
        refused(PickleText().op(std::string("Nr\xff\xff\xff\xff", 6)).bytes(), {"number 4294967295"});
        refused(PickleText().op(std::string("X\xff\xff\xff\x7f", 5)).bytes(), {"asks for 2147483647 bytes"});
        refused(PickleText().op(std::string("\x8e\xff\xff\xff\xff\xff\xff\xff\xff", 9)).bytes(),
                {"asks for 18446744073709551615 bytes"});
        refused(std::string(100, 'N'), {"100 bytes, the limit is 50"}, {.bytes = 50});
    }

    void depthAndCirclesNeedNoStack() {
        // A million lists in each other, and a list that holds itself: reading and releasing them recurses
        // nowhere.
        std::string nested;
        for (int i = 0; i < 1'000'000; ++i)
            nested += "]";
        nested += std::string(999'999, 'a');
        const std::string bytes = PickleText().op(nested).bytes();
        QCOMPARE(readPickle(bytesOf(bytes), "data.pkl").nodes().size(), std::size_t{1'000'000});
        const std::string circle = PickleText().op(std::string("]q\0h\0a", 6)).bytes();
        const PickleDocument document = readPickle(bytesOf(circle), "data.pkl");
        QCOMPARE(document.element(&document.root(), 0), &document.root());
    }

    void picklesCutOffOrChangedNeverDoHarm() {
        const std::string good = oneOfEach();
        for (std::size_t size = 0; size < good.size(); ++size)
            refused(good.substr(0, size), {"data.pkl"});
        for (std::size_t at = 0; at < good.size(); ++at)
            for (int value = 0; value < 256; ++value) {
                std::string changed = good;
                changed[at] = static_cast<char>(value);
                try {
                    readPickle(bytesOf(changed), "data.pkl");
                } catch (const Error& error) {
                    QCOMPARE(error.kind(), ErrorKind::File);
                }
            }
    }
};

QTEST_GUILESS_MAIN(PickleTest)
#include "pickle_test.moc"
