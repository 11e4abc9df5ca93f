// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/canvas_layout.h"

#include <QTest>

using namespace steploom;

namespace {

/// Pieces of raw tokens; an empty token is a masked position.
std::vector<CanvasPiece> piecesOf(const std::vector<std::string>& tokens) {
    std::vector<std::string_view> bytes(tokens.begin(), tokens.end());
    std::vector<bool> masked;
    for (const std::string& token : tokens)
        masked.push_back(token.empty());
    return canvasPieces(bytes, masked);
}

QStringList textsOf(const std::vector<CanvasPiece>& pieces) {
    QStringList texts;
    for (const CanvasPiece& piece : pieces)
        texts += piece.masked ? QStringLiteral("#") : piece.text;
    return texts;
}

/// Ten px a character: positions can be told by counting.
CanvasLayout tenPixelLayout() {
    CanvasMetrics metrics;
    metrics.lineHeight = 20;
    metrics.boxHeight = 16;
    metrics.padding = 0;
    metrics.space = 10;
    metrics.joint = 0;
    metrics.breakMark = 10;
    metrics.averagePiece = 40;
    return {metrics, [](const QString& text) { return 10.0 * static_cast<double>(text.size()); }};
}

} // namespace

class CanvasLayoutTest : public QObject {
    Q_OBJECT

private slots:
    void leadingSpacesBecomeTheGapBeforeTheBox() {
        const auto pieces = piecesOf({"Once", " upon", "  a"});
        QCOMPARE(textsOf(pieces), QStringList({"Once", "upon", "a"}));
        QCOMPARE(pieces[0].leadingSpaces, 0);
        QCOMPARE(pieces[1].leadingSpaces, 1);
        QCOMPARE(pieces[2].leadingSpaces, 2);
    }

    void tokensThatFormOneCharacterShareABox() {
        // U+1F43B in three tokens, as byte-level tokenizers cut it.
        const auto pieces = piecesOf({"a", "\xF0\x9F", "\x90", "\xBB", "b"});
        QCOMPARE(textsOf(pieces), QStringList({"a", QString::fromUtf8("\xF0\x9F\x90\xBB"), "b"}));
        QCOMPARE(pieces[1].position, 1);
        QCOMPARE(pieces[1].count, 3);
        QCOMPARE(pieces[2].position, 4);
    }

    void halfACharacterBesideAMaskIsNoReplacementCharacter() {
        const QString circle(QChar(0x25CC));
        QCOMPARE(textsOf(piecesOf({"caf", "\xC3", ""})), QStringList({"caf", circle, "#"}));
        QCOMPARE(textsOf(piecesOf({"caf", "", "\xA9s"})), QStringList({"caf", "#", circle + "s"}));
    }

    void bytesThatCannotBecomeACharacterShowAsReplacement() {
        QCOMPARE(textsOf(piecesOf({"a\xFFz"})), QStringList({QStringLiteral("a\uFFFDz")}));
        // Text that ends within a character: nothing can complete it any more.
        QCOMPARE(textsOf(piecesOf({"\xC3"})), QStringList({QStringLiteral("\uFFFD")}));
    }

    void aLineBreakInsideATokenSplitsItAndEndsTheLine() {
        const auto pieces = piecesOf({".\n\nThen", " he"});
        QCOMPARE(textsOf(pieces), QStringList({".", "", "Then", "he"}));
        QVERIFY(pieces[0].lineBreak);
        QVERIFY(pieces[1].lineBreak);
        QVERIFY(!pieces[2].lineBreak);
        QCOMPARE(pieces[2].position, 0);

        CanvasLayout layout = tenPixelLayout();
        layout.layOut(pieces, 1000);
        QCOMPARE(layout.lines().size(), std::size_t{3});
        QCOMPARE(layout.boxes()[2].rect.x(), 0.0);
        QCOMPARE(layout.boxes()[2].rect.y(), 42.0);
    }

    void wordsKeepTogetherAtTheEndOfALine() {
        CanvasLayout layout = tenPixelLayout();
        layout.layOut(piecesOf({"the", " lit", "tle", " bear"}), 80);
        // "the little" needs 100 px: both halves of "little" go down.
        QCOMPARE(layout.lines().size(), std::size_t{3});
        QCOMPARE(layout.lines()[0].end, 1);
        QCOMPARE(layout.lines()[1].end, 3);
        QCOMPARE(layout.boxes()[2].rect.x(), 30.0);
    }

    void aWordLongerThanTheLineIsBrokenBetweenItsTokens() {
        CanvasLayout layout = tenPixelLayout();
        layout.layOut(piecesOf({"aaaa", "bbbb", "cccc"}), 90);
        QCOMPARE(layout.lines().size(), std::size_t{2});
        QCOMPARE(layout.lines()[0].end, 2);
    }

    void holesKeepTheirWidthWhileTextFormsAround() {
        CanvasLayout layout = tenPixelLayout();
        layout.layOut(piecesOf({"", "", "", ""}), 1000);
        const double before = layout.boxes()[3].rect.width();
        QVERIFY(before > 0.5 * 40 && before < 1.5 * 40);
        layout.layOut(piecesOf({"word", "", " x", ""}), 1000);
        QCOMPARE(layout.boxes()[3].rect.width(), before);
        bool varied = false;
        for (const auto& box : layout.boxes())
            varied = varied || (box.piece.masked && box.rect.width() != before);
        QVERIFY(varied);
    }

    void relayoutEqualsALayoutFromScratch() {
        std::vector<std::string> tokens;
        for (int i = 0; i < 400; ++i)
            tokens.push_back(i % 3 == 0 ? "" : i % 7 == 0 ? "ing" : i % 31 == 0 ? ".\n" : " word");
        CanvasLayout layout = tenPixelLayout();
        layout.layOut(piecesOf(tokens), 333);
        for (const int changed : {399, 200, 201, 57, 0, 300}) {
            tokens[static_cast<std::size_t>(changed)] = changed % 2 ? "s" : " revealed";
            const int firstNew = layout.layOut(piecesOf(tokens), 333);
            if (changed == 399)
                QVERIFY2(firstNew > 10, "the lines before the change are kept");
            CanvasLayout fresh = tenPixelLayout();
            fresh.layOut(piecesOf(tokens), 333);
            QCOMPARE(layout.boxes().size(), fresh.boxes().size());
            for (std::size_t i = 0; i < fresh.boxes().size(); ++i) {
                QCOMPARE(layout.boxes()[i].rect, fresh.boxes()[i].rect);
                QCOMPARE(layout.boxes()[i].piece, fresh.boxes()[i].piece);
            }
            QCOMPARE(layout.height(), fresh.height());
        }
    }

    void onlyTheLinesInABandAreGivenForPainting() {
        CanvasLayout layout = tenPixelLayout();
        layout.layOut(piecesOf(std::vector<std::string>(4096, " word")), 500); // ten words of 50 px a line
        const int perLine = layout.lines()[0].end;
        QCOMPARE(layout.boxesBetween(200, 240).size(), static_cast<std::size_t>(2 * perLine));
        QCOMPARE(layout.boxesBetween(205, 239).size(), static_cast<std::size_t>(2 * perLine));
        QVERIFY(layout.boxesBetween(-50, -10).empty());
        QVERIFY(layout.boxesBetween(layout.height(), layout.height() + 10).empty());
    }

    void everyTokenIsFoundUnderItsOwnBox() {
        CanvasLayout layout = tenPixelLayout();
        layout.layOut(piecesOf({"a", "\xF0\x9F", "\x90\xBB", " x\ny", ""}), 200);
        for (int position = 0; position < 5; ++position) {
            const std::vector<int> boxes = layout.boxesOf(position);
            QVERIFY(!boxes.empty());
            for (const int index : boxes) {
                const auto& box = layout.boxes()[static_cast<std::size_t>(index)];
                QCOMPARE(layout.positionAt(CanvasLayout::partOf(box, position).center()), position);
            }
        }
        QCOMPARE(layout.boxesOf(3).size(), std::size_t{2});
        QCOMPARE(layout.positionAt({190, 5}), -1);
        QCOMPARE(layout.nearestPosition({190, 5}), 3);
        QCOMPARE(layout.nearestPosition({0, 1000}), 4);
    }

    void quotedTextEscapesWhatCannotBeSeen() {
        QCOMPARE(quotedText(" upon\n\t"), QStringLiteral("“ upon\\n\\t”"));
        QCOMPARE(quotedText("\xC3"), QStringLiteral("bytes c3"));
    }
};

QTEST_GUILESS_MAIN(CanvasLayoutTest)
#include "canvas_layout_test.moc"
