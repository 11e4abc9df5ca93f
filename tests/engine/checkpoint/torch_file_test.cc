// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/torch_file.h"

#include "tests/testing/errors.h"
#include "tests/testing/torch_writer.h"

#include <QtTest>

#include <numeric>

using namespace steploom;
using namespace steploom::testing;

namespace {

std::span<const std::byte> bytesOf(const std::string& text) { return std::as_bytes(std::span(text)); }

/// 0, 1, 2, …, 11
TorchStorages twelve() {
    std::vector<float> values(12);
    std::iota(values.begin(), values.end(), 0.0f);
    return {{"0", floatStorage(values)}};
}

std::string archiveOf(const std::vector<TorchItem>& items, const TorchStorages& storages) {
    PickleText pickle;
    pickleStateDict(pickle, items, storages);
    return torchArchive(pickle.bytes(), storages);
}

TensorView take(TorchFile& file, const char* name) {
    return file.tensor(*file.document().find(&file.document().root(), name), name);
}

bool liesIn(const TensorView& view, const std::string& file) {
    const char* begin = reinterpret_cast<const char*>(view.bytes.data());
    return begin >= file.data() && begin + view.bytes.size() <= file.data() + file.size();
}

void refused(const TorchItem& item, const TorchStorages& storages, std::initializer_list<const char*> words) {
    const std::string bytes = archiveOf({item}, storages);
    expectError(
        [&] {
            TorchFile file = TorchFile::read(bytesOf(bytes), "m.bin");
            take(file, item.name.c_str());
        },
        ErrorKind::File, words);
}

} // namespace

class TorchFileTest : public QObject {
    Q_OBJECT

private slots:
    void rowMajorTensorsAreViewsOfTheFile() {
        const std::string bytes =
            archiveOf({{.name = "whole", .storage = "0", .shape = {3, 4}},
                       {.name = "rows", .storage = "0", .shape = {2, 4}, .offset = 4},
                       {.name = "scalar", .storage = "0", .shape = {}, .offset = 7},
                       {.name = "empty", .storage = "0", .shape = {0, 4}},
                       {.name = "one column", .storage = "0", .shape = {3, 1}, .stride = {1, 900}}},
                      twelve());
        TorchFile file = TorchFile::read(bytesOf(bytes), "m.bin");
        const TensorView whole = take(file, "whole"), rows = take(file, "rows");
        QCOMPARE(whole.toFloats(), (std::vector<float>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}));
        QCOMPARE(rows.toFloats(), (std::vector<float>{4, 5, 6, 7, 8, 9, 10, 11}));
        QCOMPARE(rows.bytes.data(), whole.bytes.data() + 16); // shared, as the storage is
        QCOMPARE(take(file, "scalar").toFloats(), std::vector<float>{7});
        QCOMPARE(take(file, "empty").elements(), std::size_t{0});
        QCOMPARE(take(file, "one column").toFloats(), (std::vector<float>{0, 1, 2}));
        QVERIFY(liesIn(whole, bytes) && liesIn(rows, bytes));
        QVERIFY(file.owned().empty());
    }

    void otherStridesBecomeCopies_data() {
        QTest::addColumn<QList<int>>("shape");
        QTest::addColumn<QList<int>>("stride");
        QTest::addColumn<int>("offset");
        QTest::addColumn<QList<int>>("expected");
        QTest::newRow("transposed") << QList<int>{4, 3} << QList<int>{1, 4} << 0
                                    << QList<int>{0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11};
        QTest::newRow("sliced") << QList<int>{3, 2} << QList<int>{4, 1} << 1 << QList<int>{1, 2, 5, 6, 9, 10};
        QTest::newRow("every second") << QList<int>{6} << QList<int>{2} << 0 << QList<int>{0, 2, 4, 6, 8, 10};
        QTest::newRow("expanded") << QList<int>{2, 3} << QList<int>{0, 1} << 5
                                  << QList<int>{5, 6, 7, 5, 6, 7};
        QTest::newRow("permuted") << QList<int>{2, 2, 3} << QList<int>{1, 6, 2} << 0
                                  << QList<int>{0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11};
    }
    void otherStridesBecomeCopies() {
        QFETCH(const QList<int>, shape);
        QFETCH(const QList<int>, stride);
        QFETCH(const int, offset);
        QFETCH(const QList<int>, expected);
        const std::string bytes = archiveOf({{.name = "t",
                                              .storage = "0",
                                              .shape = {shape.begin(), shape.end()},
                                              .stride = {stride.begin(), stride.end()},
                                              .offset = offset}},
                                            twelve());
        TorchFile file = TorchFile::read(bytesOf(bytes), "m.bin");
        QCOMPARE(take(file, "t").toFloats(), std::vector<float>(expected.begin(), expected.end()));
        QCOMPARE(file.owned().size(), std::size_t{1});
    }

    void allContainersHoldTheSame() {
        PickleText pickle;
        const std::vector<TorchItem> items{{.name = "t", .storage = "0", .shape = {3, 4}}};
        pickleStateDict(pickle, items, twelve());
        const std::vector<float> expected = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
        for (const std::string& bytes : {torchArchive(pickle.bytes(), twelve(), true),
                                         torchArchive(pickle.bytes(), twelve(), false, true),
                                         legacyTorchFile(pickle.bytes(), twelve())}) {
            TorchFile file = TorchFile::read(bytesOf(bytes), "m.bin");
            QCOMPARE(take(file, "t").toFloats(), expected);
        }
    }

    void parametersAndTypesAreUnwrapped() {
        const TorchStorages storages = {{"0", {DType::BF16, std::string("\x80\x3f\0\x40", 4)}}};
        const TorchItem item{.name = "t", .storage = "0", .shape = {2}};
        PickleText pickle;
        pickle.op("}(").text("p").global("torch._utils", "_rebuild_parameter").op('(');
        pickleTensor(pickle, item, storages);
        pickle.boolean(true).global("collections", "OrderedDict").op(")RtRu");
        const std::string bytes = torchArchive(pickle.bytes(), storages);
        TorchFile file = TorchFile::read(bytesOf(bytes), "m.bin");
        const TensorView view = take(file, "p");
        QCOMPARE(view.dtype, DType::BF16);
        QCOMPARE(view.toFloats(), (std::vector<float>{1, 2}));
    }

    void elementsOutsideTheStorageAreRefused() {
        constexpr std::int64_t kHuge = std::int64_t{1} << 62;
        refused({.name = "t", .storage = "0", .shape = {13}}, twelve(),
                {"tensor \"t\"", "storage of 12 elements"});
        refused({.name = "t", .storage = "0", .shape = {2}, .offset = 11}, twelve(), {"outside its storage"});
        refused({.name = "t", .storage = "0", .shape = {2}, .offset = kHuge}, twelve(),
                {"outside its storage"});
        refused({.name = "t", .storage = "0", .shape = {2}, .stride = {12}}, twelve(),
                {"outside its storage"});
        refused({.name = "t", .storage = "0", .shape = {5}, .stride = {kHuge}}, twelve(),
                {"outside its storage"});
        refused({.name = "t", .storage = "0", .shape = {kHuge, 4, 4}, .stride = {0, 0, 0}}, twelve(),
                {"outside its storage"});
        refused({.name = "t", .storage = "0", .shape = {-1}}, twelve(), {"its size"});
        refused({.name = "t", .storage = "0", .shape = {1}, .stride = {-1}}, twelve(), {"its stride"});
        refused({.name = "t", .storage = "0", .shape = {1}, .offset = -1}, twelve(), {"its offset"});
        refused({.name = "t", .storage = "0", .shape = {1}, .stride = {1, 1}}, twelve(),
                {"1 sizes and 2 strides"});
        refused({.name = "t", .storage = "0", .shape = {1}, .storageElements = 13}, twelve(),
                {"should have 13 elements", "48 bytes"});
        refused({.name = "t", .storage = "0", .shape = {1}, .storageElements = kHuge}, twelve(),
                {"should have"});
        refused({.name = "t", .storage = "0", .shape = std::vector<std::int64_t>(65, 1)}, twelve(),
                {"65 axes"});
    }

    void oneNumberDoesNotBecomeATerabyte() {
        refused({.name = "t", .storage = "0", .shape = {1 << 20, 1 << 18}, .stride = {0, 0}}, twelve(),
                {"tensor \"t\"", "1099511627776 bytes", "more than the 67108864"});
    }

    void bigEndianFilesAreRefused() {
        PickleText pickle;
        pickleStateDict(pickle, {{.name = "t", .storage = "0", .shape = {12}}}, twelve());
        const std::string bytes = zipArchive({{.name = "a/data.pkl", .content = pickle.bytes()},
                                              {.name = "a/byteorder", .content = "big"},
                                              {.name = "a/data/0", .content = twelve().at("0").bytes}});
        expectError([&] { TorchFile::read(bytesOf(bytes), "m.bin"); }, ErrorKind::File,
                    {"m.bin", "big-endian"});
    }

    void aStorageThatIsNotThereIsNamed() {
        PickleText pickle;
        pickleStateDict(pickle, {{.name = "t", .storage = "0", .shape = {12}}}, twelve());
        const std::string bytes = zipArchive({{.name = "a/data.pkl", .content = pickle.bytes()}});
        TorchFile file = TorchFile::read(bytesOf(bytes), "m.bin");
        expectError([&] { take(file, "t"); }, ErrorKind::File,
                    {"tensor \"t\"", "storage 0 is not in the file"});
    }

    void otherFilesAreNamedForWhatTheyAre() {
        expectError([] { TorchFile::read(bytesOf("hello"), "m.bin"); }, ErrorKind::File,
                    {"5 bytes begin neither"});
        const std::string script = zipArchive(
            {{.name = "a/data.pkl", .content = "N."}, {.name = "a/constants.pkl", .content = "N."}});
        expectError([&] { TorchFile::read(bytesOf(script), "m.bin"); }, ErrorKind::File, {"TorchScript"});
        const std::string other = zipArchive({{.name = "a.txt", .content = "text"}});
        expectError([&] { TorchFile::read(bytesOf(other), "m.bin"); }, ErrorKind::File,
                    {"without a data.pkl"});
    }

    void filesCutOffAnywhereAreRefused() {
        PickleText pickle;
        pickleStateDict(pickle, {{.name = "t", .storage = "0", .shape = {3, 4}}}, twelve());
        for (const std::string& good :
             {torchArchive(pickle.bytes(), twelve()), legacyTorchFile(pickle.bytes(), twelve())})
            for (std::size_t size = 0; size < good.size(); ++size)
                expectError([&] { TorchFile::read(bytesOf(good.substr(0, size)), "m.bin"); }, ErrorKind::File,
                            {"m.bin"});
    }

    void changedBytesNeverDoHarm() {
        PickleText pickle;
        pickleStateDict(pickle, {{.name = "t", .storage = "0", .shape = {4, 3}, .stride = {1, 4}}}, twelve());
        for (const std::string& good :
             {torchArchive(pickle.bytes(), twelve()), legacyTorchFile(pickle.bytes(), twelve())})
            for (std::size_t at = 0; at < good.size(); ++at)
                for (const int value : {0x00, 0x01, 0x28, 0x52, 0x7F, 0x80, 0xFF}) {
                    std::string changed = good;
                    changed[at] = static_cast<char>(value);
                    try {
                        TorchFile file = TorchFile::read(bytesOf(changed), "m.bin");
                        for (const PickleNode& node : file.document().nodes())
                            if (file.isTensor(node))
                                file.tensor(node, "t");
                    } catch (const Error& error) {
                        QCOMPARE(error.kind(), ErrorKind::File);
                    }
                }
    }
};

QTEST_GUILESS_MAIN(TorchFileTest)
#include "torch_file_test.moc"
