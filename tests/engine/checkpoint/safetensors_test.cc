// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/safetensors.h"
#include "engine/core/error.h"
#include "tests/testing/paths.h"

#include <QtTest>

#include <nlohmann/json.hpp>

#include <csignal>
#include <cstring>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace steploom;
using namespace steploom::testing;

namespace {

std::string withSize(std::uint64_t size, const std::string& rest) {
    std::string bytes(8, '\0');
    std::memcpy(bytes.data(), &size, 8);
    return bytes + rest;
}

/// A file of this header and so many bytes of data.
std::string fileOf(const std::string& header, std::size_t dataBytes) {
    return withSize(header.size(), header + std::string(dataBytes, '\1'));
}

std::size_t filesIn(const std::filesystem::path& folder) {
    const std::filesystem::directory_iterator entries(folder);
    return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

/// Lowers what this process may do and restores it, also when a test fails in between.
class SmallFilesOnly {
public:
    SmallFilesOnly() {
        getrlimit(RLIMIT_FSIZE, &m_before);
        const rlimit small{512, m_before.rlim_max};
        setrlimit(RLIMIT_FSIZE, &small);
        m_handler = std::signal(SIGXFSZ, SIG_IGN); // then write reports the limit as an error
    }
    ~SmallFilesOnly() {
        setrlimit(RLIMIT_FSIZE, &m_before);
        std::signal(SIGXFSZ, m_handler);
    }

private:
    rlimit m_before{};
    void (*m_handler)(int) = SIG_DFL;
};

template <typename Call>
QByteArray refusalOf(const std::filesystem::path& path, Call call) {
    try {
        call();
    } catch (const Error& error) {
        const auto& parts = error.parts();
        if (error.kind() != ErrorKind::File)
            return "an error of another kind";
        if (parts.what.empty() || parts.why.empty() || parts.remedy.empty())
            return "a part of the message is missing";
        if (parts.where.find(path.string()) == std::string::npos)
            return "the path is not named";
        return error.what();
    }
    return "accepted";
}

} // namespace

class SafetensorsTest : public QObject {
    Q_OBJECT

private slots:
    void whatIsWrittenIsRead() {
        TemporaryFolder folder;
        const std::vector<std::uint8_t> bytes = {1, 2, 3};
        const std::vector<float> floats = {1.5f, -2, 3, 4};
        const std::vector<std::int64_t> ids = {7};
        const TensorToWrite tensors[] = {{"bytes", DType::U8, {3}, std::as_bytes(std::span(bytes))},
                                         {"floats", DType::F32, {2, 2}, std::as_bytes(std::span(floats))},
                                         {"scalar", DType::I64, {}, std::as_bytes(std::span(ids))},
                                         {"nothing", DType::F16, {0, 5}, {}}};
        writeSafetensors(folder / "x.safetensors", tensors);
        const auto file = MappedFile::open(folder / "x.safetensors");
        const auto read = readSafetensors(*file);
        QCOMPARE(read.size(), std::size_t{4});
        for (const TensorToWrite& tensor : tensors) {
            const TensorView& view = read.at(tensor.name);
            QCOMPARE(view.dtype, tensor.dtype);
            QCOMPARE(view.shape, tensor.shape);
            QVERIFY(std::ranges::equal(view.bytes, tensor.bytes));
        }
        QCOMPARE(read.at("floats").toFloats(), floats);
        QCOMPARE(reinterpret_cast<std::uintptr_t>(read.at("floats").bytes.data()) % alignof(float),
                 std::uintptr_t{0});
        QCOMPARE(filesIn(folder.path()), std::size_t{1}); // nothing beside it
    }

    void aLyingFileIsRefusedWithTheLie_data() {
        QTest::addColumn<QByteArray>("file");
        QTest::addColumn<QByteArray>("reason");
        const auto add = [](const char* name, const std::string& file, const char* reason) {
            QTest::newRow(name) << QByteArray::fromStdString(file) << QByteArray(reason);
        };
        const auto entry = [](const char* dtype, const char* shape, const char* offsets) {
            using nlohmann::json;
            const json fields = {
                {"dtype", dtype}, {"shape", json::parse(shape)}, {"data_offsets", json::parse(offsets)}};
            return json{{"a", fields}}.dump();
        };
        add("empty", "", "it has 0 bytes");
        add("shorter than the size", "abc", "it has 3 bytes");
        add("header longer than the file", withSize(9000, "{}"),
            "claims a header of 9000 bytes, the file has 10");
        add("header size near 2^64", withSize(~0ull - 3, "{}"), "more than the 100000000");
        add("header of 101 MB", withSize(101'000'000, "{}"), "claims a header of 101000000 bytes, more than");
        add("cut off in the header", fileOf(R"({"a": )", 0), "not valid JSON");
        add("not JSON", fileOf("hello", 0), "not valid JSON");
        add("an array", fileOf("[]", 0), "it is array, not an object");
        add("entry is a number", fileOf(R"({"a": 3})", 0), "tensor \"a\": its entry is number");
        add("no dtype", fileOf(R"({"a": {"shape": [], "data_offsets": [0, 4]}})", 4), "has no \"dtype\"");
        add("dtype is a number", fileOf(R"({"a": {"dtype": 4, "shape": [], "data_offsets": [0, 4]}})", 4),
            "dtype is number");
        add("unknown dtype", fileOf(entry("F8_E4M3", "[4]", "[0, 4]"), 4),
            "tensor \"a\": its element type \"F8_E4M3\" is unknown here (known: F64, F32");
        add("shape is a number", fileOf(entry("F32", "1", "[0, 4]"), 4), "its shape is number");
        add("negative shape", fileOf(entry("F32", "[-1]", "[0, 4]"), 4), "its shape holds -1");
        add("fractional shape", fileOf(entry("F32", "[1.5]", "[0, 4]"), 4), "its shape holds 1.5");
        add("shape past int64", fileOf(entry("F32", "[9223372036854775808]", "[0, 4]"), 4),
            "its shape holds 9223372036854775808");
        add("overflowing shape", fileOf(entry("F32", "[4294967296, 4294967296]", "[0, 0]"), 0),
            "more elements than can be counted");
        add("more dimensions than tensors have",
            fileOf(entry("U8", nlohmann::json(std::vector<int>(65, 1)).dump().c_str(), "[0, 1]"), 1),
            "its shape has 65 dimensions");
        add("shape and bytes differ", fileOf(entry("F32", "[2]", "[0, 4]"), 4),
            "hold 4 bytes, but shape [2] in F32 takes 8");
        add("one offset", fileOf(entry("F32", "[1]", "[4]"), 4), "not an array of two");
        add("negative offset", fileOf(entry("F32", "[1]", "[-4, 0]"), 4), "its data_offsets holds -4");
        add("offsets backwards", fileOf(entry("F32", "[1]", "[4, 0]"), 4), "run backwards");
        add("cut off in the data", fileOf(entry("F32", "[2]", "[0, 8]"), 5),
            "end at byte 8, but only 5 bytes");
        add("offsets near 2^63", fileOf(entry("F32", "[1]", "[9223372036854775803, 9223372036854775807]"), 4),
            "but only 4 bytes");
        add("bytes of nobody at the end", fileOf(entry("F32", "[1]", "[0, 4]"), 6),
            "the tensors take 4 bytes, the file holds 6");
        add("bytes of nobody before", fileOf(entry("F32", "[1]", "[4, 8]"), 8),
            "begin at byte 4, the tensors before");
        const std::string first = R"({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}, )";
        add("overlap", fileOf(first + R"("b": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}})", 8),
            "tensor \"b\": its data begin at byte 4, inside tensor \"a\", which ends at 8");
        add("one name twice",
            fileOf(first + R"("a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}})", 8),
            "names \"a\" twice");
    }
    void aLyingFileIsRefusedWithTheLie() {
        QFETCH(QByteArray, file);
        QFETCH(QByteArray, reason);
        TemporaryFolder folder;
        const auto path = folder / "model.safetensors";
        writeText(path, file.toStdString());
        const QByteArray message = refusalOf(path, [&] { readSafetensors(*MappedFile::open(path)); });
        QVERIFY2(message.contains(reason), message);
    }

    void metadataAndTrailingSpacesAreAllowed() {
        TemporaryFolder folder;
        writeText(folder / "m", fileOf(R"({"__metadata__": {"format": "pt"}}    )", 0));
        QVERIFY(readSafetensors(*MappedFile::open(folder / "m")).empty());
    }

    void whatIsNoFileCannotBeMapped() {
        TemporaryFolder folder;
        for (const auto& path : {folder / "absent", folder.path()}) {
            const QByteArray message = refusalOf(path, [&] { MappedFile::open(path); });
            QVERIFY2(message.startsWith("cannot open the tensor file"), message);
        }
    }

    void aFileThatChangesWhileItIsOpenIsNoticed() {
        TemporaryFolder folder;
        const auto path = folder / "x.safetensors";
        const float value = 1;
        const TensorToWrite tensor{"a", DType::F32, {1}, std::as_bytes(std::span(&value, 1))};
        writeSafetensors(path, std::span(&tensor, 1));
        const auto file = MappedFile::open(path);
        file->requireUnchanged();
        // Another file in its place leaves this one as it was.
        writeSafetensors(path, std::span(&tensor, 1));
        file->requireUnchanged();

        const auto shortened = MappedFile::open(path);
        const auto size = std::filesystem::file_size(path);
        std::filesystem::resize_file(path, 8);
        QByteArray message = refusalOf(path, [&] { shortened->requireUnchanged(); });
        const std::string both = "it had " + std::to_string(size) + " bytes when it was opened and has 8 now";
        QVERIFY2(message.contains(both.c_str()), message);

        const auto written = MappedFile::open(path);
        std::filesystem::last_write_time(path, std::filesystem::file_time_type{});
        message = refusalOf(path, [&] { written->requireUnchanged(); });
        QVERIFY2(message.contains("it was written to since it was opened"), message);
    }

    void aFullDiskLeavesTheOldFileAndNothingElse() {
        TemporaryFolder folder;
        const auto path = folder / "x.safetensors";
        writeText(path, "the old file");
        const std::vector<float> floats(1000, 1.0f);
        const TensorToWrite tensor{"a", DType::F32, {1000}, std::as_bytes(std::span(floats))};
        QByteArray message;
        {
            const SmallFilesOnly limit;
            message = refusalOf(path, [&] { writeSafetensors(path, std::span(&tensor, 1)); });
        }
        QVERIFY2(message.contains("could not be written") && message.contains("Free space"), message);
        QCOMPARE(readText(path), std::string("the old file"));
        QCOMPARE(filesIn(folder.path()), std::size_t{1});
        writeSafetensors(path, std::span(&tensor, 1));
        QCOMPARE(readSafetensors(*MappedFile::open(path)).at("a").toFloats(), floats);
    }

    void aFolderThatCannotBeWrittenToIsNamed() {
        TemporaryFolder folder;
        const auto absent = folder / "absent/x.safetensors";
        QByteArray message = refusalOf(absent, [&] { writeSafetensors(absent, std::span<const TensorToWrite>()); });
        QVERIFY2(message.contains("no file can be made in this folder"), message);

        const auto readOnly = folder / "locked/x.safetensors";
        std::filesystem::create_directory(readOnly.parent_path());
        chmod(readOnly.parent_path().c_str(), 0555);
        const bool root = geteuid() == 0; // to whom permissions do not apply
        if (root && seteuid(65534) != 0)
            QSKIP("root cannot become another user here");
        message = refusalOf(readOnly, [&] { writeSafetensors(readOnly, std::span<const TensorToWrite>()); });
        if (root)
            QCOMPARE(seteuid(0), 0);
        QVERIFY2(message.contains("Permission denied"), message);
        QVERIFY2(message.contains("that you may write to"), message);
    }

    void aFolderInTheFilesPlaceIsRefused() {
        TemporaryFolder folder;
        const auto path = folder / "x.safetensors";
        std::filesystem::create_directories(path / "inside");
        const QByteArray message = refusalOf(path, [&] { writeSafetensors(path, std::span<const TensorToWrite>()); });
        QVERIFY2(message.contains("cannot take its place"), message);
        QCOMPARE(filesIn(folder.path()), std::size_t{1});
    }

    void tensorsThatContradictThemselvesAreNotWritten() {
        TemporaryFolder folder;
        const auto path = folder / "x.safetensors";
        const std::vector<float> floats(4);
        const auto bytes = std::as_bytes(std::span(floats));
        const auto refusal = [&](std::vector<TensorToWrite> tensors) {
            return refusalOf(path, [&] { writeSafetensors(path, tensors); });
        };
        QVERIFY(refusal({{"a", DType::F32, {5}, bytes}}).contains("takes 20 bytes, 16 were given"));
        QVERIFY(
            refusal({{"a", DType::F32, {4}, bytes}, {"a", DType::F32, {4}, bytes}}).contains("given twice"));
        QVERIFY(refusal({{"\xFF", DType::F32, {4}, bytes}}).contains("not valid UTF-8"));
        QCOMPARE(filesIn(folder.path()), std::size_t{0});
    }
};

QTEST_GUILESS_MAIN(SafetensorsTest)
#include "safetensors_test.moc"
