// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/zip_archive.h"

#include "tests/testing/errors.h"
#include "tests/testing/torch_writer.h"

#include <QtTest>

#include <cstring>
#include <functional>

using namespace steploom;
using namespace steploom::testing;

namespace {

std::span<const std::byte> bytesOf(const std::string& text) { return std::as_bytes(std::span(text)); }

std::string textOf(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void refused(const std::string& archive, std::initializer_list<const char*> words) {
    expectError([&] { ZipArchive::read(bytesOf(archive), "some.ckpt"); }, ErrorKind::File, words);
}

/// Writes a little-endian number over what stands at `at`.
template <typename Number>
void overwrite(std::string& bytes, std::size_t at, Number value) {
    std::memcpy(bytes.data() + at, &value, sizeof value);
}

std::size_t endRecord(const std::string& archive) { return archive.size() - 22; }

} // namespace

class ZipArchiveTest : public QObject {
    Q_OBJECT

private slots:
    void entriesAreFoundInEveryFormThatIsRead_data() {
        QTest::addColumn<bool>("zip64");
        QTest::addColumn<bool>("sizesFollow");
        QTest::newRow("zip") << false << false;
        QTest::newRow("sizes after the content") << false << true;
        QTest::newRow("zip64") << true << false;
        QTest::newRow("zip64, sizes after the content") << true << true;
    }
    void entriesAreFoundInEveryFormThatIsRead() {
        QFETCH(const bool, zip64);
        QFETCH(const bool, sizesFollow);
        const std::string plain = "stored as it is", repeated(5000, 'r');
        const std::string bytes =
            zipArchive({{.name = "a/one", .content = plain, .sizesFollow = sizesFollow},
                        {.name = "a/two", .content = repeated, .deflated = true, .sizesFollow = sizesFollow},
                        {.name = "a/none", .content = "", .sizesFollow = sizesFollow}},
                       zip64);
        const ZipArchive archive = ZipArchive::read(bytesOf(bytes), "some.ckpt");
        QCOMPARE(archive.entries().size(), std::size_t{3});
        const ZipEntry* one = archive.find("a/one");
        QVERIFY(one && !one->deflated);
        QCOMPARE(textOf(one->packed), plain);
        QVERIFY2(reinterpret_cast<const char*>(one->packed.data()) >= bytes.data() &&
                     reinterpret_cast<const char*>(one->packed.data()) < bytes.data() + bytes.size(),
                 "a stored entry is a view of the archive");
        const ZipEntry* two = archive.find("a/two");
        QVERIFY(two && two->deflated && two->packed.size() < 100);
        QCOMPARE(textOf(archive.inflate("a/two", *two)), repeated);
        QCOMPARE(archive.find("a/none")->size, std::uint64_t{0});
        QVERIFY(!archive.find("a/three"));
    }

    void aBombIsRefusedBeforeItIsUnpacked() {
        // Each of the hundred says it unpacks to a megabyte more than is allowed to all of them.
        std::vector<ZipItem> items;
        for (int i = 0; i < 100; ++i)
            items.push_back({.name = "zeros/" + std::to_string(i),
                             .content = std::string(1 << 20, '\0'),
                             .deflated = true});
        refused(zipArchive(items), {"entry \"zeros/64\"", "more than the 67108864"});
        refused(
            zipArchive(
                {{.name = "one", .content = "x", .deflated = true, .claimedSize = 0xFFFF'FFFF'FFFF'0000u}},
                true),
            {"entry \"one\"", "18446744073709486080"});
    }

    void entriesOverTheSameBytesAreRefused() {
        const std::string kernel(1000, 'k');
        refused(
            zipArchive({{.name = "a", .content = kernel}, {.name = "a", .content = kernel, .contentOf = 0}}),
            {"two entries of this name"});
        // Two names over one content, each with a header that names it: the second header lies in the first's
        // content (Fifield, "A better zip bomb", 2019).
        const std::string inner = zipArchive({{.name = "b", .content = kernel}});
        std::string outer = zipArchive({{.name = "a", .content = inner.substr(0, inner.find("PK\x01\x02"))},
                                        {.name = "b", .content = kernel}});
        const std::size_t second = outer.find("PK\x01\x02", outer.find("PK\x01\x02") + 1);
        overwrite<std::uint32_t>(outer, second + 42, static_cast<std::uint32_t>(outer.find("PK\x03\x04", 4)));
        refused(outer, {"entry \"b\"", "inside entry \"a\""});
    }

    void headersThatDisagreeAreRefused() {
        refused(zipArchive({{.name = "a", .content = "x", .localName = "b"}}),
                {"entry \"a\"", "names it \"b\""});
        refused(zipArchive({{.name = "a", .content = "x", .localCrc = 1}}), {"entry \"a\"", "checksum"});
        std::string other = zipArchive({{.name = "a", .content = "content"}});
        overwrite<std::uint16_t>(other, 8, 8);
        refused(other, {"entry \"a\"", "another way"});
        overwrite<std::uint16_t>(other, 8, 0);
        overwrite<std::uint32_t>(other, 22, 3);
        refused(other, {"entry \"a\"", "7 bytes packed and 3 unpacked"});
    }

    void namesThatLeadOutAreRefused_data() {
        QTest::addColumn<QByteArray>("name");
        for (const char* name :
             {"/etc/passwd", "../a", "a/../../b", "a/..", "./a", "a//b", "a\\b", "\xff\xfe"})
            QTest::newRow(name) << QByteArray(name);
        QTest::newRow("a zero byte") << QByteArray("a\0b", 3);
        QTest::newRow("none") << QByteArray();
    }
    void namesThatLeadOutAreRefused() {
        QFETCH(const QByteArray, name);
        refused(zipArchive({{.name = name.toStdString(), .content = "x"}}), {"name"});
    }

    void whatCannotBeReadIsNamed() {
        refused(zipArchive({{.name = "a", .content = "x", .flags = 1}}), {"entry \"a\"", "encrypted"});
        refused(zipArchive({{.name = "a", .content = "x", .method = 14}}), {"entry \"a\"", "method 14"});
        std::string parts = zipArchive({{.name = "a", .content = "x"}});
        overwrite<std::uint16_t>(parts, endRecord(parts) + 4, 1);
        refused(parts, {"one part of several"});
    }

    void countsAndPlacesAreHeldAgainstTheBytes() {
        const std::string good = zipArchive({{.name = "a", .content = "content"}});
        std::string many = good;
        overwrite<std::uint16_t>(many, endRecord(many) + 8, 0xFFFE);
        overwrite<std::uint16_t>(many, endRecord(many) + 10, 0xFFFE);
        refused(many, {"65534 entries"});
        std::string beyond = good;
        overwrite<std::uint32_t>(beyond, endRecord(beyond) + 16, 0xFFFFFFF0);
        refused(beyond, {"its directory"});
        std::string elsewhere = good;
        overwrite<std::uint32_t>(elsewhere, good.find("PK\x01\x02") + 42, 0xFFFFFF00);
        refused(elsewhere, {"entry \"a\"", "there is no entry at byte 4294967040"});
        refused(zipArchive({{.name = "a", .content = "content", .claimedSize = 5000}}),
                {"entry \"a\"", "5000 bytes do not fit"});
        std::string huge = zipArchive({{.name = "a", .content = "content"}}, true);
        overwrite<std::uint64_t>(huge, endRecord(huge) - 20 - 56 + 32, ~std::uint64_t{0});
        overwrite<std::uint64_t>(huge, endRecord(huge) - 20 - 56 + 24, ~std::uint64_t{0});
        refused(huge, {"18446744073709551615 entries"});
    }

    void whatDoesNotUnpackIsRefused() {
        const auto inflating = [](const std::string& bytes) {
            const ZipArchive archive = ZipArchive::read(bytesOf(bytes), "some.ckpt");
            archive.inflate("a", *archive.find("a"));
        };
        const std::string content(1000, 'a');
        for (const std::uint64_t claimed : {0u, 999u, 1001u})
            expectError(
                [&] {
                    inflating(zipArchive(
                        {{.name = "a", .content = content, .deflated = true, .claimedSize = claimed}}));
                },
                ErrorKind::File, {"entry \"a\"", "do not unpack to"});
        std::string broken =
            zipArchive({{.name = "a", .content = content, .deflated = true, .sizesFollow = true}});
        overwrite<std::uint32_t>(broken, broken.find("PK\x01\x02") + 16, 1);
        expectError([&] { inflating(broken); }, ErrorKind::File, {"entry \"a\"", "00000001"});
    }

    void archivesCutOffAnywhereAreRefused() {
        for (const bool zip64 : {false, true}) {
            const std::string good = zipArchive({{.name = "a/data.pkl", .content = "content"},
                                                 {.name = "a/data/0", .content = "more", .deflated = true}},
                                                zip64);
            for (std::size_t size = 0; size < good.size(); ++size)
                refused(good.substr(0, size), {"some.ckpt"});
        }
    }

    void changedBytesNeverDoHarm() {
        const std::string good = zipArchive({{.name = "a", .content = "content", .deflated = true}}, true);
        for (std::size_t at = 0; at < good.size(); ++at)
            for (const int value : {0x00, 0x01, 0x7F, 0x80, 0xFF}) {
                std::string changed = good;
                changed[at] = static_cast<char>(value);
                try {
                    const ZipArchive archive = ZipArchive::read(bytesOf(changed), "some.ckpt");
                    for (const auto& [name, entry] : archive.entries())
                        if (entry.deflated)
                            archive.inflate(name, entry);
                } catch (const Error& error) {
                    QCOMPARE(error.kind(), ErrorKind::File);
                }
            }
    }
};

QTEST_GUILESS_MAIN(ZipArchiveTest)
#include "zip_archive_test.moc"
