// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/training/training_text.h"

#include "engine/core/sha256.h"
#include "tests/testing/errors.h"
#include "tests/testing/paths.h"

#include <QtTest>

using namespace steploom;
using namespace steploom::testing;
namespace fs = std::filesystem;

namespace {

TrainingText readFiles(const std::vector<fs::path>& files) { return TrainingText::read(files); }

/// Long enough that no test of something else is refused for want of text.
const std::string kStory = "Once there was a goose who read the newspaper every morning before breakfast.";

QStringList documentsOf(const TrainingText& text) {
    QStringList documents;
    for (const std::string_view document : text.documents())
        documents << QString::fromUtf8(document.data(), static_cast<qsizetype>(document.size()));
    return documents;
}

} // namespace

class TrainingTextTest : public QObject {
    Q_OBJECT

private slots:
    void theMarkerSeparatesDocuments_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QStringList>("documents");
        const QByteArray story = QByteArray::fromStdString(kStory);
        const QString whole = QString::fromStdString(kStory);
        QTest::newRow("one") << story << QStringList{whole};
        QTest::newRow("on a line") << story + "\n<|endoftext|>\nTwo.\n" << QStringList{whole, "Two."};
        QTest::newRow("inline") << story + "<|endoftext|>Two." << QStringList{whole, "Two."};
        QTest::newRow("Windows") << story + "\r\n<|endoftext|>\r\nTwo.\r\n" << QStringList{whole, "Two."};
        QTest::newRow("at both ends") << "<|endoftext|>\n" + story + "\n<|endoftext|>\n"
                                      << QStringList{whole};
        QTest::newRow("nothing between")
            << story + "\n<|endoftext|>\n \t\n<|endoftext|><|endoftext|>Two." << QStringList{whole, "Two."};
        QTest::newRow("spaces are text") << "  " + story + " \n\n\nTwo.\n"
                                         << QStringList{"  " + whole + " \n\n\nTwo."};
        QTest::newRow("byte-order mark") << "\xEF\xBB\xBF" + story << QStringList{whole};
        QTest::newRow("half a marker") << story + "<|endof" << QStringList{whole + "<|endof"};
    }
    void theMarkerSeparatesDocuments() {
        QFETCH(QByteArray, text);
        QFETCH(QStringList, documents);
        const TemporaryFolder folder;
        writeText(folder / "a.txt", text.toStdString());
        const TrainingText read = readFiles({folder / "a.txt"});
        QCOMPARE(documentsOf(read), documents);
        QCOMPARE(read.bytes(), static_cast<std::size_t>(documents.join("").toUtf8().size()));
    }

    void filesFollowOneAnotherAndEndADocument() {
        const TemporaryFolder folder;
        writeText(folder / "b.txt", kStory);
        writeText(folder / "a.txt", "Second");
        const TrainingText text = readFiles({folder / "b.txt", folder / "a.txt"});
        QCOMPARE(documentsOf(text), (QStringList{QString::fromStdString(kStory), "Second"}));
        QCOMPARE(text.files().size(), std::size_t{2});
        QCOMPARE(QString::fromStdString(text.files()[0].name), QString("b.txt"));
        QCOMPARE(text.files()[1].bytes, std::uint64_t{6});
        Sha256 digest;
        digest.add(std::string("Second"));
        QCOMPARE(text.files()[1].sha256, digest.hex());
    }

    void theFirstBadByteIsNamed_data() {
        QTest::addColumn<QByteArray>("before");
        QTest::addColumn<QByteArray>("place");
        QTest::newRow("first") << QByteArray() << QByteArray("line 1, byte 0 ");
        QTest::newRow("third line") << QByteArray("a\nb\ncd") << QByteArray("line 3, byte 6 ");
        QTest::newRow("behind a character") << QByteArray("\n\xC3\xA9") << QByteArray("line 2, byte 3 ");
    }
    void theFirstBadByteIsNamed() {
        QFETCH(QByteArray, before);
        QFETCH(QByteArray, place);
        const TemporaryFolder folder;
        writeText(folder / "good.txt", kStory);
        writeText(folder / "bad.txt", before.toStdString() + "\xFF" + kStory);
        expectError(
            [&] {
                readFiles({folder / "good.txt", folder / "bad.txt"});
            },
            ErrorKind::Text, {"bad.txt", place.constData(), "0xFF", "UTF-8"});
    }

    void textWithoutADocumentIsRefused() {
        const TemporaryFolder folder;
        writeText(folder / "empty.txt", "");
        expectError([&] { readFiles({folder / "empty.txt"}); }, ErrorKind::Text,
                    {"empty.txt", "not a single document"});
        writeText(folder / "markers.txt", "\n<|endoftext|>\n  \n<|endoftext|>\n");
        expectError([&] { readFiles({folder / "markers.txt"}); }, ErrorKind::Text,
                    {"markers.txt", "not a single document"});
        expectError([] { readFiles({}); }, ErrorKind::Text, {"not a single document"});
    }

    void tooLittleTextIsRefusedWithWhatIsNeeded() {
        const TemporaryFolder folder;
        writeText(folder / "tiny.txt", "Too little.\n");
        expectError([&] { readFiles({folder / "tiny.txt"}); }, ErrorKind::Text,
                    {"tiny.txt", "11 bytes", "at least 64"});
    }

    void whatIsNoReadableFileIsRefused() {
        const TemporaryFolder folder;
        expectError([&] { readFiles({folder / "absent.txt"}); }, ErrorKind::File,
                    {"cannot read the text", "absent.txt"});
        expectError([&] { readFiles({folder.path()}); }, ErrorKind::File, {"regular file"});
    }

    void aFileThatChangedMeanwhileIsNoticed() {
        const TemporaryFolder folder;
        writeText(folder / "a.txt", kStory);
        const TrainingText text = readFiles({folder / "a.txt"});
        text.requireUnchanged();
        writeText(folder / "a.txt", kStory + " And more.");
        expectError([&] { text.requireUnchanged(); }, ErrorKind::File, {"a.txt"});
    }
};

QTEST_GUILESS_MAIN(TrainingTextTest)
#include "training_text_test.moc"
