// SPDX-License-Identifier: GPL-3.0-or-later
// The calculator of compute: its shapes, its terms, and the dialog that shows them.
#include "tests/app/pages/window_of_fakes.h"

#include "app/pages/compute_card.h"
#include "app/pages/compute_dialog.h"
#include "app/pages/compute_shape.h"
#include "app/pages/compute_terms_model.h"
#include "app/widgets/number_format.h"

#include <QAbstractItemModelTester>
#include <QAction>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QLabel>
#include <QPushButton>
#include <QRegularExpression>
#include <QSpinBox>
#include <QTableView>

using namespace steploom;
using namespace steploom::testing;

class ComputeDialogTest : public QObject {
    Q_OBJECT

private:
    static int presetNamed(const QString& name) {
        for (std::size_t i = 0; i < computePresets().size(); ++i)
            if (computePresets()[i].name == name)
                return static_cast<int>(i);
        qFatal("no preset %s", qPrintable(name));
    }
    static QString text(const ComputeDialog& dialog, const char* label) {
        return dialog.findChild<QLabel*>(QLatin1String(label))->text();
    }
    static QSpinBox* field(const ComputeDialog& dialog, const char* name) {
        return dialog.findChild<QSpinBox*>(QLatin1String(name));
    }

private slots:
    void termsAreRowsAndTheirSumIsTheLast() {
        ComputeTermsModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setEstimate(computeOf(
            AutoregressiveShape{.blocks = 1, .width = 10, .hidden = 20, .vocabulary = 1000, .context = 7}));
        QStringList rows;
        for (int row = 0; row < model.rowCount(); ++row) {
            QStringList cells;
            for (int column = 0; column < model.columnCount(); ++column)
                cells << model.index(row, column).data().toString();
            rows << cells.join(u'|');
        }
        QCOMPARE(rows, QStringList({"embedding|10k|–|–", "attention's products|400|800|2.4k",
                                    "feed-forward|600|1.2k|3.6k", "output layer|10k|20k|60k",
                                    "attention to the context|–|280|840", "all|21k|22.3k|66.8k"}));
        QCOMPARE(model.index(1, 0).data(ComputeTermsModel::FormulaRole).toString(), "2 · n · 4d²");
        model.setEstimate({});
        QCOMPARE(model.rowCount(), 0);
    }

    void everyNumberOfEveryShapeCanBeEdited() {
        for (int preset = 0; preset < static_cast<int>(computePresets().size()); ++preset) {
            ComputeChoice choice = presetChoice(preset);
            QVERIFY(!choice.isChanged());
            for (const ShapeField& field : shapeFields(static_cast<int>(choice.shape.index()))) {
                const double before = computeOf(choice.shape).inferenceFlops() +
                                      computeOf(choice.shape).trainingFlops() +
                                      computeOf(choice.shape).parameters();
                ++field.of(choice.shape);
                const double after = computeOf(choice.shape).inferenceFlops() +
                                     computeOf(choice.shape).trainingFlops() +
                                     computeOf(choice.shape).parameters();
                QVERIFY2(before != after, field.name);
                QVERIFY2(choice.isChanged() && !choice.published(), field.name);
                --field.of(choice.shape);
                QVERIFY(!choice.isChanged());
            }
        }
    }

    void calmAgainstATransformerSavesWhatThePaperSays() {
        QCOMPARE(
            computeVerdict(presetChoice(presetNamed("CALM-M")), presetChoice(presetNamed("Transformer-S")))
                .section(u':', 0, 0),
            "CALM-M against Transformer-S");
        const ComputeDialog dialog;
        const auto share = [&](const char* label) {
            QString shown = text(dialog, label);
            return shown.replace(QChar(0x2212), u'-').remove(u'%').toDouble();
        };
        QVERIFY2(std::abs(share("computeBInferenceAgainst") - -34) < 1.5,
                 qPrintable(text(dialog, "computeBInferenceAgainst")));
        QVERIFY2(std::abs(share("computeBTrainingAgainst") - -44) < 1.5,
                 qPrintable(text(dialog, "computeBTrainingAgainst")));
        QVERIFY(text(dialog, "computeAInferenceAgainst").isEmpty());
        QCOMPARE(text(dialog, "computeAParametersPaper"), "281M");
        QVERIFY2(std::abs(share("computeAInferenceApart")) < 4,
                 qPrintable(text(dialog, "computeAInferenceApart")));
        QCOMPARE(text(dialog, "computeCInferencePaper"), "–"); // the paper has no such row
    }

    void aChangedNumberCountsAtOnceAndThePaperSaysNothingOfIt() {
        const ComputeDialog dialog;
        const QString before = text(dialog, "computeBInference");
        field(dialog, "computeB:calm.chunk")->setValue(8);
        QVERIFY(text(dialog, "computeBInference") != before);
        QCOMPARE(text(dialog, "computeBInferencePaper"), "–");
        QVERIFY(text(dialog, "computeBKind").contains("changed"));
        QVERIFY(text(dialog, "computeVerdict").startsWith("CALM-M, changed against Transformer-S"));
        field(dialog, "computeB:calm.chunk")->setValue(4);
        QCOMPARE(text(dialog, "computeBInference"), before);
        QCOMPARE(text(dialog, "computeBInferencePaper"), "290 MFLOP");
        // The baseline's change is one for all that are compared with it.
        const QString against = text(dialog, "computeBInferenceAgainst");
        field(dialog, "computeA:ar.blocks")->setValue(24);
        QVERIFY(text(dialog, "computeBInferenceAgainst") != against);
        const QString parameters = text(dialog, "computeAParameters");
        dialog.findChild<QCheckBox*>("computeA:tied")->setChecked(true);
        QVERIFY(text(dialog, "computeAParameters") != parameters);
    }

    void anotherPresetBringsTheFieldsOfItsKind() {
        ComputeDialog dialog;
        dialog.show();
        QVERIFY(!field(dialog, "computeA:calm.chunk")->isVisible());
        dialog.card(0).choosePreset(presetNamed("CALM-XL"));
        QVERIFY(field(dialog, "computeA:calm.chunk")->isVisible());
        QCOMPARE(field(dialog, "computeA:calm.width")->value(), 2560);
        QCOMPARE(dialog.findChild<QComboBox*>("computeAPreset")->currentText(), "CALM-XL");
        QCOMPARE(dialog.findChild<QTableView*>("computeATerms")->model()->rowCount(), 9);
    }

    void trainingIsCountedOverSoManyTokens() {
        const ComputeDialog dialog;
        const double whole = computeOf(presetChoice(presetNamed("CALM-M")).shape).trainingFlops() * 5e11;
        QCOMPARE(text(dialog, "computeBTraining"), formatFlops(whole));
        field(dialog, "computeTokens")->setValue(1000);
        QCOMPARE(text(dialog, "computeBTraining"), formatFlops(2 * whole));
        QCOMPARE(text(dialog, "computeBTrainingPaper"), formatFlops(2 * 3.7e20));
    }

    void everythingIsCopiedAsCsv() {
        const ComputeDialog dialog;
        dialog.findChild<QPushButton*>("computeCopy")->click();
        const QStringList lines = QApplication::clipboard()->text().split(u'\n', Qt::SkipEmptyParts);
        QCOMPARE(lines.size(), 1 + 6 + 9 + 7); // a header, and each shape's terms and sum
        const auto columns = lines.front().count(u',');
        for (const QString& line : lines) {
            QString bare = line; // no name holds a quotation mark, but formulas have commas of their own
            bare.remove(QRegularExpression("\"[^\"]*\""));
            QCOMPARE(bare.count(u','), columns);
        }
        QVERIFY(lines[6].startsWith("\"Transformer-S\",\"autoregressive\",\"all\",,"));
        QVERIFY(lines[6].endsWith(",281000000,440000000,6.6e+20"));
    }

    void theWindowOpensItByKeysAndButtonsAndOnce() {
        WindowOfFakes window;
        window.open();
        window.click("openCalculator");
        auto* dialog = window->findChild<QWidget*>("computeDialog");
        QVERIFY(dialog && dialog->isVisible());
        window.find<QAction>("computeAction")->trigger();
        QCOMPARE(window->findChildren<QWidget*>("computeDialog").size(), 1);
        dialog->close();
        window.find<QAction>("goToAnalyse")->trigger();
        window.click("analyseCalculator");
        QTRY_VERIFY(window->findChild<QWidget*>("computeDialog"));
    }
};

QTEST_MAIN(ComputeDialogTest)
#include "compute_dialog_test.moc"
