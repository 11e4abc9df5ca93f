// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/hole_highlighter.h"
#include "app/widgets/shaped_texts.h"

#include <QFontMetricsF>
#include <QImage>
#include <QPainter>
#include <QTest>
#include <QTextBlock>
#include <QTextDocument>
#include <QTextLayout>

using namespace steploom;

class ShapedTextsTest : public QObject {
    Q_OBJECT

private slots:
    void aTextIsShapedOnceHoweverOftenItIsDrawn() {
        ShapedTexts texts{QFont()};
        QImage image(200, 40, QImage::Format_RGB32);
        QPainter painter(&image);
        for (int i = 0; i < 100; ++i) {
            texts.draw(painter, {0, 0}, QStringLiteral("bear"));
            (void)texts.widthOf(QStringLiteral("bear"));
            texts.draw(painter, {60, 0}, QStringLiteral("river"));
        }
        QCOMPARE(texts.misses(), 2);
    }

    void widthsAreThoseOfTheFont() {
        QFont font;
        font.setPixelSize(16);
        ShapedTexts texts(font);
        for (const QString& text : {QStringLiteral("bear"), QStringLiteral("fi"), QStringLiteral("…“”")})
            QVERIFY(std::abs(texts.widthOf(text) - QFontMetricsF(font).horizontalAdvance(text)) < 1);
        QCOMPARE(texts.widthOf(QString()), 0.0);
    }

    void whatIsDrawnIsThere() {
        QImage image(80, 40, QImage::Format_RGB32);
        image.fill(Qt::white);
        {
            QPainter painter(&image);
            painter.setPen(Qt::black);
            ShapedTexts texts{QFont()};
            texts.draw(painter, {2, 2}, QStringLiteral("bear"));
        }
        bool ink = false;
        for (int y = 0; y < 40; ++y)
            for (int x = 0; x < 80; ++x)
                ink = ink || image.pixelColor(x, y).lightness() < 128;
        QVERIFY(ink);
    }

    void holesOfATemplateAreToldApart() {
        QTextDocument document(
            QStringLiteral("Once [mask] a [MASK:12] but [mask:0] or [mask:3 and [masked]"));
        HoleHighlighter highlighter(&document);
        const auto marked = [&document] {
            QStringList parts;
            for (const auto& range : document.firstBlock().layout()->formats())
                parts += document.toPlainText().mid(range.start, range.length);
            return parts;
        };
        QVERIFY(marked().isEmpty()); // a prompt has no holes
        highlighter.setEnabled(true);
        QCOMPARE(marked(), QStringList({"[mask]", "[MASK:12]", "[mask:0]", "[mask:3"}));
        const auto formats = document.firstBlock().layout()->formats();
        QCOMPARE(formats[0].format.foreground(), formats[1].format.foreground());
        QVERIFY(formats[1].format.foreground() != formats[2].format.foreground());
        QCOMPARE(formats[2].format.foreground(), formats[3].format.foreground());
    }
};

QTEST_MAIN(ShapedTextsTest)
#include "shaped_texts_test.moc"
