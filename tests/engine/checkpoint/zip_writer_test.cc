// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/safetensors.h"
#include "engine/checkpoint/zip_archive.h"
#include "engine/checkpoint/zip_writer.h"
#include "tests/testing/errors.h"
#include "tests/testing/paths.h"

#include <QtTest>

#include <map>

using namespace steploom;
using namespace steploom::testing;

namespace {

std::span<const std::byte> bytesOf(const std::string& text) { return std::as_bytes(std::span(text)); }

std::map<std::string, std::string> contents(const std::filesystem::path& file) {
    const auto mapped = MappedFile::open(file);
    const ZipArchive archive = ZipArchive::read(mapped->bytes(), file.string());
    std::map<std::string, std::string> result;
    for (const auto& [name, entry] : archive.entries()) {
        std::vector<std::byte> unpacked(entry.packed.begin(), entry.packed.end());
        if (entry.deflated)
            unpacked = archive.inflate(name, entry);
        result[name].assign(reinterpret_cast<const char*>(unpacked.data()), unpacked.size());
    }
    return result;
}

} // namespace

class ZipWriterTest : public QObject {
    Q_OBJECT

private slots:
    void theReaderFindsWhatWasWritten() {
        const TemporaryFolder folder;
        std::string words;
        for (int i = 0; i < 5000; ++i)
            words += std::to_string(i * 7919) + ' ';
        std::string zeros(10'000'000, '\0'); // would deflate a thousandfold, which the reader distrusts
        ZipWriter writer(folder / "a.zip", "cannot write");
        writer.add("words/λ.txt", bytesOf(words));
        writer.add("zeros", bytesOf(zeros));
        writer.add("empty", {});
        writer.addStored("stored", bytesOf(words));
        QVERIFY(!std::filesystem::exists(folder / "a.zip"));
        writer.finish();
        QCOMPARE(writer.bytes(), std::filesystem::file_size(folder / "a.zip"));
        QVERIFY(writer.bytes() < zeros.size() + 2 * words.size());
        const auto found = contents(folder / "a.zip");
        QCOMPARE(found.size(), std::size_t{4});
        QCOMPARE(found.at("words/λ.txt"), words);
        QVERIFY(found.at("zeros") == zeros);
        QCOMPARE(found.at("empty"), std::string());
        QCOMPARE(found.at("stored"), words);
    }

    void manyRepetitiveEntriesAreReadAsWell() {
        // Each within what a single one may be packed to, and together far beyond 64 MiB.
        const TemporaryFolder folder;
        ZipWriter writer(folder / "a.zip", "cannot write");
        std::string lines;
        for (int i = 0; lines.size() < 1'000'000; ++i)
            lines += "the same forty-eight characters again and again " + std::to_string(i * 7919) + '\n';
        for (int i = 0; i < 80; ++i)
            writer.add(std::to_string(i), bytesOf(lines));
        writer.finish();
        QVERIFY(writer.bytes() < 20 * lines.size());
        QCOMPARE(contents(folder / "a.zip").size(), std::size_t{80});
    }

    void moreEntriesThanTheSmallTableCounts() {
        const TemporaryFolder folder;
        ZipWriter writer(folder / "a.zip", "cannot write");
        constexpr int kEntries = 70'000;
        for (int i = 0; i < kEntries; ++i)
            writer.add(std::to_string(i), bytesOf("x"));
        writer.finish();
        const auto found = contents(folder / "a.zip");
        QCOMPARE(found.size(), std::size_t{kEntries});
        QCOMPARE(found.at("69999"), std::string("x"));
    }

    void nothingIsLeftOfOneThatWasNotFinished() {
        const TemporaryFolder folder;
        { ZipWriter(folder / "a.zip", "cannot write").add("a", bytesOf("x")); }
        QVERIFY(std::filesystem::is_empty(folder.path()));
        expectError([&] { ZipWriter(folder / "no" / "a.zip", "cannot write the bundle"); }, ErrorKind::File,
                    {"cannot write the bundle", "a.zip"});
    }
};

QTEST_GUILESS_MAIN(ZipWriterTest)
#include "zip_writer_test.moc"
